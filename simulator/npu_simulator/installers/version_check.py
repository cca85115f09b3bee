# SPDX-License-Identifier: GPL-3.0-or-later
"""The version check that the driver runs on `--check` and before it installs (ver_check.sh)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from npu_simulator.installers.session import HdkVoice


def check_versions(voice: HdkVoice) -> None:
    """Say what the check says on a host without the amct_acl package (transcript driver-run/910B/004)."""
    voice.report("[INFO]amct_acl is not installed, does not need to check.")

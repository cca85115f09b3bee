# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of CANN's Python interface `acl`: just enough to see that the toolkit is in the environment."""

from __future__ import annotations

import json
from pathlib import Path

_STATE = Path("/var/lib/npu-simulator/state.json")
_NO_DEVICE = 107002


def init() -> int:
    """Return 0 when a driver runs on this node, else an ACL error code."""
    return 0 if _state()["running"]["driver"] else _NO_DEVICE


def get_soc_name() -> str:
    """Return the name of the chips, as CANN spells it."""
    return f"Ascend{_state()['npus'][0]['name']}"


def _state() -> dict:
    return json.loads(_STATE.read_text(encoding="utf-8"))

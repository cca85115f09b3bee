# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the checkout importable as the collection it is."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = ROOT / ".ansible/collections/ansible_collections/ascend/fleet"

if not LINK.exists():
    LINK.parent.mkdir(parents=True, exist_ok=True)
    LINK.symlink_to("../../../..")
sys.path[:0] = [str(ROOT / ".ansible/collections"), str(ROOT / "simulator"), str(ROOT / "tests")]

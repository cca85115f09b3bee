# SPDX-License-Identifier: GPL-3.0-or-later
"""Run catalog_pages.py with the collection where Python finds it: write_pages.py [--check]."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / ".ansible/collections"), str(ROOT / "tools")]
runpy.run_module("catalog_pages", run_name="__main__")

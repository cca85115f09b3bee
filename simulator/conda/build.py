# SPDX-License-Identifier: GPL-3.0-or-later
"""Run conda/command.py: build.py --output DIR."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
runpy.run_module("conda.command", run_name="__main__")

# SPDX-License-Identifier: GPL-3.0-or-later
"""Run command.py: `.venv/bin/python tests/bench [--nodes 8] [--json FILE]`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:1] = [str(ROOT / place) for place in ("tests", "simulator", ".ansible/collections")]

if __name__ == "__main__":
    from bench.command import main

    sys.exit(main(sys.argv[1:]))

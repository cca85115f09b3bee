# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the kernels that Jupyter finds, and the variables that the node gives to services.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
import pwd
from pathlib import Path
from typing import Any

# Where jupyter_client looks beside the environments themselves (jupyter_core.paths).
EVERYBODY = Path("/usr/local/share/jupyter/kernels")
OWN = Path(".local/share/jupyter/kernels")


def read_kernel(name: str, user: str) -> dict[str, Any]:
    """Return C(name, user, path, spec) of a kernel; C(spec) is None without one, empty when it is no JSON.

    ``user`` is empty for the kernels of everybody. Raises KeyError for a user that the host does not know,
    OSError when the file may not be read.
    """
    folder = Path(pwd.getpwnam(user).pw_dir) / OWN if user else EVERYBODY
    file = folder / name / "kernel.json"
    return {"name": name, "user": user, "path": str(file), "spec": read_spec(file)}


def read_spec(file: Path) -> dict[str, Any] | None:
    """Return the content of a kernel.json."""
    if not file.is_file():
        return None
    try:
        spec = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return spec if isinstance(spec, dict) else {}


def read_variables(file: str) -> dict[str, str]:
    """Return the variables of a file of lines C(NAME=value), as systemd reads one; none without a file."""
    path = Path(file)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}

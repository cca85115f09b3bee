# SPDX-License-Identifier: GPL-3.0-or-later
"""What pip on this machine is set to, and what its index has."""

from __future__ import annotations

import re
import subprocess
import sys

from packaging.version import Version

LIMIT = 300  # seconds
_VERSIONS = re.compile(r"^Available versions: (.*)$", re.MULTILINE)
_ABSENT = "No matching distribution found"


def setting(name: str) -> str:
    """Return what pip is set to, wherever that is; a variable of the environment wins, as it does for pip."""
    keys = (f":env:.{name}", f"install.{name}", f"global.{name}")
    asked = (_pip("config", "get", key) for key in keys)
    return next((one.stdout.strip() for one in asked if one.returncode == 0), "")


def versions(project: str) -> list[Version]:
    """Return the versions of a project for this machine, newest first, or none that the index says it lacks.

    Raises RuntimeError with pip's words when the index does not answer.
    """
    asked = _pip("index", "versions", project)
    found = _VERSIONS.search(asked.stdout)
    if found:
        return [Version(one.strip()) for one in found[1].split(",")]
    if _ABSENT in asked.stderr and "Retrying" not in asked.stderr:
        return []
    raise RuntimeError(f"the index that pip is set to does not say its versions of {project}: {asked.stderr}")


def pair(torches: list[Version], adapters: list[Version]) -> tuple[Version, Version] | None:
    """Return the newest torch_npu for which there is a torch, one that was built for the CPU if possible.

    On x86_64 the torch of PyPI wants some gigabytes of libraries for GPUs of another vendor.
    """
    both = [
        (torch, adapter)
        for adapter in sorted(adapters, reverse=True)
        for torch in sorted(torches, reverse=True)
        if torch.release == adapter.release
    ]
    return next((one for one in both if one[0].local == "cpu"), both[0] if both else None)


def _pip(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", *words, "--disable-pip-version-check"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)

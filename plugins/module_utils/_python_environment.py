# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a conda or venv environment from its files, without starting its interpreter.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import glob
import json
import re
import zipfile
from pathlib import Path
from typing import Any

_INTERPRETER_NAME = re.compile(r"python(\d+\.\d+)$")
_SEPARATORS = re.compile(r"[-_.]+")


def read_environment(prefix: str) -> dict[str, Any]:
    """Return ``path, real_path, exists, manager, python, packages, conda_packages`` of what is at ``prefix``.

    An empty directory does not count as existing, because both managers create into it. A broken environment
    has ``python`` None and no packages. Raises OSError when something there may not be read.
    """
    root = Path(prefix)
    python = environment_python(root)
    return {
        "path": prefix,
        "real_path": str(root.resolve()),
        "exists": root.is_symlink() or root.is_file() or (root.is_dir() and any(root.iterdir())),
        "manager": environment_manager(root),
        "python": python,
        "packages": environment_packages(root, python) if python else [],
        "conda_packages": conda_packages(root),
    }


def environment_manager(root: Path) -> str | None:
    """Tell what made the environment: C(conda), C(venv), or None when it is no environment."""
    if (root / "conda-meta").is_dir():
        return "conda"
    return "venv" if (root / "pyvenv.cfg").is_file() else None


def environment_python(root: Path) -> str | None:
    """Return the version of the interpreter, or None when there is none that could start."""
    conda = environment_manager(root) == "conda"
    recorded = conda_package(root, "python") if conda else venv_python(root)
    interpreter = root / "bin/python"
    if recorded is None or not interpreter.is_file():
        return None
    named = _INTERPRETER_NAME.match(interpreter.resolve().name)
    if named and named[1] != major_minor(recorded):
        return None
    return recorded


def read_conda(prefix: str) -> dict[str, Any] | None:
    """Return ``version, complete`` of the conda that is installed in ``prefix``; None without one."""
    root = Path(prefix)
    environment = read_environment(prefix)
    if not environment["exists"]:
        return None
    conda = environment["manager"] == "conda"
    return {
        "version": conda_package(root, "conda") if conda else None,
        "complete": conda and environment["python"] is not None and (root / "bin/conda").is_file(),
    }


def conda_package(root: Path, name: str) -> str | None:
    """Return the version of the package ``name`` that conda recorded."""
    for record in sorted((root / "conda-meta").glob(f"{name}-[0-9]*.json")):
        try:
            found = json.loads(record.read_text(encoding="utf-8"))
        except ValueError:
            return None  # cut off while conda wrote it: a broken environment
        if found.get("name") == name:
            return str(found["version"])
    return None


def conda_packages(root: Path) -> list[dict[str, str]]:
    """Return ``name, version, build`` of what conda installed, out of the names of its records.

    A record is called C(name-version-build.json), and only a name may hold dashes (the manual of conda).
    """
    parts = [file.name[: -len(".json")].rsplit("-", 2) for file in (root / "conda-meta").glob("*-*-*.json")]
    return [{"name": name, "version": version, "build": build} for name, version, build in sorted(parts)]


def venv_python(root: Path) -> str | None:
    """Return the version that venv (C(version)) or virtualenv (C(version_info)) wrote into pyvenv.cfg."""
    configuration = root / "pyvenv.cfg"
    if not configuration.is_file():
        return None
    for line in configuration.read_text(encoding="utf-8").splitlines():
        key, _separator, value = (part.strip() for part in line.partition("="))
        if key in ("version", "version_info"):
            return ".".join(value.split(".")[:3])
    return None


def environment_packages(root: Path, python: str) -> list[dict[str, str]]:
    """Return name (normalised) and version of every installed distribution, in the order of the names.

    What an interrupted pip leaves (a folder whose name begins with C(~), or one without METADATA) is no
    installed distribution.
    """
    site = root / "lib" / f"python{major_minor(python)}" / "site-packages"
    found = []
    for metadata in site.glob("*.dist-info/METADATA"):
        if not metadata.parent.name.startswith("~"):
            found.append(distribution(metadata.read_text(encoding="utf-8", errors="replace")))
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def distribution(metadata: str) -> dict[str, str]:
    """Return name and version from the head of a METADATA file (the core metadata of PyPA)."""
    head = metadata.split("\n\n", 1)[0]
    fields = dict(re.findall(r"^(Name|Version): *(.*?) *$", head, re.MULTILINE))
    return {"name": normalised(fields.get("Name", "")), "version": fields.get("Version", "")}


def read_wheels(patterns: list[str], environment: dict[str, Any]) -> list[dict[str, Any]]:
    """Return ``path, name, version, current`` of the wheels that ``patterns`` find, sorted by their paths.

    A wheel is current when the environment holds its very files: CANN gives its wheels the same version in
    every release. Raises OSError when one cannot be read, zipfile.BadZipFile when one is cut off.
    """
    found = sorted({path for pattern in patterns for path in glob.glob(pattern)})
    return [_wheel(path, environment) for path in found]


def _wheel(path: str, environment: dict[str, Any]) -> dict[str, Any]:
    name, version = Path(path).name.split("-")[:2]
    return {"path": path, "name": normalised(name), "version": version, "current": _holds(environment, path)}


def _holds(environment: dict[str, Any], path: str) -> bool:
    """Tell whether all that the RECORD of the wheel at ``path`` names was installed from it."""
    if environment["python"] is None:
        return False
    with zipfile.ZipFile(path) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        wanted = _recorded(archive.read(record).decode("utf-8"))
    library = Path(environment["path"]) / "lib" / f"python{major_minor(environment['python'])}"
    installed = library / "site-packages" / record
    return installed.is_file() and wanted <= _recorded(installed.read_text(encoding="utf-8"))


def _recorded(record: str) -> set[str]:
    """Return name and checksum of the files of a RECORD; what has no checksum is RECORD itself."""
    lines = (line.rsplit(",", 2) for line in record.splitlines() if line)
    return {f"{name},{checksum}" for name, checksum, _size in lines if checksum}


def normalised(name: str) -> str:
    """Return the name of a distribution as PyPI compares it: ``Torch_NPU`` becomes ``torch-npu``."""
    return _SEPARATORS.sub("-", name).lower()


def major_minor(version: str) -> str:
    """Return the first two numbers of a Python version."""
    return ".".join(version.split(".")[:2])

# SPDX-License-Identifier: GPL-3.0-or-later
"""One environment: which packages it records, and how packages get into it.

It is as conda leaves it: packages linked from `pkgs`, its Python and the standard library too, programs in
`bin`, records and history in `conda-meta`. To pip it is no virtual environment.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, Iterator

from conda.program.relocation import relocated

if TYPE_CHECKING:
    from conda.program.packages import Package

META = "conda-meta"
HISTORY = f"{META}/history"
SITE_PACKAGES = "site-packages"
_PROGRAM = """#!{python}
import sys

from {module} import {function}

sys.exit({function}())
"""


@dataclass(frozen=True)
class Environment:
    """The environment in the folder ``prefix``, whether or not it is there."""

    prefix: Path

    @property
    def exists(self) -> bool:
        """Tell whether conda takes the folder for an environment."""
        return (self.prefix / HISTORY).is_file()

    @property
    def python(self) -> str | None:
        """Return major and minor version of its Python, such as `3.9`."""
        return next((".".join(one["version"].split(".")[:2]) for one in self.records("python")), None)

    def records(self, name: str = "*") -> list[dict[str, Any]]:
        """Return the records of the packages that conda installed, or of the one named ``name``."""
        files = sorted((self.prefix / META).glob(f"{name}-[0-9]*.json"))
        records = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return [one for one in records if name in ("*", one["name"])]

    def pip_packages(self) -> list[tuple[str, str]]:
        """Return name and version of what pip has installed."""
        found = []
        for metadata in (self.prefix / "lib").glob(f"python*/{SITE_PACKAGES}/*.dist-info/METADATA"):
            installer = metadata.with_name("INSTALLER")
            if not installer.is_file() or installer.read_text(encoding="utf-8").strip() != "conda":
                fields = dict(_head(metadata))
                found.append((fields["Name"], fields["Version"]))
        return sorted(found)

    def install(self, packages: Iterable[Package], specs: list[str], command: str, conda: str) -> None:
        """Link ``packages``, in place of other versions of them, and write it into the history."""
        (self.prefix / META).mkdir(parents=True, exist_ok=True)
        ordered = sorted(packages, key=lambda one: (one.name != "python", one.name))
        for package in ordered:
            for record in self.records(package.name):
                self._remove(record)
            files = sorted(self._link(package))
            self._record(package, files, specs)
        lines = [f"+{one.record['channel']}/{one.record['subdir']}::{one.dist}" for one in ordered]
        self._write_history([f"# cmd: {command}", f"# conda version: {conda}", *lines], specs)

    def _write_history(self, lines: list[str], specs: list[str]) -> None:
        stamp = time.strftime("==> %Y-%m-%d %H:%M:%S <==")
        last = [f"# update specs: {specs}"] if specs else []
        with (self.prefix / HISTORY).open("a", encoding="utf-8") as history:
            history.write("\n".join([stamp, *lines, *last]) + "\n")

    def _record(self, package: Package, files: list[str], specs: list[str]) -> None:
        requested = [one for one in specs if one.startswith(package.name)]
        link = {"source": str(package.folder), "type": 1}
        record = {**package.record, "files": files, "link": link, "fn": f"{package.dist}.conda"}
        record["requested_spec"] = requested[0] if requested else "None"
        file = self.prefix / META / f"{package.dist}.json"
        file.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    def _remove(self, record: dict[str, Any]) -> None:
        """Remove the files of a package that is about to be replaced."""
        for name in record["files"]:
            file = self.prefix / name
            if file.is_symlink() or file.is_file():
                file.unlink()
        dist = f"{record['name']}-{record['version']}-{record['build']}"
        (self.prefix / META / f"{dist}.json").unlink()

    def _link(self, package: Package) -> Iterator[str]:
        """Bring the files of ``package`` into the environment and give their names below the prefix."""
        site = f"lib/python{self.python}/{SITE_PACKAGES}"
        for source in sorted(one for one in package.folder.rglob("*") if one.is_file()):
            path = source.relative_to(package.folder)
            if path.parts[0] == "info":
                continue
            parts = (site, *path.parts[1:]) if path.parts[0] == SITE_PACKAGES else path.parts
            name = os.path.join(*parts)
            self._link_file(package, path, self._place(name))
            yield name
        for entry in package.record.get("entry_points", []):
            yield self._write_program(entry)
        if package.name == "python":
            yield from self._name_python(package)

    def _link_file(self, package: Package, path: Path, target: Path) -> None:
        source = package.folder / path
        if str(path) in package.record.get("has_prefix", []):
            target.write_bytes(
                relocated(source.read_bytes(), package.record["placeholder"], str(self.prefix))
            )
            target.chmod(source.stat().st_mode & 0o777)
            return
        try:
            os.link(source, target)
        except OSError:  # another file system: conda copies then, too
            shutil.copy2(source, target)

    def _name_python(self, package: Package) -> Iterator[str]:
        """Give the interpreter its shorter names, and what pip installs a place."""
        version = ".".join(package.version.split(".")[:2])
        for name in ("python", f"python{version[0]}"):
            self._place(f"bin/{name}").symlink_to(f"python{version}")
            yield f"bin/{name}"
        (self.prefix / f"lib/python{version}/{SITE_PACKAGES}").mkdir(parents=True, exist_ok=True)

    def _write_program(self, entry: str) -> str:
        """Write the program of an entry point `name = module:function`."""
        name, target = (word.strip() for word in entry.split("="))
        module, function = target.split(":")
        file = self._place(f"bin/{name}")
        python = self.prefix / f"bin/python{self.python}"
        file.write_text(_PROGRAM.format(python=python, module=module, function=function), encoding="utf-8")
        file.chmod(0o755)
        return f"bin/{name}"

    def _place(self, name: str) -> Path:
        """Return where the file ``name`` belongs, with its folder made and nothing in its way."""
        file = self.prefix / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink() or file.exists():
            file.unlink()
        return file


def _head(metadata: Path) -> Iterator[tuple[str, str]]:
    """Give the fields of the core metadata of a distribution."""
    for line in metadata.read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0].splitlines():
        key, colon, value = line.partition(":")
        if colon:
            yield key, value.strip()

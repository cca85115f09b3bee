# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the folders of the packages that the installer brings: `name-version-build`, each with its record."""

from __future__ import annotations

import configparser
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conda.cached import checksum
from conda.program.packages import INDEX, dist_name
from conda.program.relocation import PLACEHOLDER

if TYPE_CHECKING:
    from conda.cached import Cache
    from conda.interpreter import Interpreter

HERE = Path(__file__).parent
PROGRAM = HERE / "program"
SHELL_FILES = {"activate.sh": "bin/activate", "conda.sh": "etc/profile.d/conda.sh"}
_NOT_NEEDED = ("tests", "test")
_PLATFORM = "linux-aarch64"  # what the nodes say they are, whatever this machine is


@dataclass(frozen=True)
class PackageTree:
    """The folder ``folder`` of packages of one channel."""

    folder: Path
    channel: str

    def add_python(self, interpreter: Interpreter, cache: Cache) -> str:
        """Add a Python and return its dist name."""
        stage = self.folder / interpreter.suite
        version = interpreter.unpack(cache, stage)
        build = f"h{checksum(interpreter.recipe, version)[:7]}_0_cpython"
        record = self._record("python", version, build, ["pip"])
        program = f"bin/python{'.'.join(version.split('.')[:2])}"
        if interpreter.own_libc:
            record["placeholder"], record["programs_with_prefix"] = PLACEHOLDER, [program]
        return self._finish(stage, record)

    def add_wheel(self, name: str, version: str, depends: list[str], cache: Cache) -> str:
        """Add a distribution of pure Python and return its dist name."""
        stage = self.folder / name
        site = stage / "site-packages"
        with zipfile.ZipFile(cache.wheel(name, version)) as wheel:
            for member in wheel.namelist():
                if not member.endswith(".exe") and not set(member.split("/")) & set(_NOT_NEEDED):
                    wheel.extract(member, site)
        information = next(site.glob("*.dist-info"))
        (information / "INSTALLER").write_text("conda\n", encoding="ascii")
        with (information / "RECORD").open("a", encoding="utf-8") as files:
            files.write(f"{information.name}/INSTALLER,,\n")  # so that pip can take all of it away
        record = {**self._record(name, version, "pyhd8ed1ab_0", depends), "subdir": "noarch"}
        record["noarch"], record["entry_points"] = "python", _entry_points(information)
        return self._finish(stage, record)

    def add_conda(self, version: str, depends: list[str]) -> str:
        """Add conda itself and return its dist name."""
        stage = self.folder / "conda"
        target = stage / "site-packages/conda/program"
        target.mkdir(parents=True)
        for file in sorted(PROGRAM.glob("*.py")):
            shutil.copyfile(file, target / file.name)
        for source, name in SHELL_FILES.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            text = (HERE / source).read_text(encoding="utf-8")
            (stage / name).write_text(text.replace("@PREFIX@", PLACEHOLDER), encoding="utf-8")
        record = self._record("conda", version, f"h{program_checksum()[:7]}_0", depends)
        record["placeholder"], record["has_prefix"] = PLACEHOLDER, sorted(SHELL_FILES.values())
        record["entry_points"] = ["conda = conda.program.command:script"]
        return self._finish(stage, record)

    def _record(self, name: str, version: str, build: str, depends: list[str]) -> dict[str, Any]:
        return {
            "name": name,
            "version": version,
            "build": build,
            "build_number": 0,
            "channel": self.channel,
            "subdir": _PLATFORM,
            "depends": depends,
        }

    def _finish(self, stage: Path, record: dict[str, Any]) -> str:
        (stage / INDEX).parent.mkdir()
        (stage / INDEX).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        dist = dist_name(record)
        stage.rename(self.folder / dist)
        return dist


def program_checksum() -> str:
    """Return a checksum of the stand-in of conda."""
    files = [*sorted(PROGRAM.glob("*.py")), *(HERE / name for name in SHELL_FILES)]
    return checksum(*(file.read_text(encoding="utf-8") for file in files))


def _entry_points(information: Path) -> list[str]:
    """Return the programs of a distribution, `name = module:function` (entry points specification)."""
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read(information / "entry_points.txt", encoding="utf-8")
    programs = parser["console_scripts"].items() if parser.has_section("console_scripts") else ()
    return [f"{name} = {target}" for name, target in programs]

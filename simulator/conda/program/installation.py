# SPDX-License-Identifier: GPL-3.0-or-later
"""One installation of conda: its base environment, its packages, and the environments that it knows."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conda.program.environment import Environment
from conda.program.errors import CondaValueError, NoEnvironmentError
from conda.program.packages import Package, brought

if TYPE_CHECKING:
    import argparse

BASE = "base"
_SUBDIRS = {"x86_64": "linux-64"}
_NOT_IN_NAMES = ("/", " ", ":", "#")


def home() -> Path:
    """Return the home folder of the caller."""
    return Path(os.path.expanduser("~"))


def subdir() -> str:
    """Return conda's name of this platform."""
    machine = platform.machine()
    return _SUBDIRS.get(machine, f"linux-{machine}")


@dataclass(frozen=True)
class Installation:
    """The installation in the folder ``root``."""

    root: Path

    @property
    def version(self) -> str:
        """Return the version of conda."""
        return str(Environment(self.root).records("conda")[0]["version"])

    @property
    def packages(self) -> list[Package]:
        """Return the packages that the installation has brought along."""
        return [one for one in brought(self.root / "pkgs") if "url" not in one.record]

    @property
    def channels(self) -> list[str]:
        """Return the channels that conda asks when the caller names none."""
        return sorted({str(package.record["channel"]) for package in self.packages})

    @property
    def folders(self) -> list[Path]:
        """Return the folders of named environments."""
        return [self.root / "envs", home() / ".conda/envs"]

    @property
    def registry(self) -> Path:
        """Return the file in which conda notes where the caller's environments are."""
        return home() / ".conda/environments.txt"

    def environments(self) -> list[Environment]:
        """Return the base environment and all others that conda knows."""
        noted = self.registry.read_text(encoding="utf-8").split("\n") if self.registry.is_file() else []
        places = [child for folder in self.folders if folder.is_dir() for child in sorted(folder.iterdir())]
        others = sorted({*places, *(Path(line) for line in noted if line)} - {self.root})
        return [one for one in map(Environment, [self.root, *others]) if one.exists]

    def register(self, environment: Environment) -> None:
        """Note that the environment is there."""
        self._note([*self._noted(), str(environment.prefix)])

    def unregister(self, environment: Environment) -> None:
        """Note that the environment is gone."""
        self._note([line for line in self._noted() if line != str(environment.prefix)])

    def _noted(self) -> list[str]:
        text = self.registry.read_text(encoding="utf-8") if self.registry.is_file() else ""
        return [line for line in text.splitlines() if line]

    def _note(self, lines: list[str]) -> None:
        self.registry.parent.mkdir(parents=True, exist_ok=True)
        self.registry.write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)), encoding="utf-8")

    def name_of(self, environment: Environment) -> str:
        """Return the name of an environment; it is empty when only its folder names it."""
        if environment.prefix == self.root:
            return BASE
        return environment.prefix.name if environment.prefix.parent in self.folders else ""

    def meant(self, options: argparse.Namespace) -> Environment:
        """Return the environment that ``-n``, ``-p`` or the active one mean, whether or not it is there."""
        if options.prefix:
            return Environment(Path(os.path.abspath(os.path.expanduser(options.prefix))))
        if options.name:
            return self._named(options.name)
        return Environment(Path(os.environ.get("CONDA_PREFIX", self.root)))

    def _named(self, name: str) -> Environment:
        if name == BASE:
            return Environment(self.root)
        if any(character in name for character in _NOT_IN_NAMES):
            raise CondaValueError(
                f"Invalid environment name: {name!r}\n  Characters not allowed: {_NOT_IN_NAMES}\n"
                "  If you are specifying a path to an environment, the `-p`\n"
                "  flag should be used instead.\n\n"
            )
        known = [folder for folder in self.folders if (folder / name).is_dir()]
        writable = [folder for folder in self.folders if may_write(folder)]
        return Environment([*known, *writable, *self.folders][0] / name)

    def existing(self, options: argparse.Namespace) -> Environment:
        """Return the environment that the options mean. Raises NoEnvironmentError when it is not there."""
        environment = self.meant(options)
        if not environment.exists:
            raise NoEnvironmentError(str(environment.prefix))
        return environment


def may_write(path: Path) -> bool:
    """Tell whether the caller may make ``path``, or write into it when it is there."""
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    return os.access(nearest, os.W_OK)

# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of Miniforge's installer: arguments, order and words of constructor 3.13 (header.sh)."""

from __future__ import annotations

import getopt
import importlib
import json
import os
import shutil
import sys
import tarfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Sequence, TextIO

from conda.program.environment import Environment
from conda.program.packages import Package, brought
from conda.program.relocation import settle
from conda.program.simulator import logged, simulated_node

ARCHIVE = "packages.tar.xz"
DESCRIPTION = "installer.json"
_SHORT_OPTIONS = "bifhkp:smu"
_MEGABYTE = 1024 * 1024
_USAGE = """
usage: {file} [options]

Installs {name} {version}
-b           run install in batch mode (without manual intervention),
             it is expected the license terms (if any) are agreed upon
-f           no error if install prefix already exists
-h           print this help message and exit
-p PREFIX    install prefix, defaults to {prefix}, must not contain spaces.
-s           skip running pre/post-link/install scripts
-m           disable the creation of menu items / shortcuts
-u           update an existing installation

"""
_LICENSE = """
In order to continue the installation process, please review the license
agreement.
Please, press ENTER to continue
>>> """
_LICENSE_TEXT = """
The Python interpreters are Debian's, pip, setuptools and wheel are PyPI's, under their own licenses.
The rest is part of ascend.fleet, GPL-3.0-or-later.

Do you accept the license terms? [yes|no]
>>> """
_LOCATION = """
{name} will now be installed into this location:
{prefix}

  - Press ENTER to confirm the location
  - Press CTRL-C to abort the installation
  - Or specify a different location below

[{prefix}] >>> """


class Ended(SystemExit):
    """The installer ends here; ``code`` is its exit status."""


@dataclass
class Installer:
    """One run of the installer in the file ``file``; a zip archive is appended to it."""

    file: Path
    streams: tuple[TextIO, TextIO, TextIO]

    def __post_init__(self) -> None:
        """Read what the installer brings."""
        with zipfile.ZipFile(self.file) as content:
            self.description: dict[str, Any] = json.loads(content.read(DESCRIPTION))
        self.prefix = os.path.join(os.environ.get("HOME", "/opt"), "miniforge3")
        self.flags: set[str] = set()
        self.node = simulated_node()

    def run(self, words: Sequence[str]) -> int:
        """Install as ``words`` say, and return the exit status."""
        try:
            self._check_system()
            self._read(words)
            if "-b" not in self.flags:
                self._ask()
            self._install(Path(self._claim()))
        except Ended as end:
            return int(str(end.code))
        return 0

    def _read(self, words: Sequence[str]) -> None:
        try:
            pairs, _rest = getopt.getopt(list(words), _SHORT_OPTIONS)
        except getopt.GetoptError as error:
            reason = "option requires an argument" if "requires" in error.msg else "illegal option"
            self._complain(f"{self.file}: {reason} -- {error.opt}")
            raise self._end("ERROR: did not recognize option '?', please try -h", 1) from error
        for flag, value in pairs:
            self.flags.add(flag)
            self.prefix = value if flag == "-p" else self.prefix
        if "-h" in self.flags:
            raise self._end(_USAGE.format(file=self.file, prefix=self.prefix, **self.description), 2)

    def _check_system(self) -> None:
        if self._struck("installer_fails"):
            raise self._end("Installer requires GLIBC >=2.28, but system has 2.17.", 1)

    def _ask(self) -> None:
        """Ask what the interactive mode asks before it installs."""
        self._say("\nWelcome to {name} {version}".format(**self.description))
        self._answer(_LICENSE)
        accepted = self._answer(_LICENSE_TEXT).upper()
        while accepted not in ("YES", "NO"):
            accepted = self._answer("Please answer 'yes' or 'no':\n>>> ").upper()
        if accepted == "NO":
            raise self._end("The license agreement wasn't approved, aborting installation.", 2)
        question = _LOCATION.format(prefix=self.prefix, **self.description)
        self.prefix = os.path.expanduser(self._answer(question)) or self.prefix

    def _claim(self) -> str:
        """Make the folder and return its absolute name."""
        if " " in self.prefix:
            raise self._refuse("ERROR: Cannot install into directories with spaces")
        if os.path.lexists(self.prefix) and not self.flags & {"-u", "-f"}:
            raise self._refuse(
                f"ERROR: File or directory already exists: '{self.prefix}'\n"
                "If you want to update an existing installation, use the -u option."
            )
        needed = self.description["megabytes"]
        try:
            os.makedirs(self.prefix, exist_ok=True)
        except OSError as error:
            self._complain(f"mkdir: cannot create directory '{self.prefix}': {error.strerror}")
            raise self._refuse(
                f"ERROR: Could not create directory: '{self.prefix}'.\n"
                f"Check permissions and available disk space ({needed} MB needed)."
            ) from error
        free = 0 if self._struck("disk_full") else shutil.disk_usage(self.prefix).free // _MEGABYTE - 50
        if free < needed:
            raise self._refuse(
                f"ERROR: Not enough free disk space. Only {free} MB are available, but {needed} MB are "
                "required (leaving a 50 MB buffer)."
            )
        return os.path.realpath(self.prefix)

    def _install(self, prefix: Path) -> None:
        """Unpack the packages, and link those of the base environment."""
        self._say(f"PREFIX={prefix}\nUnpacking bootstrapper...\nUnpacking payload...")
        while self._struck("installer_hangs"):
            time.sleep(1)
        self._reach("begin")
        self._wait(0.5)
        if not self._struck("installer_lies"):
            self._unpack(prefix)
        self._reach("files")
        if self._struck("installer_half"):
            raise Ended(1)
        self._say("\nInstalling base environment...\n\nPreparing transaction: ...working... done")
        self._wait(0.5)
        if not self._struck("installer_lies"):
            self._make_base(prefix)
        self._reach("end")
        self._say("Executing transaction: ...working... done\ninstallation finished.")
        if "-b" not in self.flags:
            self._say("Thank you for installing {name}!".format(**self.description))

    def _unpack(self, prefix: Path) -> None:
        """Put the packages into `pkgs`, each at once, because environments may be using older ones."""
        stage, cache = prefix / "install_tmp", prefix / "pkgs"
        shutil.rmtree(stage, ignore_errors=True)
        with zipfile.ZipFile(self.file) as content, content.open(ARCHIVE) as stream:
            _extract(stream, stage)
        cache.mkdir(exist_ok=True)
        for package in brought(stage):
            target = cache / package.dist
            settle(package.folder, package.record, target)
            if target.exists():
                shutil.rmtree(target)
            package.folder.replace(target)
        shutil.rmtree(stage)

    def _make_base(self, prefix: Path) -> None:
        names = self.description["base"]
        packages: list[Package] = [one for one in brought(prefix / "pkgs") if one.dist in names]
        version = next(one.version for one in packages if one.name == "conda")
        Environment(prefix).install(packages, [], f"constructor -p {prefix}", version)
        (prefix / "envs").mkdir(exist_ok=True)
        channels = "".join(f"  - {name}\n" for name in sorted({one.record["channel"] for one in packages}))
        (prefix / ".condarc").write_text(f"channels:\n{channels}", encoding="utf-8")

    def _struck(self, fault: str) -> bool:
        """Tell whether the node's fault ``fault`` names conda."""
        return self.node is not None and "conda" in (self.node.read()["faults"].get(fault) or [])

    def _reach(self, stage: str) -> None:
        """Come to a stage at which the node's faults may cut the power."""
        if self.node is not None:
            importlib.import_module("npu_simulator.power").reach(self.node, "conda", stage)

    def _wait(self, share: float) -> None:
        """Let ``share`` of the time pass that the node's state gives the installation of conda."""
        if self.node is not None:
            time.sleep(self.node.read()["seconds"].get("conda", 0) * share)

    def _answer(self, question: str) -> str:
        self.streams[1].write(question)
        self.streams[1].flush()
        line = self.streams[0].readline()
        if not line:
            raise Ended(1)  # `read` fails at the end of stdin, and the shell has `set -e`
        return line.strip()

    def _say(self, text: str) -> None:
        self.streams[1].write(f"{text}\n")
        self.streams[1].flush()

    def _complain(self, text: str) -> None:
        self.streams[2].write(f"{text}\n")
        self.streams[2].flush()

    def _end(self, text: str, status: int) -> Ended:
        self._say(text)
        return Ended(status)

    def _refuse(self, text: str) -> Ended:
        self._complain(text)
        return Ended(1)


def _extract(stream: IO[bytes], folder: Path) -> None:
    with tarfile.open(fileobj=stream, mode="r|xz") as archive:
        archive.extractall(folder)


def main() -> int:
    """Run as the zip archive that Python was started with, and log the call."""
    file, words = Path(sys.argv[0]), sys.argv[1:]
    with logged(file.name, words) as call:
        call.status = Installer(file, (sys.stdin, sys.stdout, sys.stderr)).run(words)
    return call.status

# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a Python that runs on every node: that of a node image, with its libraries beside it."""

from __future__ import annotations

import platform
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import node_images
from conda.cached import Cache, checksum
from conda.program.relocation import PLACEHOLDER
from docker_engine import DockerError, docker

COLLECTOR = Path(__file__).with_name("collector.py")
SITE_CUSTOMIZATION = Path(__file__).resolve().parents[1] / "node/sitecustomize.py"
# pip has a switch for those who distribute Python (pip/_internal/locations/__init__.py): without distutils,
# which Debian packs apart, pip can only find its places with sysconfig.
_PIP_SWITCH = "\n_PIP_USE_SYSCONFIG = True\n"
# Debian's Python has `site-packages` in virtual environments only, conda's everywhere. The module site is
# frozen into the program; what it leaves out is added by the customization that it calls.
_VIRTUAL_ONLY, _EVERYWHERE = "sys.base_prefix != sys.prefix", "True"
_SITE_PACKAGES = """
import site
import sys


def _site_packages(prefixes=None):
    version = "%d.%d" % sys.version_info[:2]
    return [f"{one}/lib/python{version}/site-packages" for one in dict.fromkeys(prefixes or site.PREFIXES)]


if sys.prefix == sys.base_prefix:
    site.getsitepackages = _site_packages
    for _folder in _site_packages():
        site.addsitedir(_folder)
"""


@dataclass(frozen=True)
class Interpreter:
    """The Python of the Debian release ``suite``; with ``own_libc`` it brings its C library as well."""

    suite: str
    own_libc: bool

    @property
    def recipe(self) -> str:
        """Return a checksum of what it is made from, except for Debian's own updates."""
        image = next(recipe for recipe in node_images.recipes() if recipe.suite == self.suite)
        return checksum(
            COLLECTOR.read_text(encoding="utf-8"),
            self.suite,
            self.own_libc,
            platform.machine(),
            image.packages,
        )

    def unpack(self, cache: Cache, folder: Path) -> str:
        """Put bin and lib of it into ``folder``, ready to run from anywhere, and return its version.

        Raises DockerError where there is no image to take it from.
        """
        with tarfile.open(self._archive(cache)) as archive:
            archive.extractall(folder)
        version = (folder / "version").read_text(encoding="ascii").strip()
        (folder / "version").unlink()
        library = next((folder / "lib").glob("python3.*"))
        text = SITE_CUSTOMIZATION.read_text(encoding="utf-8")
        (library / SITE_CUSTOMIZATION.name).write_text(text + _SITE_PACKAGES, encoding="utf-8")
        text = (library / "sysconfig.py").read_text(encoding="utf-8")
        text = text.replace(_VIRTUAL_ONLY, _EVERYWHERE) + _PIP_SWITCH
        (library / "sysconfig.py").write_text(text, encoding="utf-8")
        self._patch(cache.patchelf(), folder / "bin" / library.name)
        return version

    def _archive(self, cache: Cache) -> Path:
        file = cache.folder / f"python-{self.suite}-{self.recipe[:16]}.tar"
        if not file.exists():
            self._collect(file)
        return file

    def _collect(self, file: Path) -> None:
        image = f"ascend-fleet/node:{self.suite}"
        if not docker("images", "--quiet", image):
            raise DockerError(f"found no image {image} to take a Python from: run make setup")
        part = file.with_suffix(".part")
        words = [f"/out/{part.name}", *(["own-libc"] if self.own_libc else [])]
        place = ["--volume", f"{file.parent}:/out", "--entrypoint", "python3"]
        docker(
            "run", "--rm", "--interactive", "--network=none", *place, image, "-", *words,
            data=COLLECTOR.read_bytes(),
        )  # fmt: skip
        part.replace(file)

    def _patch(self, patchelf: Path, program: Path) -> None:
        """Let ``program`` find its libraries beside it, and its own C library's loader if it has one."""
        changes = ["--force-rpath", "--set-rpath", "$ORIGIN/../lib"]
        if self.own_libc:
            loader = subprocess.run(
                [patchelf, "--print-interpreter", program], check=True, capture_output=True, text=True
            )
            changes += ["--set-interpreter", f"{PLACEHOLDER}/lib/{Path(loader.stdout.strip()).name}"]
        subprocess.run([patchelf, *changes, program], check=True)

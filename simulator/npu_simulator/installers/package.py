# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated `.run` file carries: one small JSON file that says what it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

PACKAGE_FILE = "package.json"
CANN_PARTS = ("toolkit", "kernels", "ops", "nnae", "nnrt", "nnal", "tfplugin", "toolbox")
PARTS = ("driver", "firmware", *CANN_PARTS, "docker_runtime")


class PackageError(Exception):
    """The payload directory holds no package that this simulator understands."""


@dataclass(frozen=True)
class Component:
    """One sub-package of a CANN package: its file name and the flags the outer installer gives it."""

    file: str
    flags: tuple[str, ...]
    directory: str


@dataclass(frozen=True)
class Package:
    """A simulated package.

    ``arch`` is spelled as in the file name (driver: ``x86-64``), null where the name has none.
    ``version_info`` are the lines of its version.info after ``Version=``; ``inner_version`` is the version
    that CANN's own parts carry; ``lacks`` are files that a build of the vendor's left out. ``layout`` is the
    tree of CANN, ascend-toolkit or cann; ``family`` the chip family of operators; ``kernels`` the kernel
    releases for which a driver brings finished modules.
    """

    part: str
    version: str
    file: str
    chip: str | None = None
    arch: str | None = None
    pci_devices: tuple[str, ...] = ()
    version_info: tuple[tuple[str, str], ...] = ()
    inner_version: str = ""
    install_info: tuple[tuple[str, str], ...] = ()
    components: tuple[Component, ...] = ()
    lacks: tuple[str, ...] = ()
    layout: str = "ascend-toolkit"
    family: str = ""
    kernels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the file name up to the version: Ascend-cann-toolkit."""
        return self.file.split("_", 1)[0]

    def as_part(self, part: str) -> Package:
        """Return another package of the same release, as far as it matters where it lies."""
        return replace(self, part=part)

    @property
    def stem(self) -> str:
        """Return the file name without ``.run``, as the vendor's messages name the package."""
        return self.file[: -len(".run")] if self.file.endswith(".run") else self.file

    @property
    def version_text(self) -> str:
        """Return the content of the package's version.info."""
        lines = [("Version", self.version), *self.version_info]
        return "".join(f"{key}={value}\n" for key, value in lines)


def load(directory: str) -> Package:
    """Read the package whose payload lies in ``directory``. Raises PackageError."""
    file = Path(directory, PACKAGE_FILE)
    if not file.is_file():
        raise PackageError(f"no {PACKAGE_FILE} in {directory}: found no payload of a simulated package")
    return from_mapping(json.loads(file.read_text(encoding="utf-8")))


def from_mapping(data: dict[str, Any]) -> Package:
    """Return the package that the mapping of a package.json describes. Raises PackageError."""
    if data.get("part") not in PARTS:
        raise PackageError(f"part {data.get('part')!r}, wanted one of {', '.join(PARTS)}")
    return Package(
        part=data["part"],
        version=data["version"],
        file=data["file"],
        chip=data.get("chip"),
        arch=data.get("arch"),
        pci_devices=tuple(data.get("pci_devices", ())),
        version_info=_pairs(data.get("version_info", {})),
        inner_version=data.get("inner_version", data["version"]),
        install_info=_pairs(data.get("install_info", {})),
        components=tuple(_component(one) for one in data.get("components", ())),
        lacks=tuple(data.get("lacks", ())),
        layout=data.get("layout", "ascend-toolkit"),
        family=data.get("family", ""),
        kernels=tuple(data.get("kernels", ())),
    )


def as_mapping(package: Package) -> dict[str, Any]:
    """Return the mapping from which :func:`from_mapping` makes the package again."""
    pairs = {key: dict(getattr(package, key)) for key in ("version_info", "install_info")}
    return {**asdict(package), **pairs}


def _pairs(mapping: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(mapping.items())


def _component(data: dict[str, Any]) -> Component:
    return Component(data["file"], tuple(data["flags"]), data["directory"])

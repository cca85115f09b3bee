# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the wheelhouse of the simulated racks; what is there already is left alone, and costs nothing."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from output_folder import opened
from shared_files import write_whole
from wheels import conda_package, source_archive
from wheels.package_index import PackageIndex, PackageIndexError
from wheels.wheelhouse import WheelhouseError, need, releases, target

if TYPE_CHECKING:
    from output_folder import OutputFolder
    from wheels.stand_in_wheel import StandIn
    from wheels.wheelhouse import Need

CACHE = Path(__file__).resolve().parents[2] / ".cache/wheels"
_FETCHED = "package index"


def main(words: list[str] | None = None) -> int:
    """Make what is missing; silent when there is nothing to do."""
    options = _parser().parse_args(words)
    try:
        index = PackageIndex(CACHE, target(options.arch))
        needs = [need(release) for release in options.release or releases()]
        build(needs, options.output, index)
        if options.beside:
            build_beside(needs, options.beside)
    except (WheelhouseError, PackageIndexError) as error:
        sys.stderr.write(f"wheels: {error}\n")
        return 1
    return 0


def build(needs: list[Need], output: Path, index: PackageIndex) -> None:
    """Write the wheels that ``output`` lacks. Raises PackageIndexError."""
    with opened(output) as folder:
        for one in needs:
            for stand_in in (*one.stand_ins, *one.others):
                _make(stand_in, folder)
            for requirements in one.sets():
                for wheel in index.fetch(requirements, one.python):
                    _bring(wheel, folder)


def build_beside(needs: list[Need], folder: Path) -> None:
    """Write what is no wheel: a channel of conda into ``conda``, and archives into ``sources``."""
    packages = [stand_in for one in needs for stand_in in one.conda]
    if packages:
        conda_package.write(packages, folder / "conda")
    for name in sorted({name for one in needs for name in one.sources}):
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        source_archive.write(name, folder / "sources")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wheels/build.py", description=__doc__)
    parser.add_argument(
        "--release", action="append", help="a release of the catalog; default: all with stand-ins"
    )
    parser.add_argument("--arch", default="aarch64")
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--beside", type=Path, help="where to write packages of conda, and sources")
    return parser


def _make(stand_in: StandIn, folder: OutputFolder) -> None:
    content = stand_in.content()
    sha256 = hashlib.sha256(content).hexdigest()
    if not folder.has(stand_in.file, sha256):
        write_whole(folder.path / stand_in.file, content)
        folder.note(stand_in.file, sha256, sha256)
        print(f"wheels: {stand_in.file} made")


def _bring(wheel: Path, folder: OutputFolder) -> None:
    if not folder.has(wheel.name, _FETCHED):
        content = wheel.read_bytes()
        write_whole(folder.path / wheel.name, content)
        sha256 = hashlib.sha256(content).hexdigest()
        folder.note(wheel.name, _FETCHED, sha256)
        print(f"wheels: {wheel.name} brought")


if __name__ == "__main__":
    sys.exit(main())

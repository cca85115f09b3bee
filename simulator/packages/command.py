# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the simulated packages of a release; what is there already, and is the same, is left alone."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from output_folder import opened
from packages import damage, own_catalog, run_file, zip_file
from packages.release_packages import CatalogError, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packages.run_file import Description

NEVER_ZIPPED = ("firmware", "docker_runtime")  # the firmware lies in the zip of the driver


def main(words: list[str] | None = None) -> int:
    """Make what the arguments ask for; silent when there is nothing to do."""
    options = _parser().parse_args(words)
    try:
        descriptions = [
            description
            for product in options.product
            for description in describe(options.release, product, options.arch)
        ]
    except CatalogError as error:
        sys.stderr.write(f"packages: {error}\n")
        return 1
    size = options.megabytes * run_file.MEGABYTE
    build(descriptions, options.output, size, zips=options.zip)
    for part, _equals, kind in (word.partition("=") for word in options.damage):
        _spoil(descriptions, options.output, part, kind)
    if options.catalog:
        zips = _zips(descriptions) if options.zip else {}
        own_catalog.write(options.release, options.output, zips, options.catalog)
    return 0


def build(descriptions: list[Description], output: Path, size: int = 0, *, zips: bool = False) -> None:
    """Write the packages that ``output`` lacks, and their checksums into its SHA256SUMS.

    ``zips`` makes the signed zip forms too.
    """
    with opened(output) as folder:
        for description in descriptions:
            if description.file.endswith(".run"):
                wanted = run_file.recipe(description, size)
                if not folder.has(description.file, wanted):
                    sha256 = run_file.write(description, output / description.file, size)
                    folder.note(description.file, wanted, sha256)
                    print(f"packages: {description.file} made")
        for name, content in zip_contents(descriptions, every=zips):
            wanted = zip_file.recipe(content, size)
            if not folder.has(name, wanted):
                folder.note(name, wanted, zip_file.write(content, output / name, size))
                print(f"packages: {name} made")


def zip_contents(descriptions: list[Description], *, every: bool) -> Iterator[tuple[str, list[Description]]]:
    """Tell which zips to make and of what: those that the catalog names, with ``every`` one for each package.

    Driver and firmware share one: Ascend-hdk-910b-npu_25.5.0_linux-aarch64.zip.
    """
    for one in descriptions:
        if one.file.endswith(".zip"):
            suffix = zip_file.MCU_SUFFIX if one.part == "mcu" else ".run"
            yield one.file, [replace(one, file=one.file[: -len(".zip")] + suffix)]
        elif every and one.part == "driver":
            firmware = [
                other for other in descriptions if other.part == "firmware" and other.chip == one.chip
            ]
            yield _zip_name(one.file.replace("-npu-driver", "-npu")), [one, *firmware[:1]]
        elif every and one.part not in NEVER_ZIPPED:
            yield _zip_name(one.file), [one]


def _zips(descriptions: list[Description]) -> dict[str, str]:
    """Name the zip of each package that has one, by the package; the driver has that of both."""
    made = zip_contents(descriptions, every=True)
    first = {name: content[0].file for name, content in made}
    return {file: name for name, file in first.items() if file.endswith(".run")}


def _zip_name(run_name: str) -> str:
    return run_name[: -len(".run")] + ".zip"


def _spoil(descriptions: list[Description], output: Path, part: str, kind: str) -> None:
    for description in descriptions:
        if description.part == part:
            damage.spoil(description, output / description.file, kind)
            print(f"packages: {description.file} spoilt ({kind})")


def _damage(word: str) -> str:
    part, _equals, kind = word.partition("=")
    if kind not in damage.KINDS:
        raise argparse.ArgumentTypeError(f"found {word}, wanted PART={'|'.join(damage.KINDS)}")
    return f"{part}={kind}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="packages/build.py", description=__doc__)
    parser.add_argument("--release", required=True)
    parser.add_argument("--product", required=True, action="append")
    parser.add_argument("--arch", default="aarch64")
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--megabytes", type=int, default=0, help="pad each package to this size")
    parser.add_argument("--zip", action="store_true", help="make the signed zip forms too")
    parser.add_argument("--catalog", type=Path, help=own_catalog.__doc__)
    parser.add_argument(
        "--damage", type=_damage, action="append", default=[], metavar="PART=KIND", help=damage.__doc__
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

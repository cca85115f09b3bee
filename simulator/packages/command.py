# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the simulated packages of a release; what is there already, and is the same, is left alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from output_folder import OutputFolder
from packages.release_packages import CatalogError, describe
from packages.run_file import MEGABYTE, recipe, write

if TYPE_CHECKING:
    from packages.run_file import Description


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
    build(descriptions, options.output, options.megabytes * MEGABYTE)
    return 0


def build(descriptions: list[Description], output: Path, size: int = 0) -> None:
    """Write the packages that ``output`` lacks, and their checksums into its SHA256SUMS."""
    folder = OutputFolder(output)
    for description in descriptions:
        wanted = recipe(description, size)
        if not folder.has(description.file, wanted):
            folder.note(description.file, wanted, write(description, output / description.file, size))
            print(f"packages: {description.file} made")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="packages/build.py", description=__doc__)
    parser.add_argument("--release", required=True)
    parser.add_argument("--product", required=True, action="append")
    parser.add_argument("--arch", default="aarch64")
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--megabytes", type=int, default=0, help="pad each package to this size")
    return parser


if __name__ == "__main__":
    sys.exit(main())

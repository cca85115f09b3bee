# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the stand-in of Miniforge's installer; one that is there already, and is the same, is left alone."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from conda.cached import Cache, DownloadError, checksum
from conda.installer_file import HEADER, write
from conda.interpreter import SITE_CUSTOMIZATION, Interpreter
from conda.package_tree import PackageTree, program_checksum
from docker_engine import DockerError
from output_folder import opened
from shared_files import alone

if TYPE_CHECKING:
    pass

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "packages.yml"
CACHE = HERE.parents[1] / ".cache/conda"
FILE = "{name}-Linux-aarch64.sh"
PLATFORM = "linux-aarch64"


def main(words: list[str] | None = None) -> int:
    """Make what the arguments ask for; silent when there is nothing to do."""
    parser = argparse.ArgumentParser(prog="conda/build.py", description=__doc__)
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args(words)
    try:
        build(options.output, CACHE)
    except (DockerError, DownloadError) as error:
        sys.stderr.write(f"conda: {error}\n")
        return 1
    return 0


def build(output: Path, cache: Path) -> None:
    """Write the installer that ``output`` lacks, and its checksum into SHA256SUMS.

    Raises DockerError without the node images, DownloadError without PyPI; neither is needed when what they
    give is in ``cache``.
    """
    wanted = yaml.safe_load(PACKAGES.read_text(encoding="utf-8"))
    file = FILE.format(**wanted["installer"])
    with opened(output) as folder:
        if folder.has(file, recipe(wanted)):
            return
        with alone(cache), tempfile.TemporaryDirectory(dir=cache) as stage:
            base = _packages(wanted, Path(stage), Cache(cache, wanted["patchelf"]))
            description = {**wanted["installer"], "platform": PLATFORM, "base": base}
            folder.note(file, recipe(wanted), write(output / file, Path(stage), description))
    print(f"conda: {file} made")


def recipe(wanted: dict[str, Any]) -> str:
    """Return a checksum of everything that decides the bytes of the installer."""
    files = [HEADER, SITE_CUSTOMIZATION, *sorted(HERE.glob("*.py"))]
    texts = [file.read_text(encoding="utf-8") for file in files]
    pythons = [one.recipe for one in _interpreters(wanted).values()]
    return checksum(wanted, *texts, *pythons, program_checksum())


def _interpreters(wanted: dict[str, Any]) -> dict[str, Interpreter]:
    return {suite: Interpreter(suite, own["own_libc"]) for suite, own in wanted["pythons"].items()}


def _packages(wanted: dict[str, Any], stage: Path, cache: Cache) -> list[str]:
    """Make all packages in ``stage`` and return the dist names of those of the base environment."""
    tree = PackageTree(stage, wanted["channel"])
    pythons = {suite: tree.add_python(one, cache) for suite, one in _interpreters(wanted).items()}
    wheels = [
        tree.add_wheel(name, own["version"], own["depends"], cache) for name, own in wanted["wheels"].items()
    ]
    conda = tree.add_conda(wanted["conda"], ["python", *wanted["wheels"]])
    return [pythons[wanted["base"]], *wheels, conda]


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the images of the simulated nodes; an image whose recipe has not changed costs nothing.

python simulator/node_images.py pull    get Debian's own images, status 1 when they have to be made here
python simulator/node_images.py build   make what is missing or out of date
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from apt_sources import debian_mirror
from docker_engine import RECIPE_LABEL, DockerError, docker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIMULATOR = Path(__file__).resolve().parent
CACHE = SIMULATOR.parent / ".cache"
PULL_SECONDS = 60

MIRROR_VARIABLE = "FLEET_DEBIAN_MIRROR"
_BASES: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class Recipe:
    """What one image is made of: a Debian release, with or without a Python that others find."""

    suite: str
    debian: str
    packages: tuple[str, ...]
    python: str  # visible or hidden
    mirror: str

    @property
    def image(self) -> str:
        """Return the image's name."""
        return f"ascend-fleet/node:{self.suite}"

    @property
    def made_base(self) -> str:
        """Return the name of the base that we make where Debian's own cannot be had."""
        return f"ascend-fleet/base:{self.debian}"

    @property
    def debian_base(self) -> str:
        """Return the name of the base that Debian publishes."""
        return f"debian:{self.debian}-slim"


@dataclass(frozen=True)
class DebianSystem:
    """What mmdebstrap makes; ``architecture`` is Debian's word for one that is not this machine's."""

    debian: str
    packages: tuple[str, ...]
    mirror: str
    architecture: str = ""

    def options(self) -> list[str]:
        """Return the options of mmdebstrap."""
        others = [f"--architectures={self.architecture}"] if self.architecture else []
        return ["--quiet", "--variant=minbase", f"--include={','.join(self.packages)}", *others]


def recipes() -> list[Recipe]:
    """Return the recipes of node/images.yml."""
    content = yaml.safe_load((SIMULATOR / "node/images.yml").read_text(encoding="utf-8"))
    mirror = os.environ.get(MIRROR_VARIABLE) or debian_mirror(Path("/"))
    return [
        Recipe(
            suite,
            own.get("debian", suite),
            (*content["packages"], *own["packages"]),
            own.get("python", "visible"),
            mirror,
        )
        for suite, own in content["suites"].items()
    ]


def context_files() -> list[Path]:
    """Return all files that an image is built from, relative to the simulator's folder."""
    folders = [SIMULATOR / "node", SIMULATOR / "npu_simulator"]
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return sorted(file.relative_to(SIMULATOR) for file in files if "__pycache__" not in file.parts)


def build_context() -> bytes:
    """Return the archive that Docker builds from: the same bytes for the same files, in every checkout."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in context_files():
            content = (SIMULATOR / name).read_bytes()
            member = tarfile.TarInfo(str(name))
            member.size = len(content)
            member.mode = 0o755 if os.access(SIMULATOR / name, os.X_OK) else 0o644
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def checksum(recipe: Recipe, context: bytes) -> str:
    """Return the checksum that tells whether an image is up to date. The mirror is not part of it."""
    content = hashlib.sha256(context)
    content.update("\n".join([recipe.debian, recipe.python, *recipe.packages]).encode())
    return content.hexdigest()


def present(image: str) -> bool:
    """Tell whether the engine has an image of this name."""
    return bool(docker("images", "--quiet", image))


def base_of(recipe: Recipe) -> str | None:
    """Return the name of the base that is there, or None."""
    return next((name for name in (recipe.made_base, recipe.debian_base) if present(name)), None)


def pull(recipe: Recipe) -> bool:
    """Get Debian's own image unless a base is there; return whether one is there then."""
    if base_of(recipe):
        return True
    try:
        docker("pull", "--quiet", recipe.debian_base, seconds=PULL_SECONDS)
    except DockerError as error:
        print(f"images: {recipe.debian_base} cannot be pulled ({str(error).splitlines()[0]})")
        return False
    return True


def make_base(recipe: Recipe) -> str:
    """Make the base with all packages from the Debian mirror, and return its name. Raises DockerError."""
    system = DebianSystem(recipe.debian, recipe.packages, recipe.mirror)
    bootstrap(system, recipe.made_base, [f"LABEL {RECIPE_LABEL}=base"])
    return recipe.made_base


def bootstrap(system: DebianSystem, image: str, changes: Sequence[str]) -> None:
    """Make ``image`` out of packages of the Debian mirror. Raises DockerError.

    ``changes`` are instructions such as `LABEL a=b` for docker import.
    """
    program = shutil.which("mmdebstrap")
    if not program:
        raise DockerError(
            f"found neither a base image for {system.debian} nor mmdebstrap: run tools/setup docker"
        )
    if not system.mirror:
        raise DockerError(
            f"found no Debian mirror among this host's apt sources to make {image} from: "
            f"load that image, or set {MIRROR_VARIABLE} to the address of a mirror"
        )
    print(f"images: make {image} from {system.mirror}", flush=True)
    as_root = ["sudo"] if os.geteuid() and shutil.which("sudo") else []
    command = [*as_root, program, *system.options(), system.debian, "-", system.mirror]
    words = [f"--platform=linux/{system.architecture}"] if system.architecture else []
    words += [word for change in changes for word in ("--change", change)]
    log = CACHE / f"mmdebstrap-{'-'.join(filter(None, (system.debian, system.architecture)))}.log"
    _import_output(command, words, image, log)


def _import_output(command: list[str], words: list[str], image: str, log: Path) -> None:
    """Bring the archive that ``command`` prints into the engine as ``image``. Raises DockerError."""
    with log.open("wb") as errors, subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
    ) as running:
        made = docker("import", *words, "-", source=running.stdout)
    if running.returncode:
        docker("rmi", made)
        last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
        raise DockerError(f"mmdebstrap could not make {image} from {command[-1]}, see {log}: {last}")
    docker("tag", made, image)


def build(recipe: Recipe, context: bytes) -> None:
    """Build the node image of ``recipe``, unless the one that is there was built from the same."""
    wanted = checksum(recipe, context)
    label = f'{{{{index .Config.Labels "{RECIPE_LABEL}"}}}}'
    if present(recipe.image) and docker("image", "inspect", "--format", label, recipe.image) == wanted:
        return
    with _BASES[recipe.debian]:  # two images may have the same one
        base = base_of(recipe) or make_base(recipe)
    print(f"images: build {recipe.image}", flush=True)
    arguments = {
        "BASE": base,
        "MIRROR": recipe.mirror,
        "SUITE": recipe.debian,
        "PACKAGES": " ".join(recipe.packages),
        "PYTHON": recipe.python,
    }
    options = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    options += ["--label", f"{RECIPE_LABEL}={wanted}", "--tag", recipe.image, "--file", "node/Dockerfile"]
    docker("build", "--quiet", "--force-rm", *options, "-", data=context)


def build_all() -> None:
    """Build what is missing or out of date, and drop the images that this replaced. Raises DockerError."""
    context = build_context()
    with alone(), ThreadPoolExecutor() as pool:
        list(pool.map(lambda recipe: build(recipe, context), recipes()))
        # The engine refuses two prunes at once.
        docker("image", "prune", "--force", "--filter", f"label={RECIPE_LABEL}")


@contextmanager
def alone() -> Iterator[None]:
    """Let one program at a time make images."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Run the command line; see the top of this file."""
    parser = argparse.ArgumentParser(description="Make the images of the simulated nodes.")
    parser.add_argument("command", choices=["pull", "build"])
    command = parser.parse_args(arguments).command
    try:
        if command == "pull":
            return 0 if all(pull(recipe) for recipe in recipes()) else 1
        build_all()
    except DockerError as error:
        sys.exit(f"images: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the image of an arm64 node that QEMU plays; an image whose recipe has not changed costs nothing.

python simulator/emulated_image.py     prints the image's name when it is there
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import yaml
from apt_sources import debian_mirror
from docker_engine import RECIPE_LABEL, DockerError, docker
from node_images import MIRROR_VARIABLE, DebianSystem, alone, bootstrap, present

RECIPE = Path(__file__).with_suffix(".yml")


def recipe() -> dict[str, Any]:
    """Return what the image is made of."""
    content: dict[str, Any] = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    return content


def build() -> str:
    """Make the image unless the one that is there was made from the same, and return its name.

    Raises DockerError.
    """
    own = recipe()
    image, wanted = own["image"], hashlib.sha256(RECIPE.read_bytes()).hexdigest()
    label = f'{{{{index .Config.Labels "{RECIPE_LABEL}"}}}}'
    with alone():
        if present(image) and docker("image", "inspect", "--format", label, image) == wanted:
            return str(image)
        mirror = os.environ.get(MIRROR_VARIABLE) or debian_mirror(Path("/"))
        changes = [f"LABEL {RECIPE_LABEL}={wanted}", 'CMD ["sleep", "infinity"]']
        system = DebianSystem(own["debian"], tuple(own["packages"]), mirror, own["architecture"])
        bootstrap(system, image, changes)
    return str(image)


def main() -> int:
    """Run the command line; see the top of this file."""
    try:
        print(build())
    except DockerError as error:
        sys.exit(f"images: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

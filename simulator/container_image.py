# SPDX-License-Identifier: GPL-3.0-or-later
"""Make an archive of a small image for containers on simulated nodes, as `docker save` does, and describe it.

python simulator/container_image.py NAME ARCHIVE    the last line says name, archive, sha256 and id as JSON

The image has a shell and Python, which the stand-ins of the vendor's programs want. Its files come out of the
image of the nodes; the archive itself never comes into the engine of this machine.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "ascend-fleet/node:docker"
COLLECTOR = Path(__file__).with_suffix(".sh")


def main(arguments: Sequence[str]) -> int:
    """Make the archive; status 1 with the engine's words when that fails."""
    parser = argparse.ArgumentParser(description="Make an image for containers on simulated nodes.")
    parser.add_argument("name", help="name and tag of the image, such as fleet/cann:1")
    parser.add_argument("archive", type=Path, help="the file to write")
    options = parser.parse_args(arguments)
    run = [
        "docker",
        "run",
        "--rm",
        "--interactive",
        "--network",
        "none",
        "--entrypoint",
        "/bin/sh",
        SOURCE,
        "-s",
    ]
    collected = subprocess.run(run, input=COLLECTOR.read_bytes(), capture_output=True, check=False)
    if collected.returncode:
        sys.stderr.write(collected.stderr.decode())
        return 1
    options.archive.parent.mkdir(parents=True, exist_ok=True)
    identity = write_archive(options.name, collected.stdout, options.archive)
    checksum = hashlib.sha256(options.archive.read_bytes()).hexdigest()
    said = {
        "name": options.name,
        "archive": str(options.archive.resolve()),
        "sha256": checksum,
        "id": identity,
    }
    print(json.dumps(said))
    return 0


def write_archive(name: str, layer: bytes, archive: Path) -> str:
    """Write an image of one layer in the form of `docker save`, and return its id."""
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    digest = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{digest}.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files = {f"{digest}.json": config, "layer.tar": layer, "manifest.json": json.dumps(manifest).encode()}
    with tarfile.open(archive, "w") as tar:
        for member_name, content in files.items():
            member = tarfile.TarInfo(member_name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return f"sha256:{digest}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the collections that galaxy.yml depends on beside this one, out of the package `ansible` of PyPI.

python tools/community_collections.py    does nothing when requirements-collections.txt is what it was
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-collections.txt"
PLACE = ROOT / ".ansible/collections"
STAMP = PLACE / ".lock-sha256"
DOWNLOADS = ROOT / ".cache/collections"
# community.docker depends on the second one.
WANTED = (
    "ansible_collections/community/docker/",
    "ansible_collections/community/library_inventory_filtering_v1/",
)


def main() -> int:
    """Download, unpack, and note what was unpacked; the status is that of pip when it fails."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == lock:
        return 0
    print("setup: unpack the collections that galaxy.yml depends on", flush=True)
    status = download()
    if status:
        return status
    unpack(next(DOWNLOADS.glob("*.whl")), PLACE)
    STAMP.write_text(lock, encoding="ascii")
    return 0


def download() -> int:
    """Let pip bring the locked package and compare its checksum; return its exit status."""
    for old in DOWNLOADS.glob("*.whl"):
        old.unlink()
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    words = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(DOWNLOADS)]
    return subprocess.run([*pip, *words, "--requirement", str(LOCK)], check=False).returncode


def unpack(package: Path, place: Path) -> None:
    """Unpack the wanted collections of ``package`` below ``place``."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(place, [name for name in archive.namelist() if name.startswith(WANTED)])


if __name__ == "__main__":
    sys.exit(main())

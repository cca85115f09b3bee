# SPDX-License-Identifier: GPL-3.0-or-later
"""Pack the Python of this Debian system with its shared libraries; runs inside a node image.

python3 collector.py ARCHIVE [own-libc]
"""

from __future__ import annotations

import io
import os
import platform
import re
import subprocess
import sys
import sysconfig
import tarfile

VERSION = sysconfig.get_python_version()
STANDARD_LIBRARY = f"/usr/lib/python{VERSION}"
LEFT_OUT = {
    "__pycache__",
    "ensurepip",
    "EXTERNALLY-MANAGED",  # it is about Debian's own prefix
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "sitecustomize.py",  # the image's, a link
    "test",
    "turtledemo",
}
# The C library works only as a whole, even with the parts that nothing here asks for.
C_LIBRARY = (
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
)
_LDD_LINE = re.compile(r"^\s*(?:(?P<name>\S+) => )?(?P<path>/\S+) \(0x", re.MULTILINE)


def main(archive: str, own_libc: bool) -> None:
    """Write the archive: bin, lib, and the file `version`."""
    program = f"/usr/bin/python{VERSION}"
    libraries = shared_libraries([program, *extension_modules()])
    with tarfile.open(archive, "w", dereference=True) as tar:
        tar.add(program, f"bin/python{VERSION}")
        tar.add(STANDARD_LIBRARY, f"lib/python{VERSION}", filter=wanted)
        for name, path in sorted(libraries.items()):
            if own_libc or not (name in C_LIBRARY or name.startswith("ld-linux")):
                tar.add(path, f"lib/{name}")
        version = tarfile.TarInfo("version")
        text = platform.python_version().encode()
        version.size = len(text)
        tar.addfile(version, io.BytesIO(text))


def wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what no environment needs."""
    return None if os.path.basename(member.name) in LEFT_OUT else member


def extension_modules() -> list[str]:
    """Return the standard library's modules that are shared objects."""
    folder = f"{STANDARD_LIBRARY}/lib-dynload"
    return [f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".so")]


def shared_libraries(programs: list[str]) -> dict[str, str]:
    """Return name -> path of all libraries that ``programs`` load, the C library and its loader included."""
    run = subprocess.run(["ldd", *programs], check=True, stdout=subprocess.PIPE, text=True)
    found = {}
    for line in _LDD_LINE.finditer(run.stdout):
        path = line["path"]
        found[os.path.basename(line["name"] or path)] = path
    folder = os.path.dirname(found["libc.so.6"])
    found.update({name: f"{folder}/{name}" for name in C_LIBRARY})
    return found


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] == ["own-libc"])

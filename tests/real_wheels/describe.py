# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what the installed wheels of torch and torch_npu say of themselves; runs in their environment."""

import json
from importlib.metadata import distribution


def described(name):
    """Return the fields of METADATA and WHEEL that facts.yml has, too."""
    found = distribution(name)
    wheel = found.read_text("WHEEL").splitlines()
    return {
        "name": found.metadata["Name"],
        "version": found.version,
        "tags": [line.split(": ", 1)[1] for line in wheel if line.startswith("Tag: ")],
        "requires_python": found.metadata["Requires-Python"],
        "requires": found.requires or [],
    }


print(json.dumps([described(name) for name in ("torch", "torch_npu")]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""How the runtime's installer changes containerd's settings (Ascend/mind-cluster, containerd_process.go).

The runtime `ascend` gets what `runc` has there, its own program and the place of the default. Older packages
changed the program of `runc` instead; which was the last of them is not known. The vendor's writes the whole
file anew, without comments; here the rest stays as it is.
"""

from __future__ import annotations

import re

NAME = "ascend"
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*")
_VERSION = re.compile(r"^version\s*=\s*(\d+)", re.MULTILINE)
_PLUGINS = {"1": "plugins.cri", "2": 'plugins."io.containerd.grpc.v1.cri"'}
_NEWEST = 'plugins."io.containerd.cri.v1.runtime"'
# Where runc has nothing there. SystemdCgroup is true then, whatever containerd's own default is.
_RUNTIME = [
    '  runtime_type = "io.containerd.runc.v2"',
    '  runtime_root = ""',
    '  runtime_engine = ""',
    "  privileged_without_host_devices = false",
]
_OPTIONS = ["  SystemdCgroup = true"]


class Settings:
    """A file of settings: its tables by name, each as lines; C("") is what stands before the first."""

    def __init__(self, text: str) -> None:
        """Take the file apart."""
        found = _VERSION.search(text)
        self.containerd = f"{_PLUGINS.get(found[1] if found else '2', _NEWEST)}.containerd"
        self.tables: dict[str, list[str]] = {"": []}
        name = ""
        for line in text.splitlines():
            header = _HEADER.fullmatch(line)
            name = header[1].replace("'", '"') if header else name
            self.tables.setdefault(name, [])
            if not header:
                self.tables[name].append(line)

    def text(self) -> str:
        """Return the file."""
        parts = [
            "\n".join(([f"[{name}]"] if name else []) + lines)
            for name, lines in self.tables.items()
            if name or lines
        ]
        return "\n".join(parts) + "\n"

    def set(self, name: str, key: str, value: str) -> None:
        """Give a table a value."""
        table = self.tables.setdefault(name, [])
        table[:] = [line for line in table if line.partition("=")[0].strip() != key]
        table.append(f'  {key} = "{value}"')


def register(text: str, program: str) -> str:
    """Return the settings with the runtime in them."""
    settings = Settings(text)
    runtimes = f"{settings.containerd}.runtimes"
    settings.tables[f"{runtimes}.{NAME}"] = list(settings.tables.get(f"{runtimes}.runc", _RUNTIME))
    options = list(settings.tables.get(f"{runtimes}.runc.options", _OPTIONS))
    settings.tables[f"{runtimes}.{NAME}.options"] = options
    settings.set(f"{runtimes}.{NAME}.options", "BinaryName", program)
    settings.set(settings.containerd, "default_runtime_name", NAME)
    return settings.text()


def withdraw(text: str) -> str:
    """Return the settings without the runtime."""
    settings = Settings(text)
    for name in (NAME, f"{NAME}.options"):
        settings.tables.pop(f"{settings.containerd}.runtimes.{name}", None)
    settings.set(settings.containerd, "default_runtime_name", "runc")
    return settings.text()

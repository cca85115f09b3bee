# SPDX-License-Identifier: GPL-3.0-or-later
"""`conda env list`, `conda list`, `conda info`: the tables of conda 25.11, and their JSON."""

from __future__ import annotations

import os
import platform
import re
import sys
from typing import TYPE_CHECKING, Any

from conda.program.installation import Installation, may_write, subdir
from conda.program.packages import listed

if TYPE_CHECKING:
    import argparse

    from conda.program.environment import Environment
    from conda.program.terminal import Terminal

_WIDTHS = (23, 15, 15)


def list_environments(installation: Installation, _options: argparse.Namespace, terminal: Terminal) -> int:
    """Print the environments that conda knows."""
    environments = installation.environments()
    terminal.say(environments_text(installation, environments))
    terminal.result({"envs": [str(one.prefix) for one in environments]})
    return 0


def environments_text(installation: Installation, environments: list[Environment]) -> str:
    """Return the table of environments (conda/reporters: console envs_list)."""
    active = os.environ.get("CONDA_PREFIX")
    lines = ["", "# conda environments:", "#", "# * -> active", "# + -> frozen"]
    for one in environments:
        mark = "*" if str(one.prefix) == active else " "
        lines.append(f"{installation.name_of(one):20} {mark}   {one.prefix}")
    return "\n".join([*lines, ""])


def list_packages(installation: Installation, options: argparse.Namespace, terminal: Terminal) -> int:
    """Print what conda and pip have installed into an environment."""
    environment = installation.existing(options)
    rows = sorted(_rows(environment), key=lambda row: row["name"].lower())
    if options.regex:
        rows = [row for row in rows if re.search(options.regex, row["name"])]
    terminal.say(f"# packages in environment at {environment.prefix}:\n#")
    table = [("Name", "Version", "Build", "Channel")]
    table += [(row["name"], row["version"], row["build_string"], row["channel"]) for row in rows]
    widths = [max(width, *(len(line[place]) for line in table)) for place, width in enumerate(_WIDTHS)]
    for number, line in enumerate(table):
        first = f"# {line[0]:{widths[0]}}" if number == 0 else f"{line[0]:{widths[0] + 2}}"
        terminal.say(f"{first}  {line[1]:{widths[1]}}  {line[2]:{widths[2]}}  {line[3]}")
    terminal.result(rows)
    return 0


def _rows(environment: Environment) -> list[dict[str, Any]]:
    rows = [listed(record) for record in environment.records()]
    for name, version in environment.pip_packages():
        record = {"name": re.sub(r"[-_.]+", "-", name).lower(), "version": version, "build": "pypi_0"}
        rows.append(listed({**record, "build_number": 0, "channel": "pypi", "subdir": "pypi"}))
    return rows


def info(installation: Installation, options: argparse.Namespace, terminal: Terminal) -> int:
    """Print what this conda is, or with ``--envs`` which environments it knows."""
    if options.envs and not options.json:
        return list_environments(installation, options, terminal)
    facts = _facts(installation)
    terminal.say(_facts_text(facts))
    terminal.result(facts)
    return 0


def _facts(installation: Installation) -> dict[str, Any]:
    active = os.environ.get("CONDA_PREFIX")
    channels = [f"{name}/{part}" for name in installation.channels for part in (subdir(), "noarch")]
    return {
        "active_prefix": active,
        "active_prefix_name": os.environ.get("CONDA_DEFAULT_ENV"),
        "channels": channels,
        "conda_prefix": str(installation.root),
        "conda_shlvl": int(os.environ.get("CONDA_SHLVL", "0")),
        "conda_version": installation.version,
        "default_prefix": active or str(installation.root),
        "envs": [str(one.prefix) for one in installation.environments()],
        "envs_dirs": [str(one) for one in installation.folders],
        "pkgs_dirs": [str(installation.root / "pkgs")],
        "platform": subdir(),
        "python_version": f"{platform.python_version()}.{sys.version_info.releaselevel}.0",
        "root_prefix": str(installation.root),
        "root_writable": may_write(installation.root),
        "virtual_pkgs": [["__glibc", platform.libc_ver()[1], "0"], ["__unix", "0", "0"]],
    }


def _facts_text(facts: dict[str, Any]) -> str:
    writable = "writable" if facts["root_writable"] else "read only"
    lines = {
        "active environment": facts["active_prefix_name"],
        "shell level": facts["conda_shlvl"],
        "conda version": facts["conda_version"],
        "conda-build version": "not installed",
        "python version": facts["python_version"],
        "solver": "libmamba (default)",
        "virtual packages": ["=".join(words) for words in facts["virtual_pkgs"]],
        "base environment": f"{facts['root_prefix']}  ({writable})",
        "channel URLs": facts["channels"],
        "package cache": facts["pkgs_dirs"],
        "envs directories": facts["envs_dirs"],
        "platform": facts["platform"],
        "UID:GID": f"{os.geteuid()}:{os.getegid()}",
        "offline mode": False,
    }
    text = ""
    for name, value in lines.items():
        shown = value if isinstance(value, list) else [str(value)]
        text += f"\n{name:>23} : " + ("\n" + " " * 26).join(shown)
    return f"{text}\n"

# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of a scenario (vars/commands.yml) said, reported and called, as converge.yml kept it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import yaml

HOW = {"--full": "first", "--upgrade": "upgrade", "--install": "install"}
PACKAGE = re.compile(r"(driver|firmware|toolkit|kernels|ops)[^_]*_(.+?)(?:_linux|\.run|$)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Kept:
    """The files of the commands, by the commands' names."""

    def __init__(self, reports, scenario):
        self.reports = Path(reports)
        text = (Path(scenario) / "vars/commands.yml").read_text(encoding="utf-8")
        self.names = [command["name"] for command in yaml.safe_load(text)["commands"]]

    def said(self, name):
        """Return what the command printed, in one line without colours."""
        return " ".join(COLOURS.sub("", self._text(name, "txt")).split())

    def changed(self, name, host):
        """Return how many tasks the command's last table counts as changed for a host."""
        return int(re.search(rf"{host} : ok=\d+ changed=(\d+)", self.said(name))[1])

    def node(self, name, host):
        """Return what the command's report says of a host."""
        nodes = json.loads(self._text(name, "json"))["nodes"]
        return next(node for node in nodes if node["host"] == host)

    def calls(self, name, host):
        """Return the calls of vendor programs that this command made on a host, in order."""
        number = self.names.index(name)
        earlier = len(self._logged(self.names[number - 1], host)) if number else 0
        return self._logged(name, host)[earlier:]

    def installers(self, name, host):
        """Return what installers did in this command, in order, such as C(upgrade driver 25.5.0)."""
        runs = [call["argv"] for call in self.calls(name, host) if call["program"] == "installers"]
        return [step for step in map(_step, runs) if step]

    def _logged(self, name, host):
        calls = [json.loads(line) for line in self._text(name, "log").splitlines()]
        return [call for call in calls if call["host"] == host]

    def _text(self, name, suffix):
        return (self.reports / f"{name}.{suffix}").read_text(encoding="utf-8")


def _step(words):
    if words[:2] in (
        ["uninstall", "firmware"],
        ["uninstall", "driver"],
    ):  # they know no version but their own
        return " ".join(words[:2])
    how = "uninstall" if words[0] == "uninstall" else next((HOW[word] for word in words if word in HOW), None)
    part, version = PACKAGE.search(words[3] if how == "uninstall" else words[1]).groups()
    return f"{how} {part} {version}" if how else None


@pytest.fixture(scope="session")
def kept():
    """Return what the commands of the scenario left."""
    return Kept(os.environ["FLEET_REPORTS"], os.environ["MOLECULE_SCENARIO_DIRECTORY"])

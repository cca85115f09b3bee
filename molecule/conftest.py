# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of scenarios share.

What the commands of a scenario (vars/commands.yml) said, reported and called, as converge.yml kept it; what
is expected of a guide's node (tests/expected.yml); and the shells of a node.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

import pytest
import yaml

START_SERVICE = (Path(__file__).resolve().parents[1] / "tests/start_service").read_text(encoding="utf-8")
HOW = {"--full": "first", "--upgrade": "upgrade", "--install": "install"}
PACKAGE = re.compile(r"(driver|firmware|toolkit|kernels|ops|nnal)[^_]*_(.+?)(?:_linux|\.run|$)")
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


@pytest.fixture(scope="session")
def expected():
    """Return what tests/expected.yml of the scenario says."""
    file = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "tests/expected.yml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


class Shells:
    """The ways in which programs start on a node, each with an environment of its own.

    systemd starts a service, with the file in C(EnvironmentFile=) of its unit (tests/start_service).
    """

    SERVICE_FILE = "/etc/environment.d/60-ascend.conf"

    def __init__(self, host):
        self.host = host

    def run(self, kind, words, user="fleet"):
        """Return what a command prints that C(login), C(other) or C(service) starts; it must succeed."""
        if kind == "login":  # it has nothing but what its profile gives
            command = f"env -i HOME=/home/{user} bash -lc {shlex.quote(shlex.join(words))}"
        elif kind == "service":
            unit = ["start_service", user, self.SERVICE_FILE, *words]
            return self.host.check_output(shlex.join(["sudo", "bash", "-c", START_SERVICE, *unit]))
        else:  # the command of a session that is no login shell
            command = shlex.join(words)
        return self.host.check_output(
            command if user == "fleet" else f"sudo su {user} -c {shlex.quote(command)}"
        )

    def variables(self, kind, user="fleet"):
        """Return the environment variables of such a program."""
        lines = self.run(kind, ["env"], user).splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def shells(host):
    """Return the shells of the node."""
    return Shells(host)

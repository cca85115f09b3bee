# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated node in a directory, and the real module hccn_config on it."""

from __future__ import annotations

import io
import json

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_device
from ansible_collections.ascend.fleet.plugins.modules import hccn_config
from npu_simulator.__main__ import run as run_program
from npu_simulator.live import fresh_live
from npu_simulator.state import CALLS_LOG, Node, fresh_state

# Chip, chips of one NPU, the gateway's scope, nets that the chip keeps for itself (real-programs.md H2).
FAMILIES = {
    "910b": ({"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]}, 1, "device", None),
    "910": ({"npu_smi_names": ["910A"], "pci": ["19e5:d801"]}, 1, "group", None),
    "910_93": ({"npu_smi_names": ["Ascend910"], "pci": ["19e5:d803"]}, 2, "device", ["192.0.0.0/8"]),
}


class CutError(Exception):
    """The connection broke in the middle of a run."""


class ConfigHost:
    """A simulated node, and the module on it."""

    def __init__(self, root, family, monkeypatch, capsys):
        chip, dies, self.scope, self.refused = FAMILIES[family]
        product = {"key": "test", "name": "Test", "chip": family, "npus": 8, "chips_per_npu": dies}
        self.node = Node(str(root), uid=0)
        state = fresh_state(product, chip, "aarch64")
        state["running"]["driver"] = "25.5.1"
        self.node.create(state)
        (root / "etc").mkdir()
        self.file = root / "etc/hccn.conf"
        self.capsys = capsys
        self.calls_left = None
        self.warned = []
        monkeypatch.setattr(basic.AnsibleModule, "run_command", self.run_command)
        monkeypatch.setattr(
            basic.AnsibleModule, "get_bin_path", lambda _module, name, **_rest: f"/bin/{name}"
        )
        monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: self.warned.append(text))
        monkeypatch.setattr(_hccn_device.time, "sleep", lambda _seconds: None)

    def run_command(self, arguments, data="", **_options):
        if self.calls_left == 0:
            raise CutError
        self.calls_left = None if self.calls_left is None else self.calls_left - 1
        assert arguments[3] == "/bin/hccn_tool"
        out, err = io.StringIO(), io.StringIO()
        status = run_program("hccn_tool", list(arguments[4:]), self.node, (io.StringIO(data), out, err))
        return status, out.getvalue(), err.getvalue()

    def tool(self, line):
        """Run hccn_tool by hand."""
        answer = self.run_command(["timeout", "", "", "/bin/hccn_tool", *line.split()], data="y\n")
        assert answer[0] == 0, answer

    def apply(self, wishes, **options):
        given = {"devices": wishes, "path": str(self.file), "gateway_scope": self.scope, **options}
        given = {**given, "refused_networks": self.refused} if self.refused else given
        with patch_module_args(given), pytest.raises(SystemExit):
            hccn_config.main()
        return json.loads(self.capsys.readouterr().out)

    def check(self, wishes, **options):
        return self.apply(wishes, _ansible_check_mode=True, **options)

    def settle(self, wishes, **options):
        """Check, run, run again; return the real run's result."""
        before = self.file.read_bytes() if self.file.exists() else None
        foreseen = self.check(wishes, **options)
        assert (self.file.read_bytes() if self.file.exists() else None) == before
        done = self.apply(wishes, **options)
        assert {key: foreseen.get(key) for key in ("msg", "changed", "actions", "before", "diff")} == {
            key: done.get(key) for key in ("msg", "changed", "actions", "before", "diff")
        }
        assert foreseen["after"] == done["after"]
        again = self.apply(wishes, **options)
        assert (again["changed"], again["actions"]) == (False, [])
        return done

    def calls(self):
        log = self.node.path(CALLS_LOG)
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [" ".join(line["argv"]) for line in lines]

    def faults(self, **faults):
        with self.node.change() as state:
            state["faults"] = faults

    def boot(self):
        """Take all live values away, as a boot does before the replay."""
        with self.node.change() as state:
            for npu in state["npus"]:
                npu["live"] = fresh_live()
                npu["link"] = "UP"

    def npu(self, device):
        return self.node.read()["npus"][device]

    def live(self):
        return [npu["live"]["address"] for npu in self.node.read()["npus"]]


@pytest.fixture
def config_host_of(tmp_path, monkeypatch, capsys):
    """Give the function that makes a host of a family, with an empty file."""

    def make(family):
        made = ConfigHost(tmp_path, family, monkeypatch, capsys)
        made.file.write_text("")
        return made

    return make


@pytest.fixture
def cut_error():
    """Give what a host raises once its calls are used up."""
    return CutError


def one_subnet(first=1, net="10.20", gateway=True, devices=range(8), **more):
    """Return the wishes of a server whose devices share one subnet."""
    wishes = []
    for device in devices:
        wish = {"id": device, "address": f"{net}.1.{first + device}", "prefix": 16, **more}
        rest = {"gateway": f"{net}.0.1", "detection_address": f"{net}.0.1"} if gateway else {}
        wishes.append({**wish, **rest})
    return wishes


@pytest.fixture(name="one_subnet")
def give_one_subnet():
    """Give the function that makes the wishes of a server whose devices share one subnet."""
    return one_subnet

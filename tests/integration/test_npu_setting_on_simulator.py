# SPDX-License-Identifier: GPL-3.0-or-later
"""The real module against the simulated npu-smi: check, run, run again, and faults."""

from __future__ import annotations

import io
import json

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ascend.fleet.plugins.modules import npu_setting
from npu_simulator.__main__ import run as run_program
from npu_simulator.npu_smi.share_file import PATH as SHARE_FILE
from npu_simulator.state import Node, fresh_state

CHIPS = {
    "910b": {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]},
    "910": {"npu_smi_names": ["910A"], "pci": ["19e5:d801"]},
    "910_93": {"npu_smi_names": ["Ascend910"], "pci": ["19e5:d803"]},
    "310p": {"npu_smi_names": ["310P3"], "pci": ["19e5:d500"]},
    "310b": {"npu_smi_names": ["310B4"], "pci": ["19e5:d107"]},
}
SERVERS = ("910b", "910")


class Host:
    """A simulated node with a running driver, and the module on it."""

    def __init__(self, root, family, monkeypatch, capsys, **cards):
        product = {"key": "test", "name": "Test", "chip": family, "npus": 8, "chips_per_npu": 1, **cards}
        self.node = Node(str(root), uid=0)
        state = fresh_state(product, CHIPS[family], "aarch64")
        state["running"]["driver"] = "25.5.1"
        self.node.create(state)
        self.file = self.node.path(SHARE_FILE)
        self.capsys = capsys
        self.calls = []
        self.warned = []
        monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _module, text: self.warned.append(text))
        monkeypatch.setattr(basic.AnsibleModule, "run_command", self.run_command)
        monkeypatch.setattr(
            basic.AnsibleModule, "get_bin_path", lambda _module, name, **_rest: f"/bin/{name}"
        )

    def run_command(self, arguments, data="", **_options):
        self.calls.append(" ".join(arguments[4:]))
        out, err = io.StringIO(), io.StringIO()
        status = run_program("npu-smi", list(arguments[4:]), self.node, (io.StringIO(data), out, err))
        return status, out.getvalue(), err.getvalue()

    def apply(self, check=False, **options):
        self.calls.clear()
        options = {"share_path": str(self.file), "_ansible_check_mode": check, **options}
        with patch_module_args(options), pytest.raises(SystemExit):
            npu_setting.main()
        return json.loads(self.capsys.readouterr().out)

    def orders(self):
        return [call for call in self.calls if call.startswith("set ") and not call.endswith(" -h")]

    def settle(self, **options):
        """Check, run, run again; return the real run's result."""
        state, file = self.node.read(), self.text()
        foreseen = self.apply(True, **options)
        assert (self.node.read(), self.text(), self.orders()) == (state, file, [])
        done = self.apply(**options)
        for key in ("changed", "actions", "before", "withheld", "reset_required", "reboot_required"):
            assert foreseen[key] == done[key], key
        again = self.apply(**options)
        assert (again["changed"], again["actions"], self.orders()) == (False, [], [])
        return done

    def text(self):
        return self.file.read_text() if self.file.exists() else None

    def change(self, change):
        with self.node.change() as state:
            change(state)

    def reset(self):
        """Make live what waits for a reset or a boot."""

        def settle(state):
            for npu in state["npus"]:
                due = npu["readings"].pop("settings_due", {})
                npu["readings"].setdefault("settings", {}).update(due)

        self.change(settle)

    def settle_later(self, **options):
        """Check, run, run again before and after the reset that new values need; return the real run's."""
        foreseen = self.apply(True, **options)
        assert self.orders() == []
        done = self.apply(**options)
        assert (foreseen["actions"], foreseen["before"]) == (done["actions"], done["before"])
        again = self.apply(**options)["actions"]  # what is due is said until it counts
        assert again
        assert set(again) <= set(done["actions"])
        self.reset()
        assert not self.apply(**options)["changed"]
        return done

    def shared(self):
        return [npu["readings"].get("device_share", False) for npu in self.node.read()["npus"]]


@pytest.fixture(params=SERVERS)
def host(request, tmp_path, monkeypatch, capsys):
    return Host(tmp_path, request.param, monkeypatch, capsys)


@pytest.fixture
def make(tmp_path, monkeypatch, capsys):
    """Return a function that makes a host of a family, with so many cards and chips on each."""
    return lambda family, npus=1, chips=1: Host(
        tmp_path, family, monkeypatch, capsys, npus=npus, chips_per_npu=chips
    )


@pytest.fixture
def host_910b(tmp_path, monkeypatch, capsys):
    return Host(tmp_path, "910b", monkeypatch, capsys)


def line(card):
    return f"npu-smi set -t device-share -i {card} -c 0 -d 1\n"


def share_text(*cards):
    lines = "".join(map(line, cards))
    return f"device-share-recover:enable\n[device-share-config start]\n{lines}[device-share-config end]\n"


def test_settings_of_the_node(host):
    done = host.settle(node={"vnpu_mode": "vm", "vnpu_cfg_recover": False})
    assert done["before"]["node"] == {"vnpu_mode": "docker", "vnpu_cfg_recover": True}
    assert done["after"]["node"] == {"vnpu_mode": "vm", "vnpu_cfg_recover": False}
    host.settle(node={"vnpu_mode": "docker", "vnpu_cfg_recover": True})


def test_everything_that_an_a2_has(host_910b):
    done = host_910b.settle(
        node={"sys_log_enable": True, "device_share_cfg_recover": True},
        all_cards={"custom_op_secverify_enable": True, "custom_op_secverify_mode": 3, "device_share": True},
        all_chips={"op_timeout": 28, "tls_cert_period": 60},
        chips=[{"npu_id": 3, "op_timeout": 30}],
    )
    assert done["unverified"] == []
    assert len(done["actions"]) == len(set(done["actions"])) == 2 + 3 * 8 + 2 * 8
    assert [chip["op_timeout"] for chip in done["after"]["chips"]] == [28, 28, 28, 30, 28, 28, 28, 28]
    assert done["after"]["cards"][7] == {
        "npu_id": 7,
        "custom_op_secverify_enable": True,
        "custom_op_secverify_mode": 3,
        "device_share": True,
    }
    assert host_910b.text() == share_text(*range(8))


def test_what_an_older_server_does_not_have_is_refused_in_check_mode(host):
    result = host.apply(True, all_cards={"ecc_enable": True, "p2p_mem_cfg": True})
    assert result["msg"].startswith("2 problem(s); ecc_enable: chips of ")
    assert host.calls == ["info -m"]


def test_shared_cards_in_the_file_of_a_boot(host_910b):
    options = {"node": {"device_share_cfg_recover": True}, "cards": [{"npu_id": 1, "device_share": True}]}
    host_910b.settle(**options)
    assert host_910b.text() == share_text(1)
    host_910b.settle(node={"device_share_cfg_recover": True}, all_cards={"device_share": True})
    assert (host_910b.text(), host_910b.shared()) == (share_text(*range(8)), [True] * 8)
    host_910b.settle(
        node={"device_share_cfg_recover": True},
        all_cards={"device_share": True},
        cards=[{"npu_id": 0, "device_share": False}],
    )
    assert (host_910b.text(), host_910b.shared()) == (share_text(*range(1, 8)), [False] + [True] * 7)


def test_a_damaged_file_is_mended(host_910b):
    host_910b.file.parent.mkdir(parents=True)
    host_910b.file.write_text(share_text(2, 1) + line(2) + "[device-share-config end]\n")
    done = host_910b.settle(
        node={"device_share_cfg_recover": True}, cards=[{"npu_id": 1, "device_share": True}]
    )
    assert done["actions"][0] == f"delete {SHARE_FILE}, which is not what a boot shall replay"
    assert host_910b.text() == share_text(1, 2)


def test_virtual_npus(host):
    host.change(lambda state: [npu["readings"].update(vnpus=[]) for npu in state["npus"]])
    half, quarter = (
        ("vir10_3c_32g", "vir05_1c_16g") if host.node.read()["chip"] == "910b" else ("vir16", "vir08")
    )
    split = [{"npu_id": 0, "vnpus": [{"template": half}, {"template": quarter}]}]
    host.settle(chips=split)
    again = [{"npu_id": 0, "vnpus": [{"template": quarter}] * 3}]
    assert "set dangerous_allowed to true" in host.apply(chips=again)["msg"]
    assert host.apply(chips=again, dangerous_allowed=False)["withheld"]
    done = host.settle(chips=again, dangerous_allowed=True)
    assert [one["template"] for one in done["after"]["chips"][0]["vnpus"]] == [quarter] * 3
    host.settle(chips=[{"npu_id": 0, "vnpus": []}], dangerous_allowed=True)


def test_a_chip_that_ignores_the_order(host_910b):
    host_910b.change(lambda state: state["faults"].update(npu_smi_ignores_set=[3]))
    result = host_910b.apply(all_cards={"device_share": True})
    assert "set device_share of card 3 to true" in result["msg"]
    assert "card 2" not in result["msg"]
    host_910b.change(lambda state: state["faults"].clear())
    host_910b.settle(all_cards={"device_share": True})


@pytest.mark.parametrize("environment", ["vm", "container"])
def test_a_place_where_nothing_can_be_set(host_910b, environment):
    host_910b.change(lambda state: state.update(environment=environment))
    result = host_910b.apply(True, all_chips={"tls_cert_period": 60})
    assert (
        "tls-cert-period cannot be set here: npu-smi says 'This command cannot be executed" in result["msg"]
    )


def test_a_lost_card(host_910b):
    host_910b.change(lambda state: state["faults"].update(npu_gone=[5]))
    result = host_910b.apply(all_cards={"device_share": True}, cards=[{"npu_id": 5, "device_share": True}])
    assert "card 5 is not on this node, which has 0, 1, 2, 3, 4, 6, 7" in result["msg"]


def test_a_settled_node_costs_one_question_for_each_value(host_910b):
    options = {"node": {"device_share_cfg_recover": True}, "all_cards": {"device_share": True}}
    host_910b.apply(**options)
    assert not host_910b.apply(**options)["changed"]
    assert len(host_910b.calls) == 1 + 1 + 8


def test_an_a3_has_its_own_settings(make):
    host = make("910_93", npus=8, chips=2)
    node = {
        "multi_die_policy": "independent",
        "multi_die_policy_cfg_recover": True,
        "custom_op_cfg_recover": True,
        "device_share_cfg_recover": True,
    }
    done = host.settle(
        node=node,
        all_cards={"custom_op": True, "device_share": True},
        all_chips={"op_timeout": 22, "tls_cert_period": 30},
    )
    assert done["after"]["node"] == node
    assert host.shared() == [True] * 16
    assert [chip.get("tls_cert_period") for chip in done["after"]["chips"]] == [30, None] * 8
    assert "shares nothing on A3" in host.warned[0]
    result = host.apply(True, node={"vnpu_mode": "docker"}, all_cards={"ecc_enable": True})
    assert result["msg"].startswith("2 problem(s); ")


def test_a_310p_takes_much_only_at_a_reset_or_a_reboot(make):
    host = make("310p", npus=2)
    cards = sorted({npu["npu_id"] for npu in host.node.read()["npus"]})
    host.settle(all_cards={"device_share": True}, all_chips={"tls_cert_period": 30})
    done = host.settle_later(
        cards=[{"npu_id": cards[0], "ecc_enable": False}],
        chips=[{"npu_id": card, "cpu_num_cfg": {"ai": 6, "control": 2}} for card in cards],
        dangerous_allowed=True,
    )
    assert (done["reset_required"], done["reboot_required"]) == (True, False)
    assert [entry["setting"] for entry in done["unverified"]] == ["ecc_enable"]
    assert host.apply(all_cards={"p2p_mem_cfg": True})["reboot_required"]


def test_a_duo_card_has_one_switch_for_both_chips(make):
    host = make("310p", npus=1, chips=2)
    host.settle(all_cards={"device_share": True}, all_chips={"tls_cert_period": 30})
    assert host.shared() == [True, True]
    card = host.node.read()["npus"][0]["npu_id"]
    result = host.apply(True, chips=[{"npu_id": card, "chip_id": 1, "tls_cert_period": 30}])
    assert "take it for chip 0 alone" in result["msg"]
    assert host.apply(all_cards={"p2p_mem_cfg": True})["reboot_required"]


def test_a_310b_board_knows_its_levels_by_name(make):
    host = make("310b")
    options = {"all_chips": {"nve_level": "8T_1.0GHz", "cpu_num_cfg": {"ai": 2, "control": 2}}}
    done = host.apply(**options)
    assert (done["reboot_required"], len(done["actions"])) == (True, 2)
    host.reset()
    assert not host.apply(**options)["changed"]
    wrong = host.apply(True, all_chips={"nve_level": "Full"})
    assert "'Full'; this board has " in wrong["msg"]


def test_a_board_without_a_choice_of_media_is_refused(make):
    result = make("310b").apply(True, all_cards={"boot_select": "emmc"}, dangerous_allowed=True)
    said = "boot-select cannot be set here: npu-smi says 'This device does not support setting boot-select.'"
    assert said in result["msg"]

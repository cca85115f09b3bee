# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against a tape: the exact calls of each setting, and that check mode orders nothing."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from ansible_collections.ascend.fleet.plugins.modules import npu_setting
from npu_smi_tape import HELP, OK, Smi, blocks, row

LEVELS = "       -d %d          level value\n                       (0: Low, 1: Middle, 2: High, 3: Full)\n"
BOTH = pytest.mark.parametrize("check", [False, True], ids=["run", "check"])


class Case(NamedTuple):
    """One value of one setting: what is declared where, what npu-smi is asked and answers, and the order."""

    option: str
    value: object
    family: str
    type: str
    key: str
    old: str
    new: str
    argument: str
    asks: bool = False
    flag: str = "-d"
    query: str = ""

    def __str__(self):
        return f"{self.option} {self.value}"


NODE = [
    Case("vnpu_mode", "docker", "910", "vnpu-mode", "vnpu-mode", "VM", "docker", "0"),
    Case("vnpu_mode", "vm", "310p", "vnpu-mode", "vnpu-mode", "docker", "VM", "1"),
    Case(
        *("vnpu_cfg_recover", False, "910b", "vnpu-cfg-recover"),
        *("VNPU config recover mode", "Enable", "Disable", "0"),
    ),
    Case(
        *("custom_op_cfg_recover", True, "910_93", "custom-op-cfg-recover"),
        *("Custom-op config recover mode", "Disable", "Enable", "1"),
    ),
    Case(
        *("multi_die_policy", "independent", "910_93", "multi-die-policy"),
        *("Multi_die policy", "UNION_POLICY", "INDEP_POLICY", "1", True),
    ),
    Case(
        *("multi_die_policy_cfg_recover", True, "910_93", "multi-die-policy-cfg-recover"),
        *("Multi-die-policy config recover mode", "Disable", "Enable", "1", True),
    ),
]
CARD = [
    Case("ecc_enable", True, "310p", "ecc-enable", "DDR ECC-Enable Status", "False", "True", "1"),
    Case("p2p_mem_cfg", True, "310p", "p2p-mem-cfg", "p2p-mem-cfg Status", "Disable", "Enable", "1"),
    Case("custom_op", True, "910_93", "custom-op", "Custom-op Status", "False", "True", "1", True),
    Case(
        *("custom_op_secverify_enable", True, "910b", "custom-op-secverify-enable"),
        *("Custom-op-secverify-enable", "False", "True", "1", True),
    ),
    Case(
        *("custom_op_secverify_mode", 3, "910b", "custom-op-secverify-mode"),
        *("Custom-op-secverify-mode", "0", "3", "3"),
    ),
    Case("device_share", True, "910b", "device-share", "Device-share Status", "False", "True", "1", True),
    Case("device_share", False, "310b", "device-share", "Device-share Status", "True", "False", "0", True),
]
CHIP = [
    Case("aicpu_config", 6, "310", "aicpu-config", "Number of AI CPUs set", "4", "6", "6"),
    Case(
        *("op_timeout", 28, "910b", "op-timeout-cfg", "Timeout Exponent", "20", "28", "28", True),
        query="op-timeout",
    ),
    Case(
        *("tls_cert_period", 60, "910b", "tls-cert-period"),
        *("Certificate validity period", "30 days", "60 days", "60"),
        flag="-s",
    ),
]


@pytest.fixture
def smi(tape):
    return Smi(tape)


@pytest.fixture
def run(run_module, tmp_path):
    def run(check=False, **options):
        options = {"share_path": str(tmp_path / "device_share.cfg"), **options}
        return run_module(npu_setting, **options, _ansible_check_mode=check)

    return run


def expect(smi, case, check, place=(), layout=row):
    """Put a whole run on the tape: no order in check mode."""
    smi.has(case.family)
    smi.says(case.query or case.type, layout(case.key, case.old), *place)
    smi.may(case.type)
    if not check:
        smi.takes(case.type, *place, case.flag, case.argument, asks=case.asks)
        smi.says(case.query or case.type, layout(case.key, case.new), *place)


@BOTH
@pytest.mark.parametrize("case", NODE, ids=str)
def test_a_setting_of_the_node(smi, run, check, case):
    expect(smi, case, check)
    result = run(check, node={case.option: case.value})
    assert result["changed"]
    assert result["actions"][0].startswith(
        f"set {case.option} of the node to {str(case.value).lower()} (it is "
    )
    assert result["after"]["node"] == {case.option: case.value}
    assert result["before"]["node"] != result["after"]["node"]
    assert result["unverified"] == []


@BOTH
@pytest.mark.parametrize("case", CARD, ids=str)
def test_a_setting_of_a_card(smi, run, check, case):
    expect(smi, case, check, ("-i", "0"), blocks)
    result = run(check, cards=[{"npu_id": 0, case.option: case.value}], dangerous_allowed=True)
    assert len(result["actions"]) == 1
    assert result["after"]["cards"] == [{"npu_id": 0, case.option: case.value}]


@BOTH
@pytest.mark.parametrize("case", CHIP, ids=str)
def test_a_setting_of_a_chip(smi, run, check, case):
    expect(smi, case, check, ("-i", "0", "-c", "0"))
    result = run(check, chips=[{"npu_id": 0, case.option: case.value}])
    assert result["after"]["chips"] == [{"npu_id": 0, "chip_id": 0, case.option: case.value}]


@pytest.mark.parametrize(
    ("case", "level"),
    [
        *((case, "node") for case in NODE),
        *((case, "all_cards") for case in CARD),
        *((case, "all_chips") for case in CHIP),
    ],
    ids=str,
)
def test_a_value_that_is_right_costs_one_question_and_no_order(smi, run, case, level):
    place = {"node": (), "all_cards": ("-i", "0"), "all_chips": ("-i", "0", "-c", "0")}[level]
    smi.has(case.family)
    smi.says(case.query or case.type, row(case.key, case.new), *place)
    result = run(**{level: {case.option: case.value}})
    assert (result["changed"], result["actions"], result["reset_required"]) == (False, [], False)


@BOTH
def test_the_collection_of_system_logs(smi, run, check):
    key = f"\t{'Current syslog dump config recover mode':<40}: "
    smi.has("910b")
    smi.says("sys-log-info", f"{key}disable\n")
    smi.may("sys-log-enable")
    if not check:
        smi.takes("sys-log-enable", "-d", "1", out="Set syslog mode success, mode = 1\n")
        smi.says("sys-log-info", f"{key}enable\n\tNPU 0 syslog collecting process is existed\n")
    assert run(check, node={"sys_log_enable": True})["after"]["node"] == {"sys_log_enable": True}


@BOTH
def test_the_numbers_of_cpus(smi, run, check):
    place = ("-i", "0", "-c", "0")

    def numbers(ai, control):
        return (
            row("Current AI CPU number", ai)
            + row("Current control CPU number", control)
            + row("Current data CPU number", 0)
        )

    smi.has("310p")
    smi.says("cpu-num-cfg", numbers(7, 1), *place)
    smi.may("cpu-num-cfg")
    if not check:
        message = OK.format(
            "The cpu-num-cfg of the chip is set successfully. "
            "Reset chip for the configuration to take effect."
        )
        smi.takes("cpu-num-cfg", *place, "-v", "6:2:0", out=message)
        smi.says("cpu-num-cfg", numbers(7, 1), *place)
    result = run(check, chips=[{"npu_id": 0, "cpu_num_cfg": {"ai": 6, "control": 2}}])
    assert result["actions"] == ["set cpu_num_cfg of chip 0 of card 0 to 6:2:0 (it is 7:1:0)"]
    assert (result["reset_required"], result["reboot_required"]) == (True, False)
    assert [entry["setting"] for entry in result["unverified"]] == ([] if check else ["cpu_num_cfg"])


@BOTH
def test_a_power_level_by_the_name_that_the_board_knows(smi, run, check):
    place = ("-i", "0", "-c", "0")
    smi.has("310")
    smi.says("nve-level", row("nve level", "High"), *place)
    smi.may("nve-level", HELP.format("nve-level") + LEVELS)
    smi.may("nve-level", HELP.format("nve-level") + LEVELS)
    if not check:
        message = OK.format("The nve-level of the chip is set successfully. Please reboot system.")
        smi.takes("nve-level", *place, "-d", "3", out=message)
        smi.says("nve-level", row("nve level", "Full"), *place)
        smi.may("nve-level", HELP.format("nve-level") + LEVELS)
    result = run(check, all_chips={"nve_level": "Full"})
    assert (result["changed"], result["reboot_required"]) == (True, True)


def test_a_power_level_that_the_board_does_not_have(smi, run):
    smi.has("310")
    smi.says("nve-level", row("nve level", "High"), "-i", "0", "-c", "0")
    smi.may("nve-level", LEVELS)
    result = run(all_chips={"nve_level": "20T_1.6GHz"})
    assert "'20T_1.6GHz'; this board has Low, Middle, High, Full" in result["msg"]


@BOTH
def test_the_medium_to_start_from_goes_to_the_controller(smi, run, check):
    place = ("-i", "0", "-c", "1")
    smi.has("310b")
    smi.says("boot-select", row("Boot Select", "M.2 SSD"), *place)
    smi.may("boot-select")
    if not check:
        message = OK.format(
            "The boot-select of the chip is set successfully. "
            "Power off system for the configuration to take effect."
        )
        smi.takes("boot-select", *place, "-d", "4", out=message)
        smi.says("boot-select", row("Boot Select", "eMMC"), *place)
    result = run(check, all_cards={"boot_select": "emmc"}, dangerous_allowed=True)
    assert result["after"]["cards"] == [{"npu_id": 0, "boot_select": "emmc"}]
    assert result["power_cycle_required"]


def test_a_setting_that_nobody_has_made_yet(smi, run):
    """Without a value of its own the driver answers with an error (transcript npu-smi/910B3/092)."""
    place = ("-i", "0", "-c", "0")
    smi.has("910b")
    smi.says("tls-cert-period", 'Failed to query "tls-cert-period" result.\n', *place, rc=208)
    smi.may("tls-cert-period")
    smi.takes("tls-cert-period", *place, "-s", "30")
    smi.says("tls-cert-period", row("Certificate validity period", "30 days"), *place)
    result = run(all_chips={"tls_cert_period": 30})
    assert result["before"]["chips"][0]["tls_cert_period"] is None
    assert (result["after"]["chips"][0]["tls_cert_period"], result["unverified"]) == (30, [])


def test_a_value_that_stays_unreadable_is_said_to_be_unverified(smi, run, warned):
    """Transcript npu-smi/A3/111: the answer has a head and nothing else."""
    empty = f"{row('NPU ID', 0)}{row('Chip Count', 2)}\n"
    smi.has("910_93", chips=2)
    smi.says("custom-op", empty, "-i", "0")
    smi.may("custom-op")
    smi.takes("custom-op", "-i", "0", "-d", "1", asks=True)
    smi.says("custom-op", empty, "-i", "0")
    result = run(all_cards={"custom_op": True})
    assert result["unverified"] == [
        {"setting": "custom_op", "npu_id": 0, "chip_id": None, "reason": "npu-smi prints no value"}
    ]
    assert "custom_op: not confirmed, npu-smi prints no value" in str(warned)


def test_chips_that_differ_are_all_set(smi, run):
    smi.has("910_93", chips=2)
    smi.says("device-share", blocks("Device-share Status", "True", "False"), "-i", "0")
    smi.may("device-share")
    smi.takes("device-share", "-i", "0", "-d", "1", asks=True)
    smi.says("device-share", blocks("Device-share Status", "True", "True"), "-i", "0")
    assert run(all_cards={"device_share": True})["changed"]


def test_success_is_not_believed(smi, run):
    smi.has("910b")
    smi.says("vnpu-mode", row("vnpu-mode", "docker"))
    smi.may("vnpu-mode")
    smi.takes("vnpu-mode", "-d", "1")
    smi.says("vnpu-mode", row("vnpu-mode", "docker"))
    result = run(node={"vnpu_mode": "vm"})
    assert result["failed"]
    assert "reported success, but the second reading differs" in result["msg"]
    assert "set vnpu_mode of the node to vm (it is docker)" in result["msg"]


@pytest.mark.parametrize(
    ("said", "rc"),
    [
        (OK.replace("OK", "Fail").format("Failed to set chip op-timeout-cfg"), 211),
        ("This device does not support setting op-timeout-cfg.\n", 0),
        ("", 200),
    ],
)
def test_an_order_that_is_not_taken(smi, run, said, rc):
    place = ("-i", "0", "-c", "0")
    smi.has("910b")
    smi.says("op-timeout", row("Timeout Exponent", 20), *place)
    smi.may("op-timeout-cfg")
    smi.tape.expect(
        "npu-smi", "set", "-t", "op-timeout-cfg", *place, "-d", "32", stdin="Y\n", out=said, rc=rc
    )
    result = run(all_chips={"op_timeout": 32})
    assert result["msg"].startswith(
        "could not set op_timeout of chip 0 of card 0 to 32 (it is 20): npu-smi said"
    )
    assert " ".join(said.split()) in result["msg"]


@BOTH
@pytest.mark.parametrize(
    "said",
    [
        "This device does not support setting boot-select.\n",
        "This command cannot be executed on a VM or container.\n",
        "This command can be executed only by the root user.\n",
    ],
)
def test_what_cannot_be_set_here_is_refused_before_anything_is_set(smi, run, check, said):
    smi.has("310b")
    smi.says("boot-select", row("Boot Select", "M.2 SSD"), "-i", "0", "-c", "1")
    smi.says("device-share", row("Device-share Status", "False"), "-i", "0")
    smi.may("boot-select", said)
    smi.may("device-share")
    result = run(check, all_cards={"boot_select": "emmc", "device_share": True}, dangerous_allowed=True)
    assert f"boot-select cannot be set here: npu-smi says {said.strip()!r}" in result["msg"]


def test_a_program_that_is_absent(run, tape):
    tape.only_programs("timeout")
    assert "install the NPU driver first" in run(node={"vnpu_mode": "docker"})["msg"]


def test_a_driver_that_is_not_loaded(run, tape):
    tape.expect("npu-smi", "info", "-m", out="dcmi module initialize failed. ret is -8005\n", rc=187)
    assert "the driver is not loaded" in run(node={"vnpu_mode": "docker"})["msg"]


@pytest.mark.parametrize(
    ("node", "doubt"),
    [(("910_93", (0,)), "shares nothing on A3"), (("310p", (7, 96)), "shares only cards 0 to 7, not 96")],
)
def test_what_a_boot_will_not_replay_is_said(smi, run, warned, node, doubt):
    smi.has(*node)
    smi.says("device-share-cfg-recover", row("Device-share config recover mode", "Disable"))
    smi.may("device-share-cfg-recover")
    result = run(True, node={"device_share_cfg_recover": True})
    assert result["actions"] == ["set device_share_cfg_recover of the node to true"]
    assert doubt in str(warned)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual NPUs, consent, and wishes that make no sense: the module against a tape."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.modules import npu_setting
from npu_smi_tape import OK, Smi, row

PLACE = ("-i", "0", "-c", "0")
RULER = f"+{'-' * 79}+\n"
HEAD = (
    f"{RULER}| NPU resource static info as follow:                                           |\n"
    "| Format:Free/Total                   NA: Currently, query is not supported.    |\n"
    "| AICORE    Memory    AICPU    VPC    VENC    VDEC    JPEGD    JPEGE    PNGD    |\n"
    "|            GB                                                                 |\n"
    f"|{'=' * 79}|\n"
    "| 4/8       21/42     3/7      6/12   1/3     6/12    8/16     4/8      NA/NA   |\n"
    f"{RULER}"
)
TITLE = "|  Vnpu ID  |  Vgroup ID     |  Container ID  |  Status  |  Template Name       |\n"


def vnpus(*found, total=None):
    rows = "".join(
        f"|  {number:<9}|  {group:<14}|  000000000000  |  0       |  {template:<20}|\n{RULER}"
        for number, group, template in found
    )
    count = len(found) if total is None else total
    return f"{HEAD}| Total number of vnpu: {count:<2}{' ' * 54}|\n{RULER}{TITLE}{RULER if rows else ''}{rows}"


@pytest.fixture
def smi(tape):
    return Smi(tape)


@pytest.fixture
def run(run_module):
    def run(check=False, **options):
        return run_module(npu_setting, **options, _ansible_check_mode=check)

    return run


def wish(*templates, **more):
    return [{"npu_id": 0, "vnpus": [{"template": template} for template in templates], **more}]


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_virtual_npus_are_created(smi, run, check):
    smi.has("310p")
    smi.says("info-vnpu", vnpus((100, 0, "vir04")), *PLACE)
    smi.may("create-vnpu")
    if not check:
        smi.takes("create-vnpu", *PLACE, "-f", "vir02", out=OK.format("Create vnpu success"))
        smi.takes("create-vnpu", *PLACE, "-f", "vir02", out=OK.format("Create vnpu success"))
        smi.says("info-vnpu", vnpus((100, 0, "vir04"), (101, 1, "vir02"), (102, 2, "vir02")), *PLACE)
    result = run(check, chips=wish("vir02", "vir04", "vir02"))
    assert result["actions"] == ["create virtual NPU of template vir02 on chip 0 of card 0"] * 2
    assert sorted(one["template"] for one in result["after"]["chips"][0]["vnpus"]) == [
        "vir02",
        "vir02",
        "vir04",
    ]


def test_virtual_npus_that_fit_cost_one_question(smi, run):
    smi.has("910b")
    smi.says("info-vnpu", vnpus((101, 0, "vir10_3c_32g"), (100, 0, "vir05_1c_16g")), *PLACE)
    assert not run(chips=wish("vir05_1c_16g", "vir10_3c_32g"))["changed"]


def test_an_id_of_its_own_counts(smi, run):
    smi.has("310p")
    smi.says("info-vnpu", vnpus((100, 0, "vir02")), *PLACE)
    smi.may("destroy-vnpu")
    smi.may("create-vnpu")
    smi.takes("destroy-vnpu", *PLACE, "-v", "100")
    smi.takes("create-vnpu", *PLACE, "-f", "vir02", "-v", "103", "-g", "1")
    smi.says("info-vnpu", vnpus((103, 1, "vir02")), *PLACE)
    chips = [{"npu_id": 0, "vnpus": [{"template": "vir02", "vnpu_id": 103, "vgroup_id": 1}]}]
    result = run(chips=chips, dangerous_allowed=True)
    assert result["actions"] == [
        "destroy virtual NPU 100 (vir02) of chip 0 of card 0",
        "create virtual NPU 103 of template vir02 on chip 0 of card 0",
    ]


def test_another_id_is_another_virtual_npu(smi, run):
    smi.has("910")
    smi.says("info-vnpu", vnpus((100, 0, "vir02")), *PLACE)
    smi.may("destroy-vnpu")
    smi.may("create-vnpu")
    chips = [{"npu_id": 0, "vnpus": [{"template": "vir02", "vnpu_id": 101}]}]
    assert len(run(True, chips=chips, dangerous_allowed=True)["actions"]) == 2


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_a_loss_without_consent_stops_before_anything_is_ordered(smi, run, check):
    smi.has("310p")
    smi.says("vnpu-cfg-recover", row("VNPU config recover mode", "Disable"))
    smi.says("info-vnpu", vnpus((100, 0, "vir04")), *PLACE)
    smi.may("vnpu-cfg-recover")
    smi.may("destroy-vnpu")
    result = run(check, node={"vnpu_cfg_recover": True}, chips=wish())
    assert (
        "destroy virtual NPU 100 (vir04) of chip 0 of card 0: the work on a virtual NPU dies" in result["msg"]
    )
    assert "set dangerous_allowed to true for this node to agree, or to false" in result["msg"]


def test_a_refused_loss_is_left_out_with_what_needs_its_room(smi, run):
    smi.has("310p")
    smi.says("vnpu-cfg-recover", row("VNPU config recover mode", "Disable"))
    smi.says("info-vnpu", vnpus((100, 0, "vir04")), *PLACE)
    smi.may("vnpu-cfg-recover")
    smi.takes("vnpu-cfg-recover", "-d", "1")
    smi.says("vnpu-cfg-recover", row("VNPU config recover mode", "Enable"))
    smi.says("info-vnpu", vnpus((100, 0, "vir04")), *PLACE)
    result = run(node={"vnpu_cfg_recover": True}, chips=wish("vir02"), dangerous_allowed=False)
    assert result["actions"] == ["set vnpu_cfg_recover of the node to true (it is false)"]
    assert result["withheld"] == [
        "destroy virtual NPU 100 (vir04) of chip 0 of card 0",
        "create virtual NPU of template vir02 on chip 0 of card 0",
    ]


def test_in_the_other_mode_there_are_none(smi, run):
    smi.has("910")
    smi.says("vnpu-mode", row("vnpu-mode", "VM"))
    smi.may("vnpu-mode")
    smi.may("create-vnpu")
    result = run(True, node={"vnpu_mode": "docker"}, chips=wish("vir08"))
    assert [action.split()[0] for action in result["actions"]] == ["set", "create"]


@pytest.mark.parametrize(
    "said",
    [
        "The vnpu is not in docker mode, does not support querying info-vnpu.\n",
        "NPU is working in SMP mode, does not support vnpu query.\n",
        vnpus((100, 0, "vir04"), total=2),
        vnpus((100, 0, "vir04"))[:-100] + "\n",
        vnpus((100, 0, "")),
        "| Total number of vnpu: 1 |\n",
        "This device does not support querying info-vnpu.\n",
    ],
)
def test_answers_about_virtual_npus_that_are_refused(smi, run, said):
    smi.has("910")
    smi.says("info-vnpu", said, *PLACE)
    assert run(True, chips=wish("vir08"), dangerous_allowed=True)["failed"]


@pytest.mark.parametrize(
    ("family", "options", "problem"),
    [
        ("910b", {"all_cards": {"ecc_enable": True}}, "ecc_enable: chips of 910b have no such setting"),
        ("910_93", {"node": {"vnpu_mode": "vm"}}, "vnpu_mode: chips of 910_93 have no such setting"),
        ("910", {"cards": [{"npu_id": 0, "device_share": True}]}, "device_share: chips of 910 have no such"),
        ("910b", {"cards": [{"npu_id": 9, "device_share": True}]}, "card 9 is not on this node, which has 0"),
        ("910b", {"chips": [{"npu_id": 0, "chip_id": 1, "op_timeout": 20}]}, "chip 1 of card 0 is not on"),
        (
            "910b",
            {"all_chips": {"op_timeout": 33}},
            "op_timeout of chip 0 of card 0 is 33; give a number from 20",
        ),
        (
            "910b",
            {"all_chips": {"tls_cert_period": 6}},
            "tls_cert_period of chip 0 of card 0 is 6; give a number",
        ),
        ("910b", {"all_cards": {"custom_op_secverify_mode": 8}}, "is 8; give a number from 0 to 7"),
        ("310p", {"all_chips": {"cpu_num_cfg": {"ai": 8, "control": 0}}}, "is 8:0:0 (AI:control:data)"),
        ("310p", {"all_chips": {"cpu_num_cfg": {"ai": 7, "control": 1, "data": 1}}}, "is 7:1:1 (AI:"),
        ("910b", {"cards": [{"npu_id": 0}, {"npu_id": 0}]}, "card 0 is listed 2 times"),
        ("910b", {"chips": [{"npu_id": 0}, {"npu_id": 0}]}, "chip 0/0 is listed 2 times"),
        ("910_93", {"chips": wish("vir04")}, "vnpus: chips of 910_93 cannot be split"),
        ("310p", {"node": {"vnpu_mode": "vm"}, "chips": wish("vir04")}, "vnpus need vnpu_mode docker"),
        (
            "910b",
            {"chips": [{"npu_id": 0, "vnpus": [{"template": "vir05_1c_16g", "vgroup_id": 1}]}]},
            "only chips of 310p have vgroup_id",
        ),
        (
            "310p",
            {"chips": [{"npu_id": 0, "vnpus": [{"template": "vir01", "vnpu_id": 100}] * 2}]},
            "vnpu_id 100 is given more than once",
        ),
    ],
)
def test_wishes_that_make_no_sense(smi, run, family, options, problem):
    for check in (True, False):
        smi.has(family)
        assert problem in run(check, **options)["msg"]


def test_all_problems_come_at_once(smi, run):
    smi.has("910_93", chips=2)
    result = run(
        node={"vnpu_mode": "vm"},
        all_cards={"ecc_enable": True},
        chips=[{"npu_id": 0, "chip_id": 1, "tls_cert_period": 30, "op_timeout": 5}],
    )
    assert result["msg"].startswith("4 problem(s); ")
    assert "take it for chip 0 alone, not for chip 1 of card 0" in result["msg"]


def test_every_chip_spares_what_only_the_first_takes(smi, run):
    smi.has("910_93", chips=2)
    smi.says("tls-cert-period", row("Certificate validity period", "30 days"), *PLACE)
    assert not run(all_chips={"tls_cert_period": 30})["changed"]


def test_a_chip_of_its_own_wins(smi, run):
    smi.has("910b", cards=(0, 1))
    smi.says("op-timeout", row("Timeout Exponent", 20), *PLACE)
    smi.says("op-timeout", row("Timeout Exponent", 30), "-i", "1", "-c", "0")
    assert not run(all_chips={"op_timeout": 20}, chips=[{"npu_id": 1, "op_timeout": 30}])["changed"]


def test_a_chip_without_a_name_is_refused(smi, run):
    head = f"\t{'NPU ID':<30}{'Chip ID':<30}{'Chip Logic ID':<30}{'Chip Name':<30}"
    smi.tape.expect("npu-smi", "info", "-m", out=f"{head}\n\t{'0':<30}{'0':<30}{'0':<30}\n")
    assert "a chip without a name does not answer" in run(node={"vnpu_mode": "vm"})["msg"]

# SPDX-License-Identifier: GPL-3.0-or-later
"""The module npu_info against exact lists of calls."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES
from ansible_collections.ascend.fleet.plugins.modules import npu_info

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"
NOT_LOADED = "dcmi module initialize failed. ret is -8005\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Give the module an empty file system."""
    monkeypatch.setattr(npu_info, "ROOT", str(tmp_path))
    return tmp_path


def text(case: str) -> str:
    return (FIXTURES / f"{case}.txt").read_text(encoding="utf-8")


def expect_npus(tape, info="info-910b3", mapping="m-910b3", cards="l-910b3"):
    tape.expect("npu-smi", "info", out=text(f"25.5.1/{info}"))
    tape.expect("npu-smi", "info", "-m", out=text(f"25.5.1/{mapping}"))
    tape.expect("npu-smi", "info", "-l", out=text(f"25.5.1/{cards}"))


def expect_boards(tape, *cards):
    for card in cards:
        board = text("25.5.1/board-910b3").replace(": 3\n", f": {card}\n", 1)
        tape.expect("npu-smi", "info", "-t", "board", "-i", str(card), out=board)


def test_a_healthy_server(tape, run_module, root):
    expect_npus(tape)
    expect_boards(tape, *range(8))
    result = run_module(npu_info)
    assert (result["driver_version"], result["tool_version"]) == ("25.5.1", "25.5.1")
    assert result["npu_smi"] == {"available": True, "reason": None, "warnings": []}
    assert [chip["phy_id"] for chip in result["chips"]] == list(range(8))
    assert result["chips"][7] == {
        **dict.fromkeys(("npu_id", "phy_id", "logic_id"), 7),
        "chip_id": 0,
        "bus_id": "0000:42:00.0",
        "name": "910B3",
        "health": "OK",
        "error_codes": [],
        "reason": None,
        "power_w": 97.5,
        "temperature_c": 45,
        "ai_core_percent": 21,
        "memory_used_mb": None,
        "memory_total_mb": None,
        "hbm_used_mb": 3307,
        "hbm_total_mb": 65536,
        "hugepages_used": 0,
        "hugepages_total": 0,
        "family": "910b",
        "error_information": [],
        **dict.fromkeys(("product_type", "board", "common", "usages", "memory", "ecc")),
    }
    assert result["unread"] == []


def test_processes_cards_and_the_node_as_a_whole(tape, run_module, root):
    expect_npus(tape)
    expect_boards(tape, *range(8))
    result = run_module(npu_info)
    assert result["node"] == {
        "families": ["910b"],
        "card_count": 8,
        "chip_count": 8,
        "healthy_chip_count": 8,
    }
    assert len(result["processes"]) == 8
    assert result["processes"][0] == {
        "npu_id": 0,
        "chip_id": 0,
        "pid": 2211,
        "name": "python3",
        "memory_mb": 100,
    }
    assert [card["npu_id"] for card in result["cards"]] == list(range(8))
    assert result["cards"][0]["firmware_version"] == "7.8.0.5.216"
    assert result["lost_cards"] == 0
    assert result["changed"] is False


def test_check_mode_reads_the_same(tape, run_module, root):
    expect_npus(tape)
    expect_npus(tape)
    options = {"gather_subset": ["npus"]}
    assert run_module(npu_info, **options) == run_module(npu_info, **options, _ansible_check_mode=True)


def test_the_documentation_names_exactly_what_is_returned(tape, run_module, root):
    (root / "usr/local/Ascend/driver").mkdir(parents=True)
    (root / "usr/local/Ascend/driver/version.info").write_text("Version=1\n", encoding="ascii")
    (root / "usr/local/Ascend/firmware").mkdir()
    (root / "usr/local/Ascend/firmware/version.info").write_text("Version=1\n", encoding="ascii")
    (root / "usr/local/Ascend/cann-8.5.0").mkdir()
    device = root / "sys/bus/pci/devices/0000:01:00.0"
    device.mkdir(parents=True)
    (device / "class").write_text("0x120000\n", encoding="ascii")
    expect_npus(tape)
    expect_boards(tape, *range(8))
    for card in range(8):
        usages = text("25.5.1/usages-910b3").replace(": 3\n", f": {card}\n", 1)
        tape.expect("npu-smi", "info", "-t", "usages", "-i", str(card), out=usages)
    for card in range(8):
        refusal = "This device does not support querying product.\n"
        tape.expect("npu-smi", "info", "-t", "product", "-i", str(card), out=refusal)
    tape.expect("npu-smi", "info", "-t", "topo", out=text("25.5.1/topo-910b3"))
    subset = ["software", "npus", "boards", "pci", "usages", "product", "topo"]
    result = run_module(npu_info, files=["/nowhere"], gather_subset=subset)
    options = yaml.safe_load(npu_info.RETURN)
    assert names(result, options) - {("changed",), ("invocation",)} == documented(options)
    software = options["software"]["contains"]
    assert set(result["software"]["driver"]) == set(software["driver"]["sample"])
    assert set(result["software"]["firmware"]) == set(software["firmware"]["sample"])
    assert set(result["software"]["cann"][0]) == set(software["cann"]["sample"][0])
    samples = options["chips"]["contains"]
    assert set(result["chips"][3]["usages"]) == set(samples["usages"]["sample"])
    assert set(result["topology"]["nodes"][0]) == set(options["topology"]["sample"]["nodes"][0])
    for name in ("common", "memory"):
        fields = [field for field, _kind in TYPES[name].fields.values()]
        assert set(samples[name]["sample"]) == set(fields)
    assert set(samples["ecc"]["sample"]) <= {field for field, _kind in TYPES["ecc"].fields.values()}


def names(value, options, path=()):
    """Return the keys of nested mappings and lists as paths, as deep as ``options`` go."""
    if isinstance(value, list):
        return set().union(*(names(item, options, path) for item in value))
    if not isinstance(value, dict) or not options:
        return set()
    deeper = (names(item, options.get(key, {}).get("contains"), (*path, key)) for key, item in value.items())
    return {(*path, key) for key in value}.union(*deeper)


def documented(options, path=()):
    nested = (documented(option.get("contains", {}), (*path, key)) for key, option in options.items())
    return {(*path, key) for key in options}.union(*nested)


def test_a_bare_host_is_no_error(tape, run_module, root):
    tape.only_programs()
    result = run_module(npu_info)
    assert "failed" not in result
    assert result["npu_smi"]["available"] is False
    assert result["npu_smi"]["reason"] == "npu-smi is not on this host; install the NPU driver first"
    assert (result["driver_version"], result["tool_version"], result["lost_cards"]) == (None, None, None)
    assert (result["chips"], result["cards"], result["processes"], result["pci_devices"]) == ([], [], [], [])
    software = result["software"]
    assert (software["driver"], software["firmware"], software["cann"]) == (None, None, [])


@pytest.mark.parametrize(("subset", "call"), [("npus", ("info",)), ("boards", ("info", "-l"))])
def test_a_driver_that_is_not_loaded_is_no_error_and_is_asked_once(tape, run_module, root, subset, call):
    tape.expect("npu-smi", *call, out=NOT_LOADED, rc=187)
    result = run_module(npu_info, gather_subset=[subset])
    assert "failed" not in result
    assert result["npu_smi"]["reason"].startswith(
        "dcmi module initialize failed. ret is -8005: the driver is not"
    )
    assert (result["npu_smi"]["available"], result["chips"], result["cards"]) == (False, [], [])


def test_a_driver_that_goes_away_while_it_is_asked(tape, run_module, root):
    tape.expect("npu-smi", "info", out=text("25.5.1/info-910b3"))
    tape.expect("npu-smi", "info", "-m", out=NOT_LOADED, rc=187)
    result = run_module(npu_info, gather_subset=["npus"])
    assert (result["npu_smi"]["available"], result["driver_version"], result["chips"]) == (False, None, [])


def test_a_chip_that_does_not_answer(tape, run_module, root):
    expect_npus(tape, "info-one-occupied", "m-one-occupied")
    expect_boards(tape, 0)
    tape.expect("npu-smi", "info", "-t", "board", "-i", "1", out=text("25.5.1/board-one-occupied"), rc=197)
    expect_boards(tape, *range(2, 8))
    result = run_module(npu_info)
    chip = result["chips"][1]
    assert (chip["npu_id"], chip["phy_id"], chip["name"], chip["health"]) == (1, 1, None, None)
    assert "does not answer" in chip["reason"]
    assert result["cards"][1]["reason"].startswith("Failed to query card pcie info.")


def test_a_lost_card_is_counted_and_not_asked(tape, run_module, root):
    expect_npus(tape, "info-one-lost", "m-one-lost", "l-one-lost")
    expect_boards(tape, 0, *range(2, 8))
    result = run_module(npu_info)
    assert result["lost_cards"] == 1
    assert len(result["chips"]) == len(result["cards"]) == 7


def test_an_unhealthy_chip_is_asked_for_its_error_codes(tape, run_module, root):
    healthy = "| 1     910B3               | OK            |"
    alarm = text("25.5.1/info-910b3").replace(healthy, healthy.replace("OK   ", "Alarm"))
    tape.expect("npu-smi", "info", out=alarm)
    tape.expect("npu-smi", "info", "-m", out=text("25.5.1/m-910b3"))
    tape.expect("npu-smi", "info", "-t", "health", "-i", "1", "-c", "0", out=text("23.0.5/health-alarm"))
    tape.expect("npu-smi", "info", "-l", out=text("25.5.1/l-910b3"))
    chip = run_module(npu_info, gather_subset=["npus"])["chips"][1]
    assert (chip["health"], chip["error_codes"]) == ("Alarm", ["80CD8008", "8C084E00"])


def test_an_unhealthy_chip_that_refuses_its_error_codes(tape, run_module, root):
    healthy = "| 1     910B3               | OK            |"
    alarm = text("25.5.1/info-910b3").replace(healthy, healthy.replace("OK      ", "Critical"))
    tape.expect("npu-smi", "info", out=alarm)
    tape.expect("npu-smi", "info", "-m", out=text("25.5.1/m-910b3"))
    tape.expect("npu-smi", "info", "-t", "health", "-i", "1", "-c", "0", out="Usage: npu-smi info\n", rc=215)
    tape.expect("npu-smi", "info", "-l", out=text("25.5.1/l-910b3"))
    chip = run_module(npu_info, gather_subset=["npus"])["chips"][1]
    assert (chip["health"], chip["error_codes"]) == ("Critical", [])
    assert "error codes could not be read" in chip["reason"]


def test_warnings_of_the_tool(tape, run_module, root):
    expect_npus(tape, "info-incomplete-driver")
    warnings = run_module(npu_info, gather_subset=["npus"])["npu_smi"]["warnings"]
    assert [warning.startswith("[WARNING]The driver package") for warning in warnings] == [True]


def test_boards_alone(tape, run_module, root):
    tape.expect("npu-smi", "info", "-l", out=text("25.5.1/l-910b3"))
    expect_boards(tape, *range(8))
    result = run_module(npu_info, gather_subset=["boards"])
    assert (len(result["cards"]), result["chips"], result["software"]) == (8, [], None)
    assert result["npu_smi"]["available"] is True


@pytest.mark.parametrize(
    ("answer", "status", "quoted"),
    [
        (
            "dcmi model initialized failed, because the device is used. ret is -8020\n",
            172,
            "another container",
        ),
        ("surprise\n", 0, "surprise"),
        ("", 1, "refused"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_is_not_understood_fails_with_the_whole_call(tape, run_module, answer, status, quoted):
    tape.expect("npu-smi", "info", out=answer, rc=status)
    result = run_module(npu_info, gather_subset=["npus"])
    assert result["failed"] is True
    assert quoted in result["msg"]
    assert (result["cmd"], result["rc"], result["stdout"]) == (["npu-smi", "info"], status, answer)


def test_software_and_pci_start_no_program(tape, run_module, root):
    info = root / "usr/local/Ascend/firmware/version.info"
    info.parent.mkdir(parents=True)
    info.write_text("Version=7.1.0.5.220\n", encoding="ascii")
    result = run_module(npu_info, gather_subset=["software", "pci"])
    assert result["software"]["firmware"]["version"] == "7.1.0.5.220"
    assert (result["npu_smi"], result["lost_cards"]) == (None, None)


def test_a_version_file_that_is_not_understood(tape, run_module, root):
    info = root / "usr/local/Ascend/driver/version.info"
    info.parent.mkdir(parents=True)
    info.write_text("Version=25.5.1\ncompatible_version_fw=newer\n", encoding="ascii")
    result = run_module(npu_info, gather_subset=["software"])
    assert result["failed"] is True
    assert "found 'newer'" in result["msg"]


def test_a_version_file_that_is_a_directory(tape, run_module, root):
    (root / "usr/local/Ascend/firmware/version.info").mkdir(parents=True)
    result = run_module(npu_info, gather_subset=["software"])
    assert result["failed"] is True
    assert "version.info cannot be read: Is a directory" in result["msg"]


def test_checksums(tape, run_module, root):
    file = root / "package.run"
    file.write_bytes(b"package")
    result = run_module(npu_info, gather_subset=["pci"], files=[str(file), str(root / "none.run")])
    assert result["files"] == [
        {"path": str(file), "sha256": hashlib.sha256(b"package").hexdigest()},
        {"path": str(root / "none.run"), "sha256": None},
    ]

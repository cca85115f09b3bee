# SPDX-License-Identifier: GPL-3.0-or-later
"""npu_mcu against an exact list of calls."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._locked_file import sole_holder
from ansible_collections.ascend.fleet.plugins.modules import npu_mcu

OLD, NEW = "23.3.13", "25.52.29"
CARD = "\tNPU ID                         : {0}\n\tChip Count                     : 1\n\n"
NONE = "This device does not support querying version.\n"
TRANSFERRED = (
    "[WARNING]: Do not power off or restart the system during the upgrade.\n"
    "\tValidity                       : success\n\n"
    "file_len(1000)--offset(400) [40].\rfile_len(1000)--offset(1000) [100].\n"
    "\ttransfile                      : successfully\n"
    "\tStatus                         : start to upgrade\n"
    "Start upgrade [50].\rStart upgrade [100].\n"
    "\tStatus                         : OK\n"
    "\tMessage                        : Start device upgrade successfully\n"
    "\tMessage                        : need active mcu\n"
)
ACTIVE = (
    "\tStatus                         : OK\n\tMessage                        : The upgrade has taken effect\n"
)


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """Keep the lock and the pauses out of the machine that runs the test; note the pauses."""
    pauses = []
    monkeypatch.setattr(npu_mcu, "LOCK", str(tmp_path / "lock"))
    monkeypatch.setattr(npu_mcu.time, "sleep", pauses.append)
    return pauses


@pytest.fixture
def firmware(tmp_path):
    file = tmp_path / "mcu.hpm"
    file.touch()
    return str(file)


def listed(tape, *cards):
    count = f"\tTotal Count                    : {len(cards)}\n\n"
    tape.expect("npu-smi", "info", "-l", out=count + "".join(CARD.format(card) for card in cards))


def says(tape, card, version):
    out = NONE if version is None else f"\tVersion                        : {version}\n"
    tape.expect("npu-smi", "upgrade", "-b", "mcu", "-i", str(card), out=out, rc=217 * (version is None))


def writes(tape, card, file):
    tape.expect("npu-smi", "upgrade", "-t", "mcu", "-i", str(card), "-f", file, out=TRANSFERRED)
    tape.expect("npu-smi", "upgrade", "-a", "mcu", "-i", str(card), out=ACTIVE)


def test_the_wanted_version_costs_no_write_and_no_lock(tape, run_module, tmp_path):
    listed(tape, 0, 1)
    says(tape, 0, NEW)
    says(tape, 1, NEW)
    result = run_module(npu_mcu, version=NEW)
    assert (result["changed"], result["actions"], result["cards_due"]) == (False, [], [])
    assert not (tmp_path / "lock").exists()


def test_one_card_after_the_other_with_the_pauses_and_read_again(tape, run_module, firmware, place):
    listed(tape, 0, 1, 2)
    for card, version in ((0, OLD), (1, NEW), (2, OLD)):
        says(tape, card, version)
    writes(tape, 0, firmware)
    writes(tape, 2, firmware)
    listed(tape, 0, 1, 2)
    for card in (0, 1, 2):
        says(tape, card, NEW)
    result = run_module(npu_mcu, version=NEW, file=firmware, settle_seconds=7, pause_seconds=11)
    assert result["changed"] is True
    assert result["cards_due"] == [0, 2]
    assert result["cards"] == [{"npu_id": card, "version": NEW} for card in (0, 1, 2)]
    assert place == [7, 11, 7]


def test_check_mode_says_the_same_and_writes_nothing(tape, run_module):
    listed(tape, 0, 1)
    says(tape, 0, OLD)
    says(tape, 1, OLD)
    result = run_module(npu_mcu, version=NEW, _ansible_check_mode=True, _ansible_diff=True)
    assert result["actions"] == [f"bring the MCU of NPU {card} from {OLD} to {NEW}" for card in (0, 1)]
    assert result["diff"]["before"] == f"NPU 0: {OLD}\nNPU 1: {OLD}\n"
    assert result["diff"]["after"] == f"NPU 0: {NEW}\nNPU 1: {NEW}\n"


def test_a_card_that_keeps_its_version_is_told(tape, run_module, firmware):
    listed(tape, 0)
    says(tape, 0, OLD)
    writes(tape, 0, firmware)
    listed(tape, 0)
    says(tape, 0, OLD)
    result = run_module(npu_mcu, version=NEW, file=firmware)
    assert result["failed"]
    assert f"bring the MCU of NPU 0 from {OLD} to {NEW}" in result["msg"]


def test_a_refused_file_ends_the_run_before_the_next_card(tape, run_module, firmware):
    listed(tape, 0, 1)
    says(tape, 0, OLD)
    says(tape, 1, OLD)
    out = "\tStatus                         : Fail\n\tMessage                        : File type error\n"
    tape.expect("npu-smi", "upgrade", "-t", "mcu", "-i", "0", "-f", firmware, out=out, rc=211)
    result = run_module(npu_mcu, version=NEW, file=firmware)
    assert "the transfer to the MCU of NPU 0 failed: File type error" in result["msg"]
    assert "10 minutes" in result["msg"]


def test_a_failed_activation_is_named(tape, run_module, firmware):
    listed(tape, 0)
    says(tape, 0, OLD)
    tape.expect("npu-smi", "upgrade", "-t", "mcu", "-i", "0", "-f", firmware, out=TRANSFERRED)
    tape.expect(
        "npu-smi", "upgrade", "-a", "mcu", "-i", "0", out="Failed to activate the mcu upgrade.\n", rc=187
    )
    result = run_module(npu_mcu, version=NEW, file=firmware)
    assert "the activation of the MCU of NPU 0 failed: Failed to activate the mcu upgrade." in result["msg"]


@pytest.mark.parametrize("allowed", [False, True])
def test_an_older_version_needs_consent(tape, run_module, allowed):
    listed(tape, 0)
    says(tape, 0, NEW)
    result = run_module(npu_mcu, version=OLD, downgrade_allowed=allowed, _ansible_check_mode=True)
    if allowed:
        assert result["actions"] == [f"bring the MCU of NPU 0 from {NEW} to {OLD}"]
    else:
        assert "downgrade_allowed" in result["msg"]


@pytest.mark.parametrize("file", [None, "/nowhere/mcu.hpm", "/etc/hostname"])
def test_the_firmware_must_be_there_before_anything_is_written(tape, run_module, file):
    listed(tape, 0)
    says(tape, 0, OLD)
    result = run_module(npu_mcu, version=NEW, file=file)
    assert f"file: found {file or 'none'}" in result["msg"]


@pytest.mark.parametrize(
    ("members", "word"),
    [
        (["mcu.hpm", "mcu.hpm.cms", "version.xml"], None),
        (["a.hpm", "b.hpm"], "a.hpm, b.hpm"),
        (["version.xml"], "no firmware"),
        (None, "broken zip"),
    ],
)
def test_the_vendors_zip_is_taken_apart_on_the_node(tape, run_module, tmp_path, members, word):
    package = tmp_path / "package.zip"
    package.write_bytes(b"no zip")
    if members:
        with zipfile.ZipFile(package, "w") as archive:
            for name in members:
                archive.writestr(name, name)
    seen = []

    def play(argv, stdin, play=tape.play):
        if "-t" in argv:
            seen.append(Path(argv[-1]).read_text(encoding="utf-8"))
            argv = [*argv[:-1], Path(argv[-1]).name]
        return play(argv, stdin)

    tape.play = play
    listed(tape, 0)
    says(tape, 0, OLD)
    if word is None:
        writes(tape, 0, "mcu.hpm")
        listed(tape, 0)
        says(tape, 0, NEW)
    result = run_module(npu_mcu, version=NEW, file=str(package))
    assert word in result["msg"] if word else seen == ["mcu.hpm"]
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_dir()] == []


def test_a_wrong_checksum_stops_before_anything_is_written(tape, run_module, firmware):
    listed(tape, 0)
    says(tape, 0, OLD)
    result = run_module(npu_mcu, version=NEW, file=firmware, sha256="0" * 64)
    assert f"wanted {'0' * 64}" in result["msg"]


def test_cards_without_an_mcu_are_left_alone_unless_they_are_named(tape, run_module):
    listed(tape, 0, 1)
    says(tape, 0, None)
    says(tape, 1, NEW)
    assert run_module(npu_mcu, version=NEW)["cards"][0] == {"npu_id": 0, "version": None}
    listed(tape, 0, 1)
    says(tape, 0, None)
    result = run_module(npu_mcu, version=NEW, cards=[0, 5])
    assert "no MCU on NPU 0" in result["msg"]
    assert "no MCU on NPU 5" in result["msg"]


def test_a_product_without_any_mcu_and_a_lost_card_are_told_together(tape, run_module):
    listed(tape, -1, 0)
    says(tape, 0, None)
    result = run_module(npu_mcu, version=NEW)
    assert "1 of the driver's cards" in result["msg"]
    assert "this product needs no MCU firmware" in result["msg"]


def test_an_mcu_that_does_not_answer_is_told_what_to_do(tape, run_module):
    listed(tape, 0)
    tape.expect("npu-smi", "upgrade", "-b", "mcu", "-i", "0", out="Failed to query mcu version.\n", rc=211)
    result = run_module(npu_mcu, version=NEW)
    assert "the MCU does not say its version" in result["msg"]
    assert result["stdout"] == "Failed to query mcu version.\n"


def test_two_runs_exclude_each_other(tape, run_module, firmware):
    with sole_holder(npu_mcu.LOCK, "a test"):
        listed(tape, 0)
        says(tape, 0, OLD)
        result = run_module(npu_mcu, version=NEW, file=firmware)
    assert "another run that upgrades the MCUs" in result["msg"]


def test_the_lock_is_free_after_use(tmp_path):
    for _turn in range(2):
        with sole_holder(str(tmp_path / "lock"), "a test"):
            pass
    with pytest.raises(CliError, match="become"), sole_holder(str(tmp_path / "no/lock"), "a test"):
        pass

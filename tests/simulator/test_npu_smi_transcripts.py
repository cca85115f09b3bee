# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay what the real npu-smi printed against the simulated one: text, stream, exit status, byte for byte.

The transcripts lie outside the repository, in the directory that ASCEND_TRANSCRIPTS names. Their device
values came from a stand-in device; the node's state is made from the same values, read out of them.
"""

from __future__ import annotations

import difflib
import io
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from npu_simulator.npu_smi import main
from npu_simulator.state import Node, fresh_state

DEFAULT = Path(__file__).resolve().parents[2] / "../shared/transcripts"
TRANSCRIPTS = Path(os.environ.get("ASCEND_TRANSCRIPTS", DEFAULT))
FAMILIES = {"910B3": "910b", "910A": "910"}
CODES = ["80E01801", "80CB8009"]

CHIP_LINES = re.compile(
    r"\| (\d+) +(\S+) +\| \w+ +\| ([\d.]+) +(\d+) +(\d+) +/ (\d+) +\|\n"
    r"\| \d+ +\| (\S+) +\| (\d+) +(\d+) +/ (\d+) +(\d+) +/ (\d+) +\|\n"
)
PROCESS_LINE = re.compile(r"\| (\d+) +\d+ +\| (\d+) +\| (\S*) +\| (\d+) +\|\n")

# Calls whose answer differs, and why. Reviewed one by one: a new difference fails the test, and so does an
# entry whose call has become equal. "both" stands for the two families.
UNEQUAL = [
    (
        "the transcript prints the clock of its own minute",
        {"both": ["t-sys-time-chip"]},
    ),
    (
        "not played: counters of the HCCS links, which no stage reads",
        {"910B3": ["t-hccs-chip"]},
    ),
    (
        "not played: the templates of vNPUs",
        {"both": ["t-template-info"]},
    ),
    (
        "the transcript's device was given a time limit by the call before",
        {"910B3": ["t-op-timeout"]},
    ),
    (
        "not played: taking back how long before its end a certificate warns",
        {"910B3": ["clear-tls-cert-period"]},
    ),
    (
        "not played: progress and activation of an MCU upgrade; the stand-in MCU failed them",
        {"910B3": ["upgrade-q-mcu", "upgrade-a-mcu"]},
    ),
]
# These may never be listed above: the modules make them, or a user meets them first.
REQUIRED = re.compile(
    r"none|h|v|unknown|help-word|(info|set|clear|upgrade)(-.*)?(-h|-none|-i|-i-99|-bad-opt|-bad-type|-t-none|-t-bad)"
    r"|info|info-l|info-m|info-t-board.*|t-board-.*|t-phyid-.*|t-health-.*"
    r"|(driver-down|occupied|zero|partial|one-off-bus|five-off-bus|health|vm|ct|nonroot|incomplete|no-install-info)\w*-.*"
)


@dataclass(frozen=True)
class Call:
    """One recorded call of the real program."""

    file: str
    name: str  # without the number; two calls that ask the same have the same name
    argv: tuple[str, ...]
    user: str
    situation: str
    stdin: str
    answer: tuple[str, str, int]


def read_call(file: Path) -> Call:
    head, *blocks = re.split(r"^--- (\w+) ---\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    streams = dict(zip(blocks[::2], blocks[1::2]))
    return Call(
        file=file.stem,
        name=file.stem.split("-", 1)[1],
        argv=tuple(shlex.split(facts["command"])[1:]),
        user=facts.get("user", "root"),
        situation=facts.get("situation", ""),
        stdin=streams.get("stdin", ""),
        answer=(streams["stdout"], streams["stderr"], int(facts["status"])),
    )


@pytest.fixture(scope="module")
def transcripts():
    """Give the directory of the recorded calls; without it nothing here can be proved."""
    if not TRANSCRIPTS.is_dir():
        reason = f"NOTHING REPLAYED: no npu-smi transcripts in {TRANSCRIPTS}; set ASCEND_TRANSCRIPTS"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return TRANSCRIPTS / "npu-smi"


class Recording:
    """The recorded calls of one chip, and the state of the node on which they would be answered so."""

    def __init__(self, folder: Path, family: str) -> None:
        self.calls = [read_call(file) for file in sorted(folder.glob("*.txt"))]
        self.family = family
        self.text = {call.name: call.answer[0] for call in self.calls}
        self.situations = {call.name: call.situation for call in self.calls}

    def situation(self, call: Call) -> str:
        """Return what was prepared for the call; further calls of one situation do not name it again."""
        group = call.name.rsplit("-", 1)[0]
        return call.situation or self.situations.get(f"{group}-info", "")

    def value(self, name: str, key: str) -> str:
        found = re.search(rf"^\t{re.escape(key)} *: (.*)$", self.text[name], re.MULTILINE)
        assert found, f"no {key} in {name}"
        return found.group(1)

    def state(self):
        product = {"key": "replay", "name": "Replay", "chip": self.family, "npus": 8, "chips_per_npu": 1}
        chip = {"npu_smi_names": ["?"], "pci": ["0000:0000"]}
        state = fresh_state(product, chip, "aarch64")
        state["running"]["driver"] = self.value("t-board-card", "Software Version")
        for npu, line in zip(state["npus"], CHIP_LINES.findall(self.text["info"])):
            npu.update(self.table_values(line))
            npu["pci"] = self.pci()
            npu["board_id"] = self.value("t-board-chip", "Board ID")
            npu["firmware"] = self.value("t-board-chip", "Firmware Version")
            npu["readings"] = self.readings()
        for card, pid, name, memory in PROCESS_LINE.findall(self.text["info"]):
            process = {"pid": int(pid), "name": name, "memory_mb": int(memory)}
            state["npus"][int(card)]["processes"].append(process)
        if self.family == "910b":
            state["npus"][0]["serial"] = self.value("t-board-card", "Serial Number")
        return state

    @staticmethod
    def table_values(line):
        keys = ("hugepages_used", "hugepages_total", "ai_core_percent")
        memories = ("memory_used_mb", "memory_total_mb", "hbm_used_mb", "hbm_total_mb")
        numbers = [int(line[at]) for at in (4, 5, 7, 8, 9, 10, 11)]
        return {
            "name": line[1],
            "power_w": float(line[2]),
            "temperature_c": int(line[3]),
            "bus_id": line[6],
            **dict(zip(keys + memories, numbers)),
        }

    def pci(self):
        keys = {
            "vendor": "PCI Vendor ID",
            "device": "PCI Device ID",
            "subsystem_vendor": "Subsystem Vendor ID",
            "subsystem_device": "Subsystem Device ID",
        }
        return {key: self.value("t-board-card", name)[2:].lower() for key, name in keys.items()}

    def readings(self):
        readings = {
            "chip_version": self.value("t-board-chip", "Chip Version"),
            "vdie_id": self.value("t-board-chip", "VDie ID"),
            "ndie_id": self.value("t-board-chip", "NDie ID"),
            "aicore_mhz": self.value("t-common-card", "Aicore Freq(MHZ)"),
            "aicore_current_mhz": self.value("t-common-card", "Aicore curFreq(MHZ)"),
            "aicore_count": self.value("t-common-card", "Aicore Count"),
            "hbm_percent": self.value("t-common-card", "HBM Usage Rate(%)"),
            "ctrlcpu_percent": self.value("t-usages-card", "Ctrlcpu Usage Rate(%)"),
            "ddr_mhz": self.value("t-memory-card", "DDR Clock Speed(MHz)"),
            "hbm_mhz": self.value("t-memory-card", "HBM Clock Speed(MHz)"),
            "hbm_temperature": self.value("t-memory-card", "HBM Temperature(C)"),
            "volt": self.value("t-volt-card", "Voltage(V)"),
            "flash_id": self.value("t-flash-card", "Flash ID"),
            "flash_manufacturer": self.value("t-flash-card", "Manufacturer ID"),
            "flash_mb": self.value("t-flash-card", "Capacity(MB)"),
            "sensors": re.findall(r"^\t(.*) Temperature \(C\) +: (\d+)$", self.text["t-sensors-chip"], re.M),
            "error_texts": dict(zip(CODES, re.findall(r": (node type=.*)", self.text["health2-chip"]))),
            "device_share": False,
        }
        return {**readings, **(self.mcu_readings() if self.family == "910b" else self.old_readings())}

    def old_readings(self):
        return {
            "pcb_id": self.value("t-board-card", "PCB ID"),
            "bom_id": self.value("t-board-card", "BOM ID"),
            "work_mode": self.value("t-work-mode-card", "work-mode"),
        }

    def mcu_readings(self):
        label = {"product_name": "Product Name", "model": "Model", "manufacturer": "Manufacturer"}
        mcu = {"mcu_board_id": "Board ID", "mcu_pcb_id": "PCB ID", "mcu_bom_id": "BOM ID"}
        return {
            **{key: self.value("t-board-card", name) for key, name in {**label, **mcu}.items()},
            "mcu_firmware": self.value("info-t-board-c-1", "Firmware Version"),
            "mcu_temperature": re.findall(r"Temperature\(C\) +: (\d+)", self.text["t-common-card"])[1],
            "mcu_temperatures": re.findall(r"^\t(\S+) +\(C\) +: (\d+)$", self.text["t-temp-card"], re.M),
            "hbm_manufacturer": self.value("t-memory-card", "HBM Manufacturer ID"),
            "cpu_affinity": re.findall(r"^NPU0 .* (\S+)$", self.text["t-topo"], re.M)[0],
            "nics": re.findall(r"^NIC\d: (.*)$", self.text["t-topo"], re.M),
        }


def one_off_the_bus(phy_id):
    return lambda state: state["faults"].update(npu_gone=[phy_id])


def health_of_one(value):
    return lambda state: state["npus"][1].update(health=value)


def init_fails(code):
    return lambda state: state["faults"].update(npu_smi_init=code)


def two_error_codes(state):
    state["faults"].update(npu_health={"1": 2}, error_codes={"1": CODES})


def half_answering(state):
    values = {"power_w": 0.0, "temperature_c": 32766, "hbm_used_mb": 0, "hbm_total_mb": 0}
    state["npus"][1].update(values)
    state["npus"][1]["readings"].update(aicore_count=0, hbm_percent=0, mcu_temperature=0)
    state["npus"][1]["readings"]["failing"] = ["usages"]


def mcu_fails(state):
    for npu in state["npus"]:
        npu["readings"]["mcu_firmware"] = None


def untouched(_state):
    return None


SITUATIONS = {
    "": untouched,
    "stdin at end of file": untouched,
    "with device-share-cfg-recover on": untouched,
    "/etc/ascend_install.info missing": untouched,
    "/etc/ascend_install.info without Driver_Install_Status": untouched,
    "container": lambda state: state.update(environment="container"),
    "virtual machine": lambda state: state.update(environment="vm"),
    "stub: no device": lambda state: state["faults"].update(npu_gone=list(range(8))),
    "stub: device 1 answers health not existing": one_off_the_bus(1),
    "stub: device 5 answers health not existing": one_off_the_bus(5),
    "stub: device count query fails (driver not loaded)": init_fails(-8009),
    "stub: count query answers resource occupied": init_fails(-8020),
    "stub: every per device query answers resource occupied": (
        lambda state: state["faults"].update(npu_dead=list(range(8)))
    ),
    "stub: only device 1 answers resource occupied": lambda state: state["faults"].update(npu_dead=[1]),
    "stub: PCI query of device 1 fails": lambda state: state["npus"][1].update(bus_id="0000:00:00.0"),
    "stub: health 2 on device 1 with two codes": two_error_codes,
    "stub: health value 1 on device 1": health_of_one(1),
    "stub: health value 3 on device 1": health_of_one(3),
    "stub: health value 4 on device 1": health_of_one(4),
    "stub: health value 9 on device 1": health_of_one(9),
    "stub: health value 4294967295 on device 1": health_of_one(4294967295),
    "stub: power, HBM and utilisation of device 1 fail": half_answering,
    "stub: mcu answers error": mcu_fails,
}


def twelve_processes(call, state):
    """Take the process ids from the eight lines that the real program showed of its twelve processes."""
    shown = PROCESS_LINE.findall(call.answer[0])
    assert len(shown) == 8
    more = [("0", str(int(shown[-1][1]) + extra), "", "0") for extra in range(1, 5)]
    state["npus"][0]["processes"] = [
        {"pid": int(pid), "name": name, "memory_mb": int(memory)} for _npu, pid, name, memory in shown + more
    ]


def prepare(call: Call, recording: Recording, root: Path) -> Node:
    """Make the node on which the call was made."""
    state = recording.state()
    situation = recording.situation(call)
    if situation == "stub: 12 processes on die 0":
        twelve_processes(call, state)
    else:
        SITUATIONS[situation](state)
    if call.name == "share-on":
        state["npus"][0]["readings"]["device_share"] = True
    if call.name == "read-back-tls-cert-period":
        state["npus"][0]["readings"]["tls_cert_days"] = 30
    node = Node(str(root), uid=0 if call.user == "root" else 65534)
    node.create(state)
    (root / "etc").mkdir()
    (root / "etc/hostname").write_text("replay\n")
    if "ascend_install.info missing" not in situation:
        complete = "" if "without" in situation else "Driver_Install_Status=complete\n"
        (root / "etc/ascend_install.info").write_text("Driver_Install_Type=full\n" + complete)
    return node


def replay(call: Call, recording: Recording, root: Path) -> tuple[str, str, int]:
    """Make the call on the simulated program."""
    root.mkdir()
    node = prepare(call, recording, root)
    out, err = io.StringIO(), io.StringIO()
    status = main(list(call.argv), node, io.StringIO(call.stdin), out, err)
    return out.getvalue(), err.getvalue(), status


def difference(wanted: tuple[str, str, int], found: tuple[str, str, int]) -> str:
    """Return what stands in one answer and not in the other, for the reader of a failed test."""
    both = [
        f"{out}--- stderr ---\n{err}--- status {status}\n".splitlines()
        for out, err, status in (wanted, found)
    ]
    return "\n".join(difflib.unified_diff(*both, "recorded", "simulated", lineterm="", n=0))


def reasons_of(chip: str) -> dict[str, str]:
    return {
        name: reason
        for reason, chips in UNEQUAL
        for family, names in chips.items()
        for name in names
        if family in {chip, "both"}
    }


def report(chip: str, total: int, unequal: list[str]) -> str:
    lines = [f"npu-smi {chip}: {total - len(unequal)} of {total} calls equal"]
    reasons = reasons_of(chip)
    for reason in dict.fromkeys(reasons[name] for name in unequal if name in reasons):
        names = ", ".join(name for name in unequal if reasons.get(name) == reason)
        lines.append(f"  {reason}: {names}")
    return "\n".join(lines)


@pytest.mark.parametrize("chip", FAMILIES)
def test_every_recorded_call_is_answered_alike(chip, transcripts, tmp_path, capsys):
    recording = Recording(transcripts / chip, FAMILIES[chip])
    assert recording.calls, f"no transcripts in {transcripts / chip}"
    unequal = {}
    for call in recording.calls:
        answer = replay(call, recording, tmp_path / call.file)
        if answer != call.answer:
            unequal[call] = difference(call.answer, answer)
    names = [call.name for call in unequal]
    with capsys.disabled():
        print("\n" + report(chip, len(recording.calls), names))
    reasons = reasons_of(chip)
    assert {call.file: text for call, text in unequal.items() if call.name not in reasons} == {}
    assert [name for name in reasons if name not in names] == [], "equal by now: take them from the table"


@pytest.mark.parametrize("chip", FAMILIES)
def test_no_required_call_is_excused(chip):
    assert [name for name in reasons_of(chip) if REQUIRED.fullmatch(name)] == []

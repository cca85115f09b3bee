# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded calls of the real npu-smi, and the simulated nodes on which they would be answered so.

Their device values came from a stand-in device; the node's state is made from the same values, read out of
the recordings.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from npu_simulator.state import Node, fresh_state

DEFAULT = Path(__file__).resolve().parents[1] / "../shared/transcripts"
TRANSCRIPTS = Path(os.environ.get("ASCEND_TRANSCRIPTS", DEFAULT))
FAMILIES = {"910B3": "910b", "910A": "910", "A3": "910_93", "310P3": "310p"}
CODES = ["80E01801", "80CB8009"]
VDIE = ["11110000", "22220000", "33330000", "44440000", "55550000"]

# What the stand-in device could not do: chips are not split, there is no BMC, the MCU takes no firmware.
STAND_IN = {"vnpus": None, "bmc": False, "mcu_takes_firmware": False}

CHIP_LINES = re.compile(
    r"\| (?P<card>\d+) +(?P<name>\S+) +\| \w+ +\| (?:[\d.]+|-|NA) +(?P<temperature_c>\d+)"
    r" +(?P<hugepages_used>\d+) +/ (?P<hugepages_total>\d+) +\|\n"
    r"\| \d+ +(?:\d+ +)?\| (?P<bus_id>\S+) +\| (?P<ai_core_percent>\d+)"
    r" +(?P<memory_used_mb>\d+) +/ (?P<memory_total_mb>\d+)"
    r"(?: +(?P<hbm_used_mb>\d+) +/ (?P<hbm_total_mb>\d+))? +\|\n"
)
PROCESS_LINE = re.compile(r"\| (\d+) +\d+ +\| (\d+) +\| (\S*) +\| (\d+) +\|\n")


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
        lines = [line.groupdict() for line in CHIP_LINES.finditer(self.text["info"])]
        cards = len({line["card"] for line in lines})
        product = {"key": "replay", "name": "Atlas 300I Pro", "chip": self.family}
        counts = {"npus": cards, "chips_per_npu": len(lines) // cards}
        state = fresh_state({**product, **counts}, {"npu_smi_names": ["?"], "pci": ["0000:0000"]}, "aarch64")
        state["running"]["driver"] = self.value("t-board-card", "Software Version")
        for npu, line in zip(state["npus"], lines):
            npu.update(self.table_values(line, npu))
            npu["pci"] = self.pci()
            npu["board_id"] = self.value("t-board-chip", "Board ID")
            npu["firmware"] = self.value("t-board-chip", "Firmware Version")
            npu["readings"] = self.readings(npu)
            if self.has_mcu:
                npu["serial"] = self.value("t-board-card", "Serial Number")
        for card, pid, name, memory in PROCESS_LINE.findall(self.text["info"]):
            process = {"pid": int(pid), "name": name, "memory_mb": int(memory)}
            next(npu for npu in state["npus"] if npu["npu_id"] == int(card))["processes"].append(process)
        return state

    @property
    def has_mcu(self):
        return self.family != "910"

    def table_values(self, line, npu):
        numbers = ("hugepages_used", "hugepages_total", "ai_core_percent", "temperature_c")
        memories = ("memory_used_mb", "memory_total_mb", "hbm_used_mb", "hbm_total_mb")
        power = re.findall(r"Power.*: ([\d.]+)$", self.text["t-power-card"], re.M)[0]
        return {
            "name": line["name"],
            "npu_id": int(line["card"]),
            "slot_id": int(line["card"]) % 96,
            "bus_id": line["bus_id"],
            "power_w": round(float(power) + (npu["phy_id"] / 10 if self.family != "310p" else 0), 1),
            **{key: int(line[key] or 0) for key in numbers + memories},
        }

    def pci(self):
        keys = {
            "vendor": "PCI Vendor ID",
            "device": "PCI Device ID",
            "subsystem_vendor": "Subsystem Vendor ID",
            "subsystem_device": "Subsystem Device ID",
        }
        return {key: self.value("t-board-card", name)[2:].lower() for key, name in keys.items()}

    def readings(self, npu):
        readings = {
            "chip_version": self.value("t-board-chip", "Chip Version"),
            "vdie_id": " ".join(f"{int(word) + npu['phy_id']:08}" for word in VDIE),
            "aicore_mhz": self.value("t-common-card", "Aicore Freq(MHZ)"),
            "aicore_current_mhz": self.value("t-common-card", "Aicore curFreq(MHZ)"),
            "ctrlcpu_percent": self.value("t-usages-card", "Ctrlcpu Usage Rate(%)"),
            "ddr_mhz": self.value("t-memory-card", "DDR Clock Speed(MHz)"),
            "volt": self.value("t-volt-card", "Voltage(V)"),
            "flash_id": self.value("t-flash-card", "Flash ID"),
            "flash_manufacturer": self.value("t-flash-card", "Manufacturer ID"),
            "flash_mb": self.value("t-flash-card", "Capacity(MB)"),
            "sensors": re.findall(r"^\t(.*) Temperature \(C\) +: (\d+)$", self.text["t-sensors-chip"], re.M),
            "error_texts": dict(zip(CODES, re.findall(r": (node type=.*)", self.text["health2-chip"]))),
            "device_share": False,
            **STAND_IN,
            "vnpu_split": "24 cores" if self.family == "910b" else None,
        }
        more = self.mcu_readings() if self.has_mcu else self.old_readings()
        return {**readings, **more, **(self.hbm_readings() if self.family != "310p" else {})}

    def hbm_readings(self):
        return {
            "ndie_id": self.value("t-board-chip", "NDie ID"),
            "aicore_count": self.value("t-common-card", "Aicore Count"),
            "hbm_percent": self.value("t-common-card", "HBM Usage Rate(%)"),
            "hbm_mhz": self.value("t-memory-card", "HBM Clock Speed(MHz)"),
            "hbm_temperature": self.value("t-memory-card", "HBM Temperature(C)"),
        }

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
            "mcu_firmware": self.value("upgrade-b-mcu", "Version"),
            "mcu_temperature": re.findall(r"Temperature\(C\) +: (\d+)", self.text["t-common-card"])[-1],
            "mcu_temperatures": re.findall(r"^\t(.{8}) \(C\) +: (\d+)$", self.text["t-temp-card"], re.M),
            **(self.mesh_readings() if self.family in {"910b", "910_93"} else {}),
            **(self.die_readings() if self.family == "910_93" else {}),
        }

    def mesh_readings(self):
        return {
            "hbm_manufacturer": self.value("t-memory-card", "HBM Manufacturer ID"),
            "cpu_affinity": re.findall(r"^(?:NPU|Phy-ID)0 .* (\S+)$", self.text["t-topo"], re.M)[0],
            "nics": re.findall(r"^NIC\d: (.*)$", self.text["t-topo"], re.M),
        }

    def die_readings(self):
        pod = {
            "super_pod_size": "Super Pod Size",
            "super_pod_id": "Super Pod ID",
            "server_index": "Server Index",
        }
        return {
            **{key: int(self.value("t-spod-info-chip", name)) for key, name in pod.items()},
            "main_board_id": self.value("t-board-card", "Main Board ID"),
            "npu_name": self.value("t-board-chip", "NPU Name"),
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
    "stub: no device": lambda state: state["faults"].update(npu_gone=list(range(16))),
    "stub: device 1 answers health not existing": one_off_the_bus(1),
    "stub: device 5 answers health not existing": one_off_the_bus(5),
    "stub: device count query fails (driver not loaded)": init_fails(-8009),
    "stub: count query answers resource occupied": init_fails(-8020),
    "stub: every per device query answers resource occupied": (
        lambda state: state["faults"].update(npu_dead=list(range(16)))
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
    if call.name == "t-op-timeout":
        state["npus"][0]["readings"]["settings"] = {"op-timeout-cfg": "20"}
    node = Node(str(root), uid=0 if call.user == "root" else 65534)
    node.create(state)
    (root / "etc").mkdir()
    (root / "etc/hostname").write_text("replay\n")
    if "ascend_install.info missing" not in situation:
        complete = "" if "without" in situation else "Driver_Install_Status=complete\n"
        (root / "etc/ascend_install.info").write_text("Driver_Install_Type=full\n" + complete)
    return node

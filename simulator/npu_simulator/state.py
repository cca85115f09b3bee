# SPDX-License-Identifier: GPL-3.0-or-later
"""The state file of a simulated node: its schema, and the only code that reads and writes it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

from npu_simulator import fabric, power
from npu_simulator.live import fresh_live

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from npu_simulator.live import LinkChange, Live

SCHEMA = 1
STATE_FILE = "/var/lib/npu-simulator/state.json"
CALLS_LOG = "/var/log/npu-simulator/calls.log"
ROOT_VARIABLE = "NPU_SIMULATOR_ROOT"
UID_VARIABLE = "NPU_SIMULATOR_UID"
HOST_VARIABLE = "NPU_SIMULATOR_HOST"
IMAGE_DRIVER = "23.0.0"  # recordings npu-smi/310B4
_HARDWARE = Path(__file__).with_name("hardware.json")
_PARTS = (
    *("driver", "firmware", "mcu", "docker_runtime", "conda"),
    *("toolkit", "kernels", "ops", "nnae", "nnrt", "nnal", "tfplugin", "toolbox"),
)


class StateError(Exception):
    """The state file is missing or is not what this simulator understands."""


class Pci(TypedDict):
    """The four ids of a PCI function, four hexadecimal digits each."""

    vendor: str
    device: str
    subsystem_vendor: str
    subsystem_device: str


class Process(TypedDict):
    """One host process that holds memory of a chip."""

    pid: int
    name: str
    memory_mb: int


class _NpuWithPast(TypedDict, total=False):
    link_changes: list[LinkChange]  # what `hccn_tool -link_stat` tells, oldest first; absent: none


class Npu(_NpuWithPast):
    """One chip. ``health``: 0 OK, 1 Warning, 2 Alarm, 3 Critical, 4 UNKNOWN."""

    phy_id: int
    logic_id: int
    npu_id: int
    chip_id: int
    chip_count: int
    name: str
    bus_id: str
    present: bool
    pci: Pci
    board_id: str
    slot_id: int
    serial: str
    health: int
    error_codes: list[str]
    power_w: float
    temperature_c: int
    ai_core_percent: int
    hbm_used_mb: int
    hbm_total_mb: int
    memory_used_mb: int
    memory_total_mb: int
    hugepages_used: int
    hugepages_total: int
    processes: list[Process]
    firmware: str | None
    mac: str
    tls_certificate: str  # preset, own, expired or none
    link: str  # UP or DOWN
    live: Live
    net_health: int  # code of `hccn_tool -net_health -g`; 6 is Init
    readings: dict[str, Any]  # what else npu-smi shows; absent ones come from npu_smi/families.json


class Running(TypedDict):
    """What the kernel has loaded; null means no driver."""

    driver: str | None


class Pending(TypedDict):
    """What the next boot makes live; null means no change."""

    driver: str | None
    firmware: str | None


class _StateWhenSet(TypedDict, total=False):
    npu_smi_settings: dict[str, str]  # what `npu-smi set` keeps for the whole node, by type
    tool_version: str  # what `npu-smi -v` says; without it the driver package's version
    grammar: str  # print as an older driver does: a key of grammars in npu_smi/tables.json
    super_pod: bool  # false: the server stands alone; only chips of families that build super pods ask
    image_driver: str  # the driver that the system's image brings: every boot loads it
    immutable: list[str]  # folders that have chattr +i on a real node; only the uninstaller removes them


class State(_StateWhenSet):
    """Everything a simulated node knows about itself."""

    schema: int
    product: str
    product_name: str
    dmi_product: str  # what dmidecode calls the server
    chip: str
    arch: str
    environment: str  # bare_metal, vm or container
    npus: list[Npu]
    running: Running
    pending: Pending
    boots: int
    seconds: dict[str, float]
    faults: dict[str, Any]


class Node:
    """A node's file system and user: every file access of the simulator goes through :meth:`path`."""

    def __init__(self, root: str = "", uid: int | None = None) -> None:
        """Work below ``root`` (empty: the real root) as user id ``uid`` (default: the effective one)."""
        self.root = root.rstrip("/")
        self.name = os.environ.get(HOST_VARIABLE) or fabric.host_name()
        self.uid = os.geteuid() if uid is None else uid

    @classmethod
    def from_environment(cls) -> Node:
        """Make the node that NPU_SIMULATOR_ROOT and NPU_SIMULATOR_UID name."""
        uid = os.environ.get(UID_VARIABLE)
        return cls(os.environ.get(ROOT_VARIABLE, ""), int(uid) if uid else None)

    @property
    def is_root(self) -> bool:
        """Tell whether the calling user is root."""
        return self.uid == 0

    def path(self, absolute: str) -> Path:
        """Return where the node's file ``absolute`` really lies."""
        return Path(self.root + absolute)

    def create(self, state: State) -> None:
        """Write the first state of this node; every user of the node may change it later."""
        for folder in (self.path(STATE_FILE).parent, self.path(CALLS_LOG).parent):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o777)
        with self._locked():
            self._write(state)

    def read(self) -> State:
        """Return the state as it is now. Raises StateError."""
        with self._locked():
            return self._read()

    @contextmanager
    def change(self) -> Iterator[State]:
        """Give the state for changing and save it at the end, all under one exclusive lock.

        Nothing is saved when the block raises. Keep the block short: everybody else waits.
        """
        with self._locked():
            state = self._read()
            before = json.dumps(state)
            yield state
            if json.dumps(state) != before:
                self._write(state)

    def log_call(self, program: str, argv: Sequence[str], status: int) -> None:
        """Append one line to the log of vendor program calls."""
        line = {
            "time": time.time(),
            "program": program,
            "argv": list(argv),
            "status": status,
            "uid": self.uid,
        }
        with _open_shared(self.path(CALLS_LOG), os.O_APPEND) as log:
            log.write(json.dumps(line) + "\n")
        power.count_call(self, program)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        file = self.path(STATE_FILE)
        if not file.parent.is_dir():
            raise StateError(f"no folder {file.parent}: this node was never made; create its state first")
        with _open_shared(file.with_suffix(".lock"), 0) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> State:
        file = self.path(STATE_FILE)
        if not file.exists():
            raise StateError(f"no state file {file}: create the node's state first")
        state = json.loads(file.read_text(encoding="utf-8"))
        if state.get("schema") != SCHEMA:
            raise StateError(f"{file} has schema {state.get('schema')}, wanted {SCHEMA}: make the node anew")
        return cast("State", state)

    def _write(self, state: State) -> None:
        file = self.path(STATE_FILE)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
        new.chmod(0o666)
        new.replace(file)
        fabric.publish(self, state)


def fresh_state(product: Mapping[str, Any], chip: Mapping[str, Any], arch: str, number: int = 0) -> State:
    """Return the state of a node as it comes from the factory: no driver, no firmware, no addresses.

    ``product`` and ``chip`` are entries of catalog/products.yml and chips.yml (``product`` with its ``key``);
    ``number`` is the node's place in the fleet and makes its serials and MAC addresses its own.
    """
    hardware = _hardware(product)
    count = product["npus"] * product["chips_per_npu"]
    state: State = {
        "schema": SCHEMA,
        "product": product["key"],
        "product_name": product["name"],
        "dmi_product": (product.get("dmi") or [product["name"]])[0],
        "chip": product["chip"],
        "arch": arch,
        "environment": "bare_metal",
        "npus": [_fresh_npu(product, chip, hardware, phy_id, number) for phy_id in range(count)],
        "running": {"driver": None},
        "pending": {"driver": None, "firmware": None},
        "boots": 1,
        "seconds": dict.fromkeys(_PARTS, 1.0),
        "faults": {},
    }
    if not product.get("driver", True):
        state["image_driver"] = IMAGE_DRIVER
        state["running"]["driver"] = IMAGE_DRIVER
    return state


def _hardware(product: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the chips of ``product`` show: their family's, or that of its cards or boards."""
    known = json.loads(_HARDWARE.read_text(encoding="utf-8"))
    place = "" if "driver" not in product else " in a host" if product["driver"] else " on a board"
    kinds = [{2: " of two chips"}.get(product["chips_per_npu"], place), ""]
    return cast(
        "dict[str, Any]", next(known[key] for kind in kinds if (key := product["chip"] + kind) in known)
    )


def _fresh_npu(
    product: Mapping[str, Any], chip: Mapping[str, Any], hardware: Mapping[str, Any], phy_id: int, number: int
) -> Npu:
    chips = product["chips_per_npu"]
    measured = {key: value for key, value in hardware.items() if key not in {"bus_ids", "npu_ids"}}
    npu = {
        "phy_id": phy_id,
        "logic_id": phy_id,
        "npu_id": hardware["npu_ids"][phy_id // chips] if "npu_ids" in hardware else phy_id // chips,
        "chip_id": phy_id % chips,
        "chip_count": chips,
        "name": chip["npu_smi_names"][0],
        "bus_id": hardware["bus_ids"][phy_id],
        "present": True,
        "pci": _pci(product, chip),
        "board_id": (product.get("board_ids") or ["0x00"])[0],
        "slot_id": phy_id // chips,
        "serial": f"SIM{number:05d}{phy_id:02d}",
        "health": 0,
        "error_codes": [],
        "ai_core_percent": 0,
        "processes": [],
        "firmware": None,
        "mac": f"02:4e:{number >> 8 & 255:02x}:{number & 255:02x}:00:{phy_id:02x}",
        "tls_certificate": "preset",
        "link": "UP",
        "live": fresh_live(),
        "net_health": 6,
        "readings": {},
        **measured,
    }
    return cast("Npu", npu)


def _pci(product: Mapping[str, Any], chip: Mapping[str, Any]) -> Pci:
    vendor, device = (product.get("pci") or chip["pci"])[0].split(":")
    subsystem_vendor, subsystem_device = (product.get("subsystem") or ["0000:0000"])[0].split(":")
    return {
        "vendor": vendor,
        "device": device,
        "subsystem_vendor": subsystem_vendor,
        "subsystem_device": subsystem_device,
    }


@contextmanager
def _open_shared(file: Path, flags: int) -> Iterator[Any]:
    """Open ``file`` for writing, made with mode 666 whatever the umask, because every user logs and locks."""
    made = not file.exists()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | flags, 0o666)
    if made:
        os.fchmod(descriptor, 0o666)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        yield stream

# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay what the real hccn_tool did against the simulated one: text, streams, exit status, file afterwards.

The transcripts lie outside the repository, in the directory that ASCEND_TRANSCRIPTS names. The calls of one
chip are one session: a call finds the device and the file as the calls before it left them. Where the file
"before" differs from what the last call left, the recording had started a new scene; SCENES says what it had
prepared besides the file.
"""

from __future__ import annotations

import difflib
import errno
import fcntl
import io
import os
import re
import shlex
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from npu_simulator.hccn_tool import conf, conf_file, main
from npu_simulator.live import fresh_live
from npu_simulator.state import Node, fresh_state

DEFAULT = Path(__file__).resolve().parents[2] / "../shared/transcripts"
TRANSCRIPTS = Path(os.environ.get("ASCEND_TRANSCRIPTS", DEFAULT))
FAMILIES = {"910B": "910b", "910A": "910", "A3": "910_93"}
REQUIRED = {"-ip", "-gateway", "-netdetect", "-net_health", "-link", "-cfg"}
NO_FILE = "(no file)"
MISSING = "missing"

# Calls that differ, each with its reason; a new difference fails, and so does an entry that has become equal.
UNEQUAL = {
    "001-help": "-h lists the commands that are simulated, not all of the vendor's",
}

# Values of the stand-in device (real-programs.md 1.1), made alike on both sides before comparing.
DEVICE_VALUES = [
    (re.compile(r"subject\[[^]]*\]"), "subject[]"),
    (re.compile(r"issuer\[/(C=CN/O=Stub/)?CN=[^]]*\]"), "issuer[own]"),
    (re.compile(r"^prefix_length:\d+$", re.M), "prefix_length:"),
    (re.compile(r"^((?:mac|roce|nic)_\w+):\d+$", re.M), r"\1:"),
    (re.compile(r"^vnic ipaddr: [\d.]+$", re.M), "vnic ipaddr:"),
    (re.compile(r"^(Bandwidth [TR]X): +[\d.]+", re.M), r"\1:"),
    (re.compile(r"\[\d+ Mbps\]"), "[]"),
    (re.compile(r"time=[\d.]+ms"), "time="),
    (re.compile(r"\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}"), "<time>"),
    (re.compile(r"^\t(leaf-\w+|stub switch|simulated switch)$", re.M), "\t<switch>"),
    (re.compile(r"^[0-9a-f:.]+ Class 1200: Device 19e5:d80\d$", re.M), "<pci>"),
    (re.compile(r"(\tSpeed: )\d+(Mb/s)"), r"\1\2"),
    (re.compile(r"^((?:Vcc|[TR]x|Temp|TxPower|RxPower)[\w ]*?) *: -?[\d.]+ (mV|mW|mA|C)$", re.M), r"\1: \2"),
    (re.compile(r"^(vendor serial number) : \w+$", re.M), r"\1:"),
]
# The stand-in 910B calls every port eth0; recordings of real 910B call it eth<physical id>.
PORT_NAME = (re.compile(r"(Iface:|for )eth\d+"), r"\1eth")


def live(phy_id, **values):
    """Prepare the device's own values."""
    return lambda state: state["npus"][phy_id]["live"].update(values)


def device(phy_id, **values):
    """Prepare a device."""
    return lambda state: state["npus"][phy_id].update(values)


def faults(**values):
    """Prepare faults, and take all others away."""

    def prepare(state):
        state["faults"] = values

    return prepare


ADDRESSED = live(0, address="10.20.0.1", netmask="255.255.255.0")
GATEWAY = live(0, gateway="10.20.0.254")
FAILS, BUSY = faults(hccn_fails=[0]), faults(hccn_busy={"0": 1})
LOST, SILENT = faults(npu_gone=[3]), faults(npu_dead=[3])

# Number of a call -> what was prepared before it, besides the file.
SCENES = {
    49: [live(1, address="10.20.0.2", netmask="255.255.255.0")],
    61: [live(0, gateway=None)],
    62: [GATEWAY],
    63: [GATEWAY],
    82: [ADDRESSED],
    **{110 + code: [device(0, net_health=code)] for code in range(12)},
    116: [device(0, net_health=6), live(0, netdetect=None)],
    153: [device(0, mac="aa:bb:cc:00:00:00")],
    162: [device(1, tls_certificate="none"), device(2, tls_certificate="expired")],
    163: [device(3, tls_certificate="own")],
    211: [ADDRESSED, live(1, address="10.20.0.2", netmask="255.255.255.0")],
    215: [faults(optical_absent=[0])],
    216: [faults(), live(0, config_status="NONE")],
    240: [FAILS],
    241: [faults(hccn_ignores_set=[0])],
    243: [BUSY],
    244: [BUSY],
    245: [BUSY],
    246: [FAILS],
    247: [FAILS],
    248: [FAILS],
    249: [BUSY],
    250: [FAILS],
    251: [LOST],
    252: [LOST],
    253: [LOST],
    254: [LOST],
    255: [SILENT],
    256: [SILENT],
    257: [faults(), GATEWAY, live(0, netdetect="10.20.0.254")],
    275: [faults(), live(0, gateway=None)],
}
READ_ONLY = range(275, 283)
LOCKED = {283, 284}
OTHER_MODES = {98: 0o600, 272: 0o640, 273: 0o640}
SYMBOLIC_LINK = {97}
CARRIAGE_RETURNS = {93}
PATIENCE = re.compile(r"timeout after (\d+)s")


@dataclass(frozen=True)
class Call:
    """One recorded call. ``before`` and ``after`` are the file's text, None when it was not recorded."""

    name: str
    argv: list[str]
    user: str
    stdin: str
    status: str
    stdout: str
    stderr: str
    before: str | None
    after: str | None

    @property
    def number(self) -> int:
        return int(self.name[:3])

    @property
    def is_required(self) -> bool:
        return any(word in REQUIRED for word in self.argv[:3])


def read_call(file: Path) -> Call:
    head, *blocks = re.split(r"^--- (.+?) ---\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    parts = dict(zip(blocks[::2], blocks[1::2]))
    before = parts.get("/etc/hccn.conf before")
    after = parts.get("/etc/hccn.conf after")
    return Call(
        name=file.stem,
        argv=shlex.split(facts["command"])[1:],
        user=facts.get("user", "root"),
        stdin=parts.get("stdin", ""),
        status=facts["status"],
        stdout=parts["stdout"],
        stderr=parts["stderr"],
        before=file_text(before),
        after=file_text(before if after == "(unchanged)\n" else after),
    )


def file_text(block: str | None) -> str | None:
    """Undo what the recorder did: it ends every text with a line end of its own."""
    if block is None:
        return None
    text = block[:-1]
    return MISSING if text == NO_FILE else text


class Impatient:
    """Stand for the clock: time passes when somebody sleeps; after the limit the caller is killed."""

    def __init__(self, limit: int) -> None:
        self.limit = self.left = limit

    def sleep(self, seconds: float) -> None:
        self.left -= seconds
        if self.left < 0:
            raise TimeoutError


class Replay:
    """The simulated node that goes through the session of one chip."""

    def __init__(self, root: Path, family: str) -> None:
        dies = 2 if family == "910_93" else 1
        product = {"key": "replay", "name": "Replay", "chip": family, "npus": 8, "chips_per_npu": dies}
        chip = {"npu_smi_names": ["?"], "pci": ["19e5:d802"]}
        self.node = Node(str(root), uid=0)
        state = fresh_state(product, chip, "aarch64")
        state["running"]["driver"] = "replay"
        state["environment"] = "vm"  # where the recordings were made, the vendor's program saw one
        self.node.create(state)
        self.file = root / "etc/hccn.conf"
        self.file.parent.mkdir()
        self.left = MISSING

    def prepare(self, call: Call) -> None:
        """Bring file and devices to where the recording had them before the call."""
        if call.before is not None and call.before != self.left:
            self.new_scene(call)
        with self.node.change() as state:
            for prepare in SCENES.get(call.number, []):
                prepare(state)

    def new_scene(self, call: Call) -> None:
        text = call.before
        self.file.unlink(missing_ok=True)
        if text != MISSING:
            place = self.file.with_suffix(".real") if call.number in SYMBOLIC_LINK else self.file
            end = "\r\n" if call.number in CARRIAGE_RETURNS else "\n"
            place.write_text(text, encoding="utf-8", newline=end)
            if place != self.file:
                self.file.symlink_to(place.name)
        with self.node.change() as state:
            for npu in state["npus"]:
                npu.update(live=fresh_live(), link="UP", net_health=6)
                npu["live"].update(saved_values(text, npu["phy_id"]))

    def run(self, call: Call, clock: Impatient) -> tuple[str, str, str]:
        """Run the call as its user and return stdout, stderr and status."""
        out, err = io.StringIO(), io.StringIO()
        node = Node(self.node.root, uid=0 if call.user == "root" else 1000)
        try:
            status = str(main(call.argv, node, io.StringIO(call.stdin), out, err))
        except TimeoutError:
            status = f"timeout after {clock.limit}s"
        return out.getvalue(), err.getvalue(), status

    def text(self) -> str:
        return self.file.read_text(encoding="utf-8").replace("\r\n", "\n") if self.file.exists() else MISSING

    def kind(self) -> tuple[int, int, bool] | None:
        """Return what a rewrite of the file must leave alone: inode, mode, being a link."""
        if not self.file.exists():
            return None
        found = self.file.stat()
        return found.st_ino, found.st_mode, self.file.is_symlink()


def saved_values(text: str, phy_id: int) -> dict:
    """Return what a device holds that has taken over the file: the recordings' scenes start like that."""
    names = ("address", "netmask", "gateway", "netdetect")
    values = {name: conf.value(text, f"{name}_{phy_id}") for name in names}
    return {**values, "routes": conf.routes(text, phy_id)}


def refuse_writing(path: str, mode: str):
    """Stand for a file system that is mounted read-only."""
    if "+" in mode:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
    return open_file(path, mode)


open_file = conf_file.open_file


def hold_lock(file: Path, seconds: float) -> threading.Thread:
    """Hold the file's lock for a while, as another process would."""
    stream = file.open()
    fcntl.flock(stream, fcntl.LOCK_EX)
    thread = threading.Timer(seconds, stream.close)
    thread.start()
    return thread


def compare(replay: Replay, call: Call, folder: str, monkeypatch) -> str:
    """Play one call; return how it differs, or nothing."""
    replay.prepare(call)
    if call.number in OTHER_MODES:
        replay.file.chmod(OTHER_MODES[call.number])
    limit = PATIENCE.fullmatch(call.status)
    clock = Impatient(int(limit[1]) if limit else 60)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    opener = refuse_writing if call.number in READ_ONLY else open_file
    monkeypatch.setattr(conf_file, "open_file", opener)
    lock = hold_lock(replay.file, 0.2) if call.number in LOCKED else None
    kind = replay.kind()
    out, err, status = replay.run(call, clock)
    after = replay.text()
    same_file = replay.kind() == kind
    if lock:
        lock.join()
    replay.left = call.after if call.after is not None else replay.left
    alike = partial(without_device_values, folder)
    found = shown(alike(out), err, status, None if call.after is None else after)
    wanted = shown(alike(call.stdout), call.stderr, call.status, call.after)
    difference = "\n".join(difflib.unified_diff(wanted, found, "real", "simulated", lineterm="", n=1))
    return difference or ("" if same_file else "the file was replaced, not rewritten in place")


def without_device_values(folder: str, text: str) -> str:
    for pattern, instead in [*DEVICE_VALUES, *([PORT_NAME] if folder != "910A" else [])]:
        text = pattern.sub(instead, text)
    return text


def shown(out: str, err: str, status: str, text: str | None) -> list[str]:
    lines = [*(f"out {line}" for line in out.split("\n")), *(f"err {line}" for line in err.split("\n"))]
    return [
        *lines,
        f"status {status}",
        *(f"file {line}" for line in ([] if text is None else text.split("\n"))),
    ]


@pytest.fixture(scope="module")
def transcripts():
    """Give the directory of the recorded calls; without it nothing here can be proved."""
    if not TRANSCRIPTS.is_dir():
        reason = f"NOTHING REPLAYED: no hccn_tool transcripts in {TRANSCRIPTS}; set ASCEND_TRANSCRIPTS"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return TRANSCRIPTS / "hccn_tool"


@pytest.mark.parametrize("folder", FAMILIES)
def test_the_simulated_program_does_what_the_real_one_did(folder, transcripts, tmp_path, monkeypatch, capsys):
    calls = [read_call(file) for file in sorted((transcripts / folder).glob("*.txt"))]
    assert calls, f"no transcripts in {transcripts / folder}"
    replay = Replay(tmp_path, FAMILIES[folder])
    differences = {call.name: compare(replay, call, folder, monkeypatch) for call in calls}
    unequal = {name: text for name, text in differences.items() if text}
    required = [call.name for call in calls if call.is_required]
    with capsys.disabled():
        print(f"\nhccn_tool {folder}: {len(calls) - len(unequal)} of {len(calls)} calls equal")
        equal = sum(name not in unequal for name in required)
        print(f"hccn_tool {folder}: {equal} of {len(required)} equal of {' '.join(sorted(REQUIRED))}")
        for name in unequal:
            print(f"  unequal {name}: {UNEQUAL.get(name, 'NOT EXPECTED')}")
    unexpected = [f"{name}\n{text}" for name, text in unequal.items() if name not in UNEQUAL]
    assert not unexpected, "\n\n".join(unexpected)
    assert set(UNEQUAL) <= set(unequal), f"now equal, take out: {sorted(set(UNEQUAL) - set(unequal))}"
    assert not set(required) & set(UNEQUAL)

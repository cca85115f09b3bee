# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay the recorded calls of the driver's `.run` and of its uninstall.sh on a simulated node.

The recordings build on each other. Where one of their numbers has no file, its call is still made here, so
that the following ones find the node as it was.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from npu_simulator import kernel
from npu_simulator.installers import driver, system
from npu_simulator.installers.driver import layout, uninstall_script
from npu_simulator.installers.package import from_mapping
from npu_simulator.installers.session import Session
from npu_simulator.state import Node, fresh_state

RUN_FILE = "Ascend-hdk-910b-npu-driver_25.5.1_linux-x86_64.run"
KERNEL = (
    "6.18.44-fc-v669"  # of the machine that the recordings were made on; its name is in a file that is listed
)
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
LISTED = (
    "/usr/local/Ascend/driver/version.info",
    "/etc/hccn.conf",
    "/etc/vnpu.cfg",
    "/etc/custom_process.cfg",
    "/lib/davinci.conf",
    "/etc/ld.so.conf.d/ascend_driver_so.conf",
    "/etc/d-pcivnic.conf",
    "/usr/local/bin/npu-smi",
    "/usr/bin/hccn_tool",
    "/etc/ascend_filelist.info",
    "/etc/logrotate.d/tmp",
    "/usr/local/Ascend",
    "/usr/local/Ascend/driver",
    "/etc/init.d/host_sys_init.sh",
)
WITHOUT_DETAILS = "/etc/init.d/host_sys_init.sh"
PACKAGE_DEFINED = "/usr/local/Ascend/driver/version.info"  # its size is the package's, not the installer's
FIRMWARE_RECORD = (
    "UserName=HwHiAiUser\nUserGroup=HwHiAiUser\n"
    "Firmware_Install_Type=full\nFirmware_Install_Path_Param=/usr/local/Ascend\n"
)
USER = ("HwHiAiUser:x:1000:1000::/home/HwHiAiUser:/bin/bash\n", "HwHiAiUser:x:1000:\n")
KILLED = 124  # what `timeout` answers for a program that it had to stop
ENOUGH = 20_000

# Numbers whose recording is missing: what was called, by the log of all calls (from 100 on, by what follows).
UNRECORDED = {
    7: f"{RUN_FILE} --quiet",
    14: f"{RUN_FILE} --full --quiet --install-path=foo",
    21: f"{RUN_FILE} --full",
    28: f"{RUN_FILE.replace('25.5.1', '25.5.0')} --upgrade --quiet",
    35: f"{RUN_FILE} --docker --quiet",
    42: f"{RUN_FILE} --docker --quiet",
    49: f"{RUN_FILE} --full --quiet",
    102: f"{RUN_FILE} --uninstall",
    202: "/usr/local/Ascend/driver/script/uninstall.sh --quiet",
}


@dataclass(frozen=True)
class Call:
    """One call: what went in, and what came out."""

    number: int
    name: str
    command: str
    stdin: str
    outcome: dict[str, str]


class Impatient(io.StringIO):
    """A stdout that stops its writer, as `timeout` does, when it has heard enough."""

    def write(self, text: str) -> int:
        if self.tell() > ENOUGH:
            raise SystemExit(143)
        return super().write(text)


def recorded_calls(folder: Path) -> dict[int, Call]:
    """Read all recordings of ``folder`` by number."""
    calls = [read_call(file) for file in sorted(folder.glob("[0-9]*.txt"))]
    return {call.number: call for call in calls}


def read_call(file: Path) -> Call:
    """Read one recording."""
    head, _rule, rest = file.read_text(encoding="utf-8").partition("--- stdout ---\n")
    stdout, _rule, rest = rest.partition("--- stderr ---\n")
    stderr, _rule, rest = rest.partition("--- /etc/ascend_install.info ---\n")
    files, _rule, _rest = rest.partition("--- end ---")
    lines = dict(line.split(":", 1) for line in head.splitlines())
    stdin = lines["stdin"].strip()
    return Call(
        int(file.name[:3]),
        file.stem,
        lines["command"][1:],
        "" if stdin == "EOF" else stdin.replace("\\n", "\n"),
        outcome(int(lines["status"]), stdout, stderr, files),
    )


def outcome(status: int, stdout: str, stderr: str, files: str) -> dict[str, str]:
    """Return what is compared, without times and without sizes that the package decides."""
    shown = re.sub(rf"\d+(  {PACKAGE_DEFINED})", r"*\1", files)
    return {"status": str(status), "stdout": TIME.sub("TIME", stdout), "stderr": stderr, "files": shown}


class Rack:
    """The simulated node between the calls."""

    def __init__(self, node, monkeypatch) -> None:
        self.node = node
        monkeypatch.setattr(layout.os, "uname", lambda: SimpleNamespace(release=KERNEL))
        with node.change() as state:
            state["seconds"] = {}
        for folder in ("/usr/bin", "/usr/local", "/etc", "/opt", "/lib", "/etc/init.d"):
            node.path(folder).mkdir(parents=True, exist_ok=True)
        for tool in json.loads(Path(system.__file__).with_name("tools.json").read_text())["driver"]:
            self.tool(tool, present=True)
        for tool in ("dkms", "gcc"):
            self.tool(tool, present=True)
        node.path(kernel.headers()).mkdir(parents=True)
        self.users(present=False)

    def tool(self, name: str, *, present: bool) -> None:
        file = self.node.path(f"/usr/bin/{name}")
        if present:
            file.write_text("#!/bin/sh\n")
            file.chmod(0o755)
        else:
            file.unlink()

    def users(self, *, present: bool) -> None:
        passwd = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
        extra = USER if present else ("", "")
        self.node.path("/etc/passwd").write_text(passwd + extra[0])
        self.node.path("/etc/group").write_text(f"root:x:0:\ndaemon:x:1:\n{extra[1]}")

    def fault(self, *stages: str) -> None:
        with self.node.change() as state:
            state["faults"] = {"installer_fails": list(stages)} if stages else {}

    def call(self, command: str, stdin: str = "") -> dict[str, str]:
        program, *words = re.split(r" (?=--)", command.rstrip())
        out, err = Impatient(), io.StringIO()
        session = Session(self.node, "driver", (io.StringIO(stdin), out, err))
        try:
            if program.endswith("uninstall.sh"):
                status = uninstall_script.main(session, "/usr/local/Ascend", words)
            else:
                status = driver.main(session, package_of(program), words)
        except SystemExit:
            status = KILLED
        return outcome(status, out.getvalue(), err.getvalue(), self.files())

    def files(self) -> str:
        record = self.node.path("/etc/ascend_install.info")
        shown = record.read_text() if record.exists() else "(no file)\n"
        for path in LISTED:
            file = self.node.path(path)
            if file.exists() or file.is_symlink():
                shown += (path if path == WITHOUT_DETAILS else listing(file, path)) + "\n"
        return shown


def package_of(file: str):
    """Return the package that the recordings were made with: it lacks the driver's environment script."""
    data = {"part": "driver", "version": file.split("_")[1], "file": file, "chip": "910b", "arch": "x86_64"}
    return from_mapping({**data, "pci_devices": ["d802"], "lacks": ["bin/setenv.bash"]})


def listing(file: Path, path: str) -> str:
    """Return the line of `ls -l` as recorded; size and links of folders are not the disk's."""
    found = file.lstat()
    links, size, arrow = found.st_nlink, found.st_size, ""
    if file.is_symlink():
        arrow = f" -> {file.readlink()}"
    elif file.is_dir():
        links, size = 2 + sum(one.is_dir() for one in file.iterdir()), 4096
    return f"{stat.filemode(found.st_mode)} {links} root root {size}  {path}{arrow}"


def prepare(rack: Rack, number: int) -> None:
    """Bring the node into the situation that call ``number`` found."""
    if number in {12, 101, 201}:
        rack.users(present=True)
    rack.node.uid = 1000 if number == 12 else 0
    if number in {13, 14}:
        rack.tool("modinfo", present=number != 13)
    stages = {101: ["driver:signature"], 103: ["driver:modules"]}
    if number in {*stages, 102, 105}:
        rack.fault(*stages.get(number, []))
    prepare_files(rack, number)
    if number == 107:
        rack.users(present=False)
    if number in {201, 203, 204, 205}:
        rack.call(f"{RUN_FILE} --full --quiet")


def prepare_files(rack: Rack, number: int) -> None:
    """Bring the node's files into the situation that call ``number`` found."""
    hccn = rack.node.path("/etc/hccn.conf")
    if number == 26:
        hccn.write_text("address_0=10.0.0.1\n")
    if number in {49, 205}:
        rack.node.path("/etc/ascend_install.info").write_text(FIRMWARE_RECORD)
    if number == 51:
        rack.node.path("/etc/ascend_install.info").unlink()
    if number == 106:
        hccn.write_text("address_0=10.0.0.1")
        hccn.chmod(0o600)
    if number in {106, 107}:
        rack.node.path("/usr/local/Ascend").chmod(0o700 if number == 106 else 0o755)


TITLE = "driver .run 910B"
REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = (
    Path(os.environ.get("ASCEND_TRANSCRIPTS", REPOSITORY.parent / "shared/transcripts")) / "driver-run/910B"
)
SEQUENCES = (range(1, 55), range(101, 108), range(201, 206))  # each on a node of its own, as it was recorded

# Calls that the simulator answers otherwise than the recording, each with the reviewed reason.
DIFFERENT: dict[str, str] = {}


@pytest.fixture
def recordings():
    if not FOLDER.is_dir():
        reason = (
            f"NO TRANSCRIPTS: {FOLDER} is missing; set ASCEND_TRANSCRIPTS to the folder of the recordings"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return recorded_calls(FOLDER)


@pytest.fixture
def new_rack(tmp_path, monkeypatch):
    product = {"key": "t", "name": "T", "chip": "910b", "npus": 8, "chips_per_npu": 1}
    chip = {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]}

    def build(number):
        made = Node(str(tmp_path / str(number)), uid=0)
        made.create(fresh_state(product, chip, "x86_64"))
        return Rack(made, monkeypatch)

    return build


def replay(rack, numbers, recordings):
    """Make the calls of one sequence; return name -> differing parts of the recorded ones."""
    differences = {}
    for number in numbers:
        prepare(rack, number)
        call = recordings.get(number)
        if call is None:
            rack.call(UNRECORDED[number])
            continue
        answer = rack.call(call.command, call.stdin)
        if number == 23:  # it repeats itself without end; the recording stops somewhere
            answer["stdout"] = answer["stdout"][: len(call.outcome["stdout"])]
        parts = {key: (call.outcome[key], text) for key, text in answer.items() if call.outcome[key] != text}
        differences[call.name] = parts
    return differences


def explain(name, parts):
    lines = [f"{name}:"]
    for key, (wanted, found) in parts.items():
        lines += [f"  {key} wanted:", wanted, f"  {key} found:", found]
    return "\n".join(lines)


def test_recorded_calls_are_answered_as_recorded(recordings, new_rack, capsys):
    differences = {}
    for numbers in SEQUENCES:
        differences.update(replay(new_rack(numbers[0]), numbers, recordings))
    unequal = {name: parts for name, parts in differences.items() if parts}
    with capsys.disabled():
        print(f"\n{TITLE}: {len(differences) - len(unequal)} of {len(differences)} calls equal")
        for name in sorted(unequal):
            print(f"  {name} differs in {', '.join(unequal[name])}: {DIFFERENT.get(name, 'NOT REVIEWED')}")
    unexpected = [explain(name, parts) for name, parts in unequal.items() if name not in DIFFERENT]
    assert not unexpected, "\n".join(unexpected)
    assert set(DIFFERENT) <= set(unequal), "these became equal: take them out of the table"


def test_the_operation_log_of_all_calls_is_the_recorded_one(recordings, new_rack):
    rack = new_rack(1)
    replay(rack, SEQUENCES[0], recordings)
    wanted = (FOLDER / "operation.log").read_text()
    found = rack.node.path("/var/log/ascend_seclog/operation.log").read_text()
    assert TIME.sub("TIME", found) == TIME.sub("TIME", wanted)


# Lines of the simulated install log that the recorded one does not have, each with the reviewed reason.
OWN_LOG_LINES = {
    "[INFO]dkms environment check success": "the recorded package builds no modules",
    "[INFO]driver install type: DKMS": "the recorded package builds no modules",
}


def test_every_line_of_the_install_log_is_one_of_the_recorded(recordings, new_rack):
    """The recorded log has more: the steps inside of scripts that the simulator does not have."""
    rack = new_rack(1)
    replay(rack, SEQUENCES[0], recordings)
    found = scrubbed(rack.node.path("/var/log/ascend_seclog/ascend_install.log").read_text())
    wanted = scrubbed((FOLDER / "ascend_install.log").read_text())
    more = {line for line in found - wanted if not any(line.endswith(own) for own in OWN_LOG_LINES)}
    assert not more, "\n".join(sorted(more))


def scrubbed(text):
    """Return the distinct lines without times and without what the disk of the day had free."""
    return {re.sub(r"freeSpace:\d+M", "freeSpace:*M", TIME.sub("TIME", line)) for line in text.splitlines()}

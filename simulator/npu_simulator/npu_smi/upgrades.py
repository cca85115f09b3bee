# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi upgrade`: the MCU's version, and the refusals. real-programs.md N18, transcripts 163-173."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, RefusedError, rows
from npu_simulator.npu_smi.grammar import Parser, Request, pairs

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Host
    from npu_simulator.npu_smi.prompts import Streams

_NO_DEVICE, _BASE = 187, 216  # codes -8005 and -9000
_STEPS, _TIMES = 20, 3
_WARNING = "[WARNING]: Do not power off or restart the system during the upgrade.\n"


def upgrade(words: list[str], host: Host, streams: Streams) -> Answer:
    """Answer `npu-smi upgrade WORDS`."""
    actions = {word for word, _value in pairs(words)}
    if actions.intersection({"-t", "-a", "-q"}) and not host.node.is_root:
        raise RefusedError(texts.ROOT_ONLY, answers.NOT_PERMITTED)
    if actions.intersection({"-t", "-a", "-q"}) and (host.in_vm or host.in_container):
        raise RefusedError(texts.HOST_ONLY, answers.NOT_PERMITTED)
    if not words:
        return Answer(texts.NO_OPTIONS + texts.UPGRADE_USAGE, answers.INVALID_PARAMETER)
    request = _parse(words, host)
    if not request.card:
        raise RefusedError(texts.CARD_WANTED + texts.UPGRADE_USAGE, answers.INVALID_PARAMETER)
    action = request.flags[0] if request.flags else ""
    if request.type == "vrd" and action in {"-q", "-a", "-t"}:
        raise _unsupported(action, "vrd")
    actions_of_mcu = {"-b": _version, "-q": _progress, "-a": _activate}
    if action in actions_of_mcu:
        return actions_of_mcu[action](request, host)
    if action == "-t":
        return _flash(request, host, streams)
    return Answer("\nParameter error.\n\n", answers.INVALID_PARAMETER)


def _parse(words: list[str], host: Host) -> Request:
    parser = Parser("upgrade", host, texts.UPGRADE_USAGE, "")
    for word, value in pairs(words):
        if word in {"-h", "--help"}:
            raise RefusedError(texts.UPGRADE_USAGE, answers.OK)
        if word in {"-b", "-t", "-q", "-a"}:
            _take_action(parser, word, value)
        elif word == "-i":
            parser.take_card(value)
        elif word == "-f":
            parser.request.file = value
            _check_file(value, host)
        else:
            raise parser.wrong(word)
    return parser.request


def _take_action(parser: Parser, word: str, value: str | None) -> None:
    if value is None or value not in parser.types:
        raise parser.wrong(word)
    if parser.host.family.key not in parser.types[value]["chips"]:
        raise _unsupported(word, value)
    parser.request.type = value
    parser.request.flags.append(word)


def _check_file(name: str | None, host: Host) -> None:
    if name is None or not host.node.path(name).exists():
        raise RefusedError("File path does not exist. Error:-1\n", answers.FILE_MISSING)


def _unsupported(action: str, what: str) -> RefusedError:
    verbs = {
        "-b": ("querying", "version"),
        "-q": ("querying", "upgrade progress"),
        "-t": ("upgrading", what),
        "-a": ("activating", what),
    }
    return RefusedError(texts.unsupported(*verbs[action]), answers.NOT_SUPPORTED)


def _version(request: Request, _host: Host) -> Answer:
    """Tell the version; an MCU that restarts after an activation does not answer."""
    firmware = Firmware.of(request)
    version = firmware.version if request.type == "mcu" and not firmware.restarts else None
    if version is None:  # the 910B has no VRD that answers
        return Answer(f"Failed to query {request.type} version.\n", answers.INNER_ERROR)
    return Answer(rows([("Version", version)]))


def _progress(request: Request, _host: Host) -> Answer:
    firmware = Firmware.of(request)
    if not firmware.takes or firmware.restarts:
        return Answer("Failed to query upgrade progress.\n", answers.INNER_ERROR)
    if firmware.percent is not None:
        return Answer(rows([("Conclusion", "Running"), ("Schedule", firmware.percent)]))
    return Answer(rows([("Conclusion", "PASS"), ("Message", "Device upgrade successfully.")]))


def _activate(request: Request, host: Host) -> Answer:
    """Let the MCU restart with what was transferred; without that it refuses. real-programs.md N18."""
    firmware = Firmware.of(request)
    if not firmware.takes or firmware.new is None or firmware.percent is not None:
        text = "Failed to activate the mcu upgrade.\nFailed to execute npu-smi upgrade. ret is -8005.\n"
        return Answer(text, _NO_DEVICE)
    lies = "mcu" in host.state["faults"].get("installer_lies", [])
    version = firmware.version if lies else firmware.new
    _keep(request, host, {"mcu_firmware": version, "mcu_restarts_until": time.time() + _seconds(host)})
    message = "The upgrade has taken effect after performed reboot successfully.\n"
    return Answer(rows([("Status", "OK"), ("Message", message)]))


def _flash(request: Request, host: Host, streams: Streams) -> Answer:
    """Transfer a firmware to the MCU. Recording npu-smi-upgrade-t-mcu-910B4; hicann/driver npu_upgrade.c."""
    if request.file is None:
        raise RefusedError("This command must input file path.\n", answers.INVALID_PARAMETER)
    if host.node.path(request.file).suffix != ".hpm":
        failed = rows([("Status", "Fail"), ("Message", "File type error")])
        return Answer(_WARNING + failed, answers.INNER_ERROR)
    facts = _read(request.file, host)
    firmware = Firmware.of(request)
    if facts is None:
        return Answer(f"{_WARNING}cms_validate_sign operate file err. Error:-1\n", answers.INNER_ERROR)
    if facts["chip"] not in {host.family.key, None}:
        return Answer(_WARNING + rows([("Status", "Fail"), ("Message", "Failed to parse file")]), _BASE)
    if not firmware.takes or firmware.percent is not None or firmware.restarts:
        busy = texts.unsupported("upgrading", "mcu") + "Failed to upgrade the MCU firmware.\n"
        return Answer(_WARNING + busy, _BASE)
    streams.stdout.write(_WARNING + rows([("Validity", "success")]) + _transferred(request.file, host))
    return _write(request, host, streams, facts["version"])


def _write(request: Request, host: Host, streams: Streams, version: str) -> Answer:
    """Write the new firmware beside the old one, which takes its time."""
    seconds, started = _seconds(host), time.time()
    _keep(request, host, {"mcu_new": None, "mcu_writes": [started, started + seconds]})
    faults = host.state["faults"]
    while time.time() < started + seconds or "mcu" in faults.get("installer_hangs", []):
        streams.stdout.write(f"\rStart upgrade [{_percent(started, started + seconds)}].")
        streams.stdout.flush()
        time.sleep(min(seconds / _STEPS, 1.0) or 1.0)
    if "mcu" in faults.get("installer_fails", []):
        _keep(request, host, {"mcu_writes": None})
        failed = rows([("Status", "fail"), ("Message", "Start device upgrade fail[3]")])
        retries = "".join(f"mcu upgrade failed, retry {time_} times.\n" for time_ in range(1, _TIMES + 1))
        return Answer("\n" + failed + retries, _BASE)
    _keep(request, host, {"mcu_new": version, "mcu_writes": None})
    words = ("Start device upgrade successfully", "need active mcu")
    messages = rows([("Status", "OK"), *(("Message", word) for word in words)])
    return Answer("\rStart upgrade [100].\n" + messages)


def _transferred(name: str, host: Host) -> str:
    size = host.node.path(name).stat().st_size
    done = rows([("transfile", "successfully"), ("Status", "start to upgrade")])
    return f"\n\rfile_len({size})--offset({size}) [100].\n{done}"


def _read(name: str, host: Host) -> dict[str, str] | None:
    """Return what an MCU package of this simulator says of itself, None for another file."""
    try:
        facts = json.loads(host.node.path(name).read_text(encoding="utf-8"))
    except ValueError:
        return None
    known = isinstance(facts, dict) and facts.get("part") == "mcu" and {"version", "chip"} <= set(facts)
    return facts if known else None


def _seconds(host: Host) -> float:
    return host.state["seconds"].get("mcu", 1.0)


def _keep(request: Request, host: Host, changes: dict[str, object]) -> None:
    with host.node.change() as state:
        for npu in state["npus"]:
            if npu["phy_id"] == request.card[0].npu["phy_id"]:
                npu["readings"].update(changes)


def _percent(started: float, until: float) -> int:
    return max(0, min(99, int(100 * (time.time() - started) / (until - started)))) if until > started else 99


@dataclass(frozen=True)
class Firmware:
    """What the MCU of a card runs, and what it is doing."""

    version: str | None
    new: str | None  # transferred, not yet active
    takes: bool  # false: it answers no question about upgrades
    restarts: bool
    percent: int | None  # of the writing that goes on

    @classmethod
    def of(cls, request: Request) -> Firmware:
        """Return that of the card that a request names."""
        chip = request.card[0]
        writes = chip.reading("mcu_writes")
        return cls(
            version=chip.reading("mcu_firmware"),
            new=chip.reading("mcu_new"),
            takes=bool(chip.reading("mcu_takes_firmware")),
            restarts=(chip.reading("mcu_restarts_until") or 0) > time.time(),
            percent=_percent(*writes) if writes and writes[1] > time.time() else None,
        )

# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi info`: which question the arguments ask, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from npu_simulator.npu_smi import (
    answers,
    board,
    kept_settings,
    share_file,
    tables,
    texts,
    topology,
    vnpus,
)
from npu_simulator.npu_smi.answers import Answer, DeviceFailedError, NotSimulatedError, RefusedError, rows
from npu_simulator.npu_smi.grammar import Request, parse_info
from npu_simulator.npu_smi.measures import CHIP_MEASURES, ECC_WIDTH, MCU_MEASURES, MEASURES

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Chip, Host

# Types that need -c, and types that take -i alone. real-programs.md N4.
_CHIP_ONLY = {"sensors", "sys-time", "hccs", "info-vnpu", "vnpu-svm"}
_CARD_ONLY = {"common", "ecc-enable", "custom-op-secverify-enable", "work-mode"}
# Types of the chip alone that answer a card with "does not support". Transcripts 089-098.
_CHIP_KINDS = {"tls-cert", "tls-cert-period", "rootkey", "op-timeout"}
# Settings that a chip does not know until somebody makes them. Transcript npu-smi/910B3/113.
_NEVER_SET = {"custom-op-secverify-enable", "custom-op-secverify-mode"}


def info(words: list[str], host: Host) -> Answer:
    """Answer `npu-smi info WORDS`. Raises RefusedError and NotSimulatedError."""
    if not words:
        return tables.big_table(host)
    if words[0] in {"watch", "proc"}:
        raise NotSimulatedError(f"npu-smi info {words[0]}")
    request = parse_info(words, host)
    if "-l" in request.flags:
        return tables.card_list(host)
    if "-m" in request.flags:
        return tables.mapping(host)
    made = kept_settings.stored(request, host)
    if made:
        return made
    if request.scope == "none":
        return _common(request, host)
    return _of_card_or_chip(request, host)


def _wanted(request: Request, text: str) -> RefusedError:
    """Return the refusal for a missing argument, with the usage of the type."""
    usage = texts.INFO_USAGES.get(request.type, texts.INFO_USAGE)
    return RefusedError(text + usage, answers.INVALID_PARAMETER)


def _common(request: Request, host: Host) -> Answer:
    """Answer a question about the whole node."""
    if request.type == "topo":
        return topology.topology(host)
    if request.type == "hccs-bw" and request.chip is None:
        raise _wanted(request, texts.CARD_AND_CHIP_WANTED)
    if request.type == "key-manage":  # no key service on the node: transcript 087
        return Answer('Failed to query "key-manage" info.\n', answers.NOT_FOUND)
    if request.type == "device-share-cfg-recover" and share_file.recovers(host.node):
        return Answer(rows([("Device-share config recover mode", "Enable")]))
    if request.type in host.family.settings:
        return Answer(rows((key, value) for key, value in host.family.settings[request.type]))
    raise NotSimulatedError(f"npu-smi info -t {request.type}")


def _of_card_or_chip(request: Request, host: Host) -> Answer:
    if not request.type:
        raise _wanted(request, texts.TYPE_WANTED)
    if request.type == "phyid-remap":
        return _remap(request, host)
    if not request.card:
        raise _wanted(request, texts.CARD_WANTED)
    return _of_card(request, host) if request.chip is None else _of_chip(request, host)


def _remap(request: Request, host: Host) -> Answer:
    """Answer `-t phyid-remap -p P`. real-programs.md N4, N5."""
    if request.phy_id is None:
        raise _wanted(request, texts.PHY_ID_WANTED if request.card else texts.CARD_WANTED)
    chip = next(chip for chip in host.chips if chip.npu["phy_id"] == request.phy_id)
    values = [
        ("Chip Physical ID", request.phy_id),
        ("Chip Logic ID", chip.npu["logic_id"]),
        ("NPU ID", chip.card),
        ("Chip ID", chip.id),
    ]
    return Answer("".join(f"\t{key:<30}:{value}\n" for key, value in values))


def _of_card(request: Request, host: Host) -> Answer:
    """Answer `-t TYPE -i N`."""
    if request.type in _CHIP_ONLY:
        raise _wanted(request, texts.CHIP_WANTED)
    if request.type in _CHIP_KINDS:
        return Answer(texts.unsupported("querying", request.type))
    if request.type == "board":
        return board.card_board(request, host)
    if request.type == "ecc-enable":
        return Answer(rows((key, True) for key in host.family.ecc_enable_keys))
    if request.type == "work-mode":
        mode = request.card[0].reading("work_mode")
        return Answer(rows([("NPU ID", request.card_id), ("work-mode", mode)]))
    if request.type in _NEVER_SET:
        head = rows([("NPU ID", request.card_id), ("Chip Count", len(request.card))])
        return _failed_blocks(request, host, f"{head}\n")
    if request.type not in MEASURES:
        raise NotSimulatedError(f"npu-smi info -t {request.type} -i")
    return _card_blocks(request, host)


def _card_blocks(request: Request, host: Host) -> Answer:
    """Answer with a head, a block for each chip, and one for the MCU. npu-smi-and-hccn_tool.md 2.4."""
    width = ECC_WIDTH if request.type == "ecc" else 30
    text = rows([("NPU ID", request.card_id), ("Chip Count", len(request.card))], width) + "\n"
    if any(chip.fails(request.type) for chip in request.card):
        return _failed_blocks(request, host, text)
    opens = request.type == "common"
    for chip in request.card:
        place = rows([("Chip ID", chip.id)], width)
        block = MEASURES[request.type](chip)
        text += place + block if opens else block + place + "\n"
    return Answer(text + (_mcu_block(request) if host.family.mcu else ""))


def _mcu_block(request: Request) -> str:
    chip = request.card[0]
    if request.type == "common":
        return "\n" + rows([("Chip Name", "mcu"), ("Temperature(C)", chip.reading("mcu_temperature"))])
    if request.type in MCU_MEASURES:
        return MCU_MEASURES[request.type](chip) + rows([("Chip Name", "MCU")]) + "\n"
    return ""


def _failed_blocks(request: Request, host: Host, text: str) -> Answer:
    """Answer for a card whose chip fails; without an MCU the command fails too. Transcript 217."""
    for chip in request.card:
        text += rows([("Chip ID", chip.id)]) + f"Failed to query npu chip: {chip.id} info.\n\n"
    if host.family.mcu:
        return Answer(text)
    return Answer(text + f'Failed to query "{request.type}" info.\n', answers.DEVICE_FAILED)


def _of_chip(request: Request, host: Host) -> Answer:
    """Answer `-t TYPE -i N -c C`."""
    if request.type in _CARD_ONLY:
        raise _wanted(request, f'Error parameter in querying chip info, type: "{request.type}".\n')
    try:
        return _chip_answer(request, host)
    except DeviceFailedError:
        return Answer(f'Failed to query "{request.type}" result.\n', answers.DEVICE_FAILED)


def _chip_answer(request: Request, host: Host) -> Answer:
    if request.type == "board":
        return board.chip_board(request, host)
    if request.is_mcu:
        raise NotSimulatedError(f"npu-smi info -t {request.type} for the MCU")
    chip = request.the_chip
    if chip.dead:
        raise DeviceFailedError
    if request.type == "health" and chip.health not in tables.HEALTH_WORDS:  # real-programs.md N13
        raise _wanted(request, "")
    split = vnpus.table(chip, host) if request.type == vnpus.QUERY else None
    if split:
        return split
    special = _SPECIAL.get(request.type)
    if special:
        return special(chip)
    if request.type not in CHIP_MEASURES:
        raise NotSimulatedError(f"npu-smi info -t {request.type} -i -c")
    return Answer(CHIP_MEASURES[request.type](chip))


def _certificate_period(chip: Chip) -> Answer:
    days = chip.reading("tls_cert_days")
    if days is None:
        return Answer('Failed to query "tls-cert-period" result.\n', answers.NOT_EXISTING)
    return Answer(rows([("Certificate validity period", f"{days} days")]))


def _none(type_: str) -> Callable[[Chip], Answer]:
    """Return the answer of a chip on which nothing of the kind was ever made."""
    return lambda _chip: Answer(texts.unsupported("querying", type_))


def _no_split(_chip: Chip) -> Answer:
    """Answer for a chip that is not split into vNPUs. Transcript npu-smi/910A/078."""
    return Answer('Failed to query "vnpu-svm" result.\n', answers.DEVICE_FAILED)


_SPECIAL: dict[str, Callable[[Chip], Answer]] = {
    "tls-cert-period": _certificate_period,
    "rootkey": lambda _chip: Answer(rows([("Rootkey-Support Status", "Not Support")])),
    "tls-cert": _none("tls-cert"),
    "op-timeout": _none("op-timeout"),
    "info-vnpu": _none("info-vnpu"),
    "vnpu-svm": _no_split,
}

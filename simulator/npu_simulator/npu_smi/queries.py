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
from npu_simulator.npu_smi.answers import (
    Answer,
    DeviceFailedError,
    NotSimulatedError,
    RefusedError,
    Row,
    rows,
)
from npu_simulator.npu_smi.grammar import Request, parse_info
from npu_simulator.npu_smi.measures import ECC_WIDTH, MCU_MEASURES, mcu_rows, measure

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Chip, Host

# Types that need -c, and types that take -i alone. real-programs.md N4.
_CHIP_ONLY = {"sensors", "sys-time", "hccs", "info-vnpu", "vnpu-svm", "spod-info", "sio-info"}
_CARD_ONLY = {
    *("common", "ecc-enable", "custom-op-secverify-enable", "custom-op-secverify-mode", "work-mode"),
    *("cpu-freq-up", "customized-info", "first-power-on-date"),
}
_UNREAD = {"customized-info", "first-power-on-date"}  # the MCU fails them: transcripts npu-smi/310P3/095, 099
# What nobody has set yet: at card level a failed block for each chip, the whole query, or nothing at all.
_UNSET_BLOCKS = {"cpu-num-cfg", "custom-op-secverify-enable", "custom-op-secverify-mode"}
_UNSET_CARD = {"p2p-mem-cfg"}
_UNSET_EMPTY = {"custom-op"}
# Types of the chip alone that answer a card with "does not support". Transcripts 089-098.
_CHIP_KINDS = {"tls-cert", "tls-cert-period", "rootkey", "op-timeout", "cpu-freq-up"}
# Settings that a chip does not know until somebody makes them. Transcript npu-smi/910B3/113.


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
    if request.type == "template-info":
        return vnpus.templates(host)
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
    if request.type in _UNREAD | _UNSET_CARD:
        status = answers.INNER_ERROR if request.type in _UNREAD else answers.NOT_EXISTING
        return Answer(f'Failed to query "{request.type}" info.\n', status)
    plain = _PLAIN.get(request.type)
    return Answer(rows(plain(request.card[0]))) if plain else _card_blocks(request, host)


# What a card tells without a head.
_PLAIN: dict[str, Callable[[Chip], list[Row]]] = {
    "ecc-enable": lambda chip: [(key, True) for key in chip.family.ecc_enable_keys],
    "work-mode": lambda chip: [("NPU ID", chip.card), ("work-mode", chip.reading("work_mode"))],
}


def _card_blocks(request: Request, host: Host) -> Answer:
    """Answer with a head, a block for each chip, and one for the MCU. npu-smi-and-hccn_tool.md 2.4."""
    width = ECC_WIDTH if request.type == "ecc" else 30
    text = rows([("NPU ID", request.card_id), ("Chip Count", len(request.card))], width) + "\n"
    if request.type in _UNSET_EMPTY:
        return Answer(text)
    if request.type in _UNSET_BLOCKS:
        return Answer(text + "".join(map(_failed_block, request.card)))
    if any(chip.fails(request.type) for chip in request.card):
        return _failed_blocks(request, host, text)
    opens = request.type == "common"
    for chip in request.card:
        place = rows([("Chip ID", chip.id)], width)
        block = measure(chip, request.type, whole_card=True)
        if block is None and request.type not in host.family.mcu_measures:
            raise NotSimulatedError(f"npu-smi info -t {request.type} -i")
        if block is not None:
            text += (place + block if opens else block + place) + "\n"
    return _with_mcu(request, host, text)


def _with_mcu(request: Request, host: Host, text: str) -> Answer:
    """Add what the MCU says of the card."""
    chip = request.card[0]
    if request.type == "common":
        text = text[:-1] if not host.family.mcu else text
    if request.type == "volt" and "mcu_volt" in host.family.readings:  # transcript npu-smi/310P3/040
        failed = f'Failed to query mcu chip: {len(request.card)} info.\n\nFailed to query "volt" info.\n'
        return Answer(text + rows([("Chip Name", "MCU")]) + failed, answers.INNER_ERROR)
    if request.type in MCU_MEASURES and host.family.mcu:
        return Answer(text + MCU_MEASURES[request.type](chip) + rows([("Chip Name", "MCU")]) + "\n")
    if request.type not in host.family.mcu_measures:
        return Answer(text)
    found, name = mcu_rows(chip, request.type), ("Chip Name", "mcu" if request.type == "common" else "MCU")
    return Answer(text + (rows([name, *found]) if request.type == "common" else rows([*found, name]) + "\n"))


def _failed_block(chip: Chip) -> str:
    return rows([("Chip ID", chip.id)]) + f"Failed to query npu chip: {chip.id} info.\n\n"


def _failed_blocks(request: Request, host: Host, text: str) -> Answer:
    """Answer for a card whose chip fails; without an MCU the command fails too. Transcript 217."""
    text += "".join(map(_failed_block, request.card))
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
    special = _SPECIAL.get(request.type)
    answer = special(chip, host) if special else None
    return answer or _measured(request, chip, host)


def _measured(request: Request, chip: Chip, host: Host) -> Answer:
    if request.type in _UNSET_BLOCKS | _UNSET_CARD:
        return Answer(f'Failed to query "{request.type}" result.\n', answers.NOT_EXISTING)
    if request.type in host.family.mcu_measures and request.type not in host.family.measures:
        return Answer(texts.unsupported("querying", request.type))  # transcript npu-smi/310P3/037
    text = measure(chip, request.type, whole_card=False)
    if text is None:
        raise NotSimulatedError(f"npu-smi info -t {request.type} -i -c")
    return Answer(text)


def _certificate_period(chip: Chip, _host: Host) -> Answer:
    days = chip.reading("tls_cert_days")
    if days is None:
        return Answer('Failed to query "tls-cert-period" result.\n', answers.NOT_EXISTING)
    return Answer(rows([("Certificate validity period", f"{days} days")]))


def _none(type_: str) -> Callable[[Chip, Host], Answer]:
    """Return the answer of a chip on which nothing of the kind was ever made."""
    return lambda _chip, _host: Answer(texts.unsupported("querying", type_))


def _links(chip: Chip, _host: Host) -> Answer | None:
    """Refuse the question about HCCS on a chip that has none."""
    return None if chip.reading("hccs_links") else Answer(texts.unsupported("querying", "hccs"))


def _no_split(_chip: Chip, _host: Host) -> Answer:
    """Answer for a chip that is not split into vNPUs. Transcript npu-smi/910A/078."""
    return Answer('Failed to query "vnpu-svm" result.\n', answers.DEVICE_FAILED)


_SPECIAL: dict[str, Callable[[Chip, Host], Answer | None]] = {
    "tls-cert-period": _certificate_period,
    "rootkey": lambda _chip, _host: Answer(rows([("Rootkey-Support Status", "Not Support")])),
    "tls-cert": _none("tls-cert"),
    "op-timeout": _none("op-timeout"),
    "info-vnpu": lambda chip, host: (
        vnpus.table(chip, host) or Answer(texts.unsupported("querying", vnpus.QUERY))
    ),
    "hccs": _links,
    "sio-info": _none("sio-info"),
    "custom-op": _none("custom-op"),
    "vnpu-svm": _no_split,
}

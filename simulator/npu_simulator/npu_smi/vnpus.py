# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual NPUs: `set -t create-vnpu`, `set -t destroy-vnpu` and `info -t info-vnpu`.

A chip can be split when its readings have a list "vnpus"; others answer as the transcripts do, whose device
had none. Texts: hicann/driver npu_chip_set.c and npu_chip_info.c; the table also in recordings by others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, RefusedError, rows

if TYPE_CHECKING:
    from npu_simulator.npu_smi.grammar import Request
    from npu_simulator.npu_smi.host import Chip, Host

CREATE, DESTROY, QUERY = "create-vnpu", "destroy-vnpu", "info-vnpu"
USAGES = {
    CREATE: """\
Usage: npu-smi set -t create-vnpu [Options...]

Options:
       -i %d              Card ID
       -c %d              Chip ID
       -f %s              Template Name
       -v %d              Vnpu ID
""",
    DESTROY: """\
Usage: npu-smi set -t destroy-vnpu [Options...]

Options:
       -i %d              Card ID
       -c %d              Chip ID
       -v %d              Vnpu ID
""",
}
_STORE = "vnpus"
_FIRST_ID, _IDS_PER_CHIP = 100, 16
# The AI cores of each chip and of each template: transcripts npu-smi/*/079, hicann/driver npu_set.c.
_CORES = {"910b": 20, "310p": 8, "910": 32}
_RULER = f"+{'-' * 79}+\n"
_TITLE = "|  Vnpu ID  |  Vgroup ID     |  Container ID  |  Status  |  Template Name       |\n"


def _in_vm_mode(host: Host) -> bool:
    return cast("dict[str, Any]", host.state).get("npu_smi_settings", {}).get("vnpu-mode") == "1"


def _cores(template: str) -> int:
    """Return the AI cores of a template, which its name tells: vir05_1c_16g has five."""
    digits = template[3:5]
    if not template.startswith("vir") or not digits.isdigit():
        raise RefusedError(f"Error parameter of -f\n{USAGES[CREATE]}", answers.INVALID_PARAMETER)
    return int(digits)


def change(request: Request, host: Host) -> Answer:
    """Create or destroy one."""
    if request.chip is None:
        text = f"Must input parameter of chip id.\n{USAGES[request.type]}"
        raise RefusedError(text, answers.INVALID_PARAMETER)
    if _in_vm_mode(host):
        return Answer(f"The vnpu is not in docker mode, does not support setting {request.type}.\n")
    chip = request.the_chip
    if chip.reading(_STORE) is None:
        return Answer(texts.unsupported("setting", request.type))
    return _create(request, chip, host) if request.type == CREATE else _destroy(request, chip, host)


def _create(request: Request, chip: Chip, host: Host) -> Answer:
    template = request.options.get("-f") or ""
    found = chip.reading(_STORE)
    free = _CORES[host.family.key] - sum(_cores(one["template"]) for one in found)
    if _cores(template) > free:
        text = f"Insufficient number of cores available, unallocated cores number:{free:f}.\n"
        return Answer(text, answers.NOT_SUPPORTED)
    first = _FIRST_ID + _IDS_PER_CHIP * chip.npu["phy_id"]
    taken = {one["id"] for one in found}
    number = request.options.get("-v")
    free_id = next(one for one in range(first, first + _IDS_PER_CHIP) if one not in taken)
    group = int(request.options.get("-g") or len(found))
    new = {"id": int(number) if number else free_id, "group": group, "template": template}
    _store(chip, host, [*found, new])
    return Answer(rows([("Status", "OK"), ("Message", "Create vnpu success")]))


def _destroy(request: Request, chip: Chip, host: Host) -> Answer:
    number = request.options.get("-v") or ""
    found = chip.reading(_STORE)
    if number not in {str(one["id"]) for one in found}:
        raise RefusedError(f"Error parameter of -v.\n{USAGES[DESTROY]}", answers.INVALID_PARAMETER)
    _store(chip, host, [one for one in found if str(one["id"]) != number])
    return Answer(rows([("Status", "OK"), ("Message", f"Destroy vnpu {number} success")]))


def _store(chip: Chip, host: Host, vnpus: list[dict[str, Any]]) -> None:
    with host.node.change() as state:
        for npu in state["npus"]:
            if npu["phy_id"] == chip.npu["phy_id"]:
                npu["readings"][_STORE] = vnpus


def table(chip: Chip, host: Host) -> Answer | None:
    """Answer `info -t info-vnpu` for a chip that can be split, else None."""
    vnpus = chip.reading(_STORE)
    if vnpus is None:
        return None
    if _in_vm_mode(host):
        return Answer(f"The vnpu is not in docker mode, does not support querying {QUERY}.\n")
    total = _CORES[host.family.key]
    free = total - sum(_cores(one["template"]) for one in vnpus)
    rows_of_all = "".join(
        f"|  {one['id']:<9}|  {one['group']:<14}|  000000000000  |  0       |"
        f"  {one['template']:<20}|\n{_RULER}"
        for one in vnpus
    )
    return Answer(_head(free, total, len(vnpus)) + _TITLE + _RULER + rows_of_all)


def _head(free: int, total: int, count: int) -> str:
    cores = f"{free}/{total}"
    return (
        f"{_RULER}| {'NPU resource static info as follow:':<78}|\n"
        "| Format:Free/Total                   NA: Currently, query is not supported.    |\n"
        "| AICORE    Memory    AICPU    VPC    VENC    VDEC    JPEGD    JPEGE    PNGD    |\n"
        "|            GB                                                                 |\n"
        f"|{'=' * 79}|\n"
        f"| {cores:<9} 28/32     6/6      9/9    0/0     2/2     24/24    4/4      NA/NA   |\n"
        f"{_RULER}| Total number of vnpu: {count:<2}{' ' * 54}|\n{_RULER}"
    )

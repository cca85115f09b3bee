# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual NPUs: `set -t create-vnpu`, `set -t destroy-vnpu` and `info -t info-vnpu`.

A chip can be split when its readings have a list "vnpus"; others answer as the transcripts do, whose device
had none. Texts: hicann/driver npu_chip_set.c and npu_chip_info.c; the table also in recordings by others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, RefusedError, rows
from npu_simulator.npu_smi.host import load

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
_RULER = f"+{'-' * 79}+\n"
_TITLE = "|  Vnpu ID  |  Vgroup ID     |  Container ID  |  Status  |  Template Name       |\n"


_TEMPLATE_RULER = f"+{'-' * 90}+\n"
_TEMPLATE_HEAD = (
    "|NPU instance template info is:                                                            |\n"
    "|Name                AICORE    Memory    AICPU     VPC            VENC           JPEGD     |\n"
    "|                               GB                 PNGD           VDEC           JPEGE     |\n"
    f"|{'=' * 90}|\n"
)


@dataclass(frozen=True)
class Split:
    """How one kind of chip is split: see the head of vnpus.json."""

    total: list[float | None]
    templates: dict[str, list[float]]
    columns: list[str]
    resources: list[str]

    @classmethod
    def of(cls, chip: Chip) -> Split:
        """Return the split of a chip: the one that its readings name, that of its name, or of its family."""
        data = load("vnpus.json")
        names = (chip.npu["name"], chip.family.key)
        name = chip.reading("vnpu_split") or next(data["chips"][one] for one in names if one in data["chips"])
        return cls(columns=data["columns"], resources=data["resources"], **data["splits"][name])

    def taken(self, found: list[dict[str, Any]], resource: str) -> float:
        """Return how much of a resource the vNPUs have."""
        column = self.columns.index(resource)
        return sum(self.templates[one["template"]][column] for one in found)

    def free(self, found: list[dict[str, Any]], resource: str) -> float:
        """Return what is left of a resource."""
        return (self.total[self.resources.index(resource)] or 0) - self.taken(found, resource)


def _in_vm_mode(host: Host) -> bool:
    return host.state.get("npu_smi_settings", {}).get("vnpu-mode") == "1"


def templates(host: Host) -> Answer:
    """Answer `info -t template-info`. Transcripts npu-smi/*/079."""
    text = _TEMPLATE_RULER + _TEMPLATE_HEAD
    for name, values in Split.of(host.chips[0]).templates.items():
        first, second = values[:6], values[6:]
        head = "".join(f"{value:<{width}g}" for value, width in zip(first, (10, 10, 10, 15, 15, 10)))
        tail = "".join(f"{value:<{width}g}" for value, width in zip(second, (15, 15, 10)))
        text += f"|{name:<20}{head}|\n|{'':<50}{tail}|\n{_TEMPLATE_RULER}"
    return Answer(text)


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
    template, split, found = request.options.get("-f"), Split.of(chip), chip.reading(_STORE)
    if template is None:
        raise RefusedError(f"Must input parameter of -f.\n{USAGES[CREATE]}", answers.INVALID_PARAMETER)
    if template not in split.templates:
        raise RefusedError(f"Error parameter of -f\n{USAGES[CREATE]}", answers.INVALID_PARAMETER)
    new = _new(request, chip, template)
    refusal = _refusal(split, found, new)
    if refusal:
        return refusal
    _store(chip, host, [*found, new])
    return Answer(rows([("Status", "OK"), ("Message", "Create vnpu success")]))


def _new(request: Request, chip: Chip, template: str) -> dict[str, Any]:
    """Return the vNPU to make, with the id that was asked for or the first free one."""
    first = _FIRST_ID + _IDS_PER_CHIP * chip.npu["phy_id"]
    found = chip.reading(_STORE)
    taken = {one["id"] for one in found}
    number, group = request.options.get("-v"), request.options.get("-g")
    free_id = next(one for one in range(first, first + _IDS_PER_CHIP) if one not in taken)
    return {"id": int(number) if number else free_id, "group": int(group or len(found)), "template": template}


def _refusal(split: Split, found: list[dict[str, Any]], new: dict[str, Any]) -> Answer | None:
    """Return the refusal of a vNPU that does not fit, or whose id is taken. hicann/driver npu_chip_set.c."""
    free = {resource: split.free(found, resource) for resource in split.resources if resource != "PNGD"}
    short = {resource for resource in free if split.taken([new], resource) > free[resource]}
    if "AICORE" in short:
        words = f"Insufficient number of cores available, unallocated cores number:{free['AICORE']:f}.\n"
        return Answer(words, answers.NOT_SUPPORTED)
    if "AICPU" in short:
        words = f"Insufficient number of AICPU available, unallocated AICPU number:{free['AICPU']:g}.\n"
        return Answer(words, answers.NOT_SUPPORTED)
    if short - {"Memory"}:
        media = ", ".join(f"{name}:{free[name]:f}" for name in ("VPC", "VENC", "VDEC", "JPEGD", "JPEGE"))
        words = f"Insufficient number of DVPP available, unallocated DVPP number:\n{media}.\n"
        return Answer(words, answers.NOT_SUPPORTED)
    if new["id"] in {one["id"] for one in found}:
        return Answer("create vnpu failed.\n", answers.INNER_ERROR)
    return None


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
    rows_of_all = "".join(
        f"|  {one['id']:<9}|  {one['group']:<14}|  000000000000  |  0       |"
        f"  {one['template']:<20}|\n{_RULER}"
        for one in vnpus
    )
    return Answer(_head(Split.of(chip), vnpus) + _TITLE + _RULER + rows_of_all)


def _head(split: Split, vnpus: list[dict[str, Any]]) -> str:
    widths = (9, 9, 8, 6, 7, 7, 8, 8, 8)
    cells = []
    for resource, total, width in zip(split.resources, split.total, widths):
        text = "NA/NA" if total is None else f"{int(split.free(vnpus, resource))}/{total:g}"
        cells.append(f"{text:<{width}}")
    return (
        f"{_RULER}| {'NPU resource static info as follow:':<78}|\n"
        "| Format:Free/Total                   NA: Currently, query is not supported.    |\n"
        "| AICORE    Memory    AICPU    VPC    VENC    VDEC    JPEGD    JPEGE    PNGD    |\n"
        "|            GB                                                                 |\n"
        f"|{'=' * 79}|\n"
        f"| {' '.join(cells)}|\n"
        f"{_RULER}| Total number of vnpu: {len(vnpus):<2}{' ' * 54}|\n{_RULER}"
    )

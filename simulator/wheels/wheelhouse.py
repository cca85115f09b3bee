# SPDX-License-Identifier: GPL-3.0-or-later
"""Which wheels the releases of the catalog need: stand-ins of torch and torch_npu, the rest real."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from packaging.requirements import Requirement
from wheels.package_index import Target
from wheels.stand_in_wheel import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CATALOG = Path(__file__).resolve().parents[2] / "catalog"
RECIPE = Path(__file__).with_name("wheels.yml")


class WheelhouseError(Exception):
    """The catalog or wheels.yml lacks what was asked for."""


@dataclass(frozen=True)
class Need:
    """What one release needs: our stand-ins, and requirements to be fetched."""

    python: str
    stand_ins: tuple[StandIn, ...]
    requirements: tuple[str, ...]
    apart: tuple[tuple[str, ...], ...] = ()  # those of a torch that pins what another one wants newer
    others: tuple[StandIn, ...] = ()  # of what is not torch: MindSpore, MindFormers, torchvision
    conda: tuple[StandIn, ...] = ()  # those of them that conda has, too
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what is built, with what

    def sets(self) -> list[tuple[str, ...]]:
        """Return what can be fetched together."""
        return [self.requirements, *self.apart, *self.sources.values()]


def target(arch: str, recipe: Path = RECIPE) -> Target:
    """Return the machines that wheels are for. Raises WheelhouseError."""
    own = _load(recipe)["target"]
    if arch != own["arch"]:
        raise WheelhouseError(f"found architecture {arch}, wanted {own['arch']}: {recipe} describes no other")
    return Target(tuple(own["platforms"]), own["markers"])


def need(release: str, catalog: Path = CATALOG, recipe: Path = RECIPE) -> Need:
    """Return what ``release`` needs with its own Python. Raises WheelhouseError."""
    files = _files(catalog)
    if release not in files:
        raise WheelhouseError(f"found release {release}, wanted one of the catalog's: {', '.join(files)}")
    bill, known = _load(files[release]), _load(recipe)
    bill = {**bill, "python": known["pythons"].get(release, bill["python"])}
    bill["torch"] = _simulated(bill, known)
    stand_ins = tuple(_stand_ins(bill, known["stand_ins"]))
    pins = [name + version for name, version in bill["python_packages"]["requirements"].items()]
    own = [_fetched(one, known["stand_ins"]) for one in stand_ins]
    apart = tuple(one for one in own if any("==" in str(Requirement(text).specifier) for text in one))
    together = [requirement for one in own if one not in apart for requirement in one]
    named = [(one, _other(one, bill["python"])) for one in known["others"].get(release, [])]
    others = tuple(one for _recipe, one in named)
    conda = tuple(one for recipe, one in named if recipe.get("conda"))
    sources = {name: tuple(needs) for name, needs in known["sources"].get(release, {}).items()}
    common = (
        *pins,
        *known["beside"],
        *(text for one in others for text in _fetched(one, known["stand_ins"])),
    )
    sets = tuple((*one, *common) for one in apart)
    return Need(bill["python"], stand_ins, (*together, *common), sets, others, conda, sources)


def _other(known: Mapping[str, Any], python: str) -> StandIn:
    requires, package = tuple(known["requires"]), known.get("package")
    return StandIn(known["name"], known["version"], python, known["platform"], None, requires, package)


def _fetched(stand_in: StandIn, known: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(one for one in stand_in.requires if Requirement(one).name not in known)


def releases(catalog: Path = CATALOG, recipe: Path = RECIPE) -> list[str]:
    """Return the names of the catalog's releases for which there are stand-ins."""
    known = _load(recipe)
    return [release for release, file in _files(catalog).items() if _has_stand_ins(_load(file), known)]


def _simulated(bill: Mapping[str, Any], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of torch that the simulator does not leave out."""
    return [row for row in bill["torch"] if row["torch"] not in known["left_out"]]


def _files(catalog: Path) -> dict[str, Path]:
    return {file.stem: file for file in sorted((catalog / "releases").glob("*.yml"))}


def _has_stand_ins(bill: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    rows = [row for row in _simulated(bill, known) if bill["python"] in row["python"]]
    made = known["stand_ins"]
    return bool(rows) and all(row[name] in made[name]["versions"] for row in rows for name in made)


def _stand_ins(bill: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[StandIn]:
    for row in bill["torch"]:
        if bill["python"] in row["python"]:
            yield from (_stand_in(name, row[name], bill["python"], known) for name in known)


def _stand_in(name: str, version: str, python: str, known: Mapping[str, Any]) -> StandIn:
    own = known[name]
    if version not in own["versions"]:
        raise WheelhouseError(
            f"found no stand-in {name} {version}, wanted its requirements in {RECIPE}, as PyPI has them; "
            f"there is {', '.join(own['versions'])}"
        )
    requires = tuple(own["versions"][version])
    return StandIn(name, version, python, own["platform"], own["requires_python"], requires)


def _load(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))

# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the table: where a run is cut, on which node, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("rows.yml")
IMAGES = {"atlas_800t_a2": ("rack_a01", "bookworm"), "atlas_800_9000": ("rack_b01", "bullseye")}


@dataclass
class Row:
    """One cut; ``first`` and ``again`` say in words how the two runs ended, empty before them."""

    number: int
    cut: str
    where: dict[str, Any]
    happened: bool = False
    first: str = ""
    again: str = ""
    third: str = ""

    @property
    def host(self) -> str:
        """Return the name of the row's own node."""
        return f"resume-{self.number:02}"

    @property
    def product(self) -> str:
        """Return the node's server model; the rows take turns."""
        return list(IMAGES)[self.number % len(IMAGES)]

    @property
    def place(self) -> str:
        """Say where the cut is."""
        where = self.where
        if "task" in where:
            return f"{where['after']} s into {where['task']}"
        if "part" in where:
            return f"{where['part']} installer, {where['stage']}"
        return f"after {where['calls']} calls of {where['program']}"

    @property
    def fault(self) -> tuple[str, dict[str, Any]]:
        """Return the simulator's fault that cuts the power."""
        if "part" in self.where:
            return "power_off_at", {self.where["part"]: self.where["stage"]}
        return "power_off_after", {self.where["program"]: self.where["calls"]}


def read_rows() -> tuple[list[Row], dict[str, Any]]:
    """Return the rows and the rest of rows.yml."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    rows = [
        Row(number, row.pop("cut"), row) for number, row in enumerate(map(dict, content.pop("rows")), start=1)
    ]
    return rows, content


def hosts(rows: list[Row], first_port: int) -> dict[str, Any]:
    """Return the content of hosts.yml for the rows' nodes."""
    groups: dict[str, Any] = {}
    for product, (rack, image) in IMAGES.items():
        ports = {
            row.host: {"ansible_port": first_port + row.number} for row in rows if row.product == product
        }
        groups[product] = {"vars": {"simulator_image": image}, "hosts": dict.fromkeys(ports, {})}
        groups[rack] = {"hosts": ports}
    return {"all": {"vars": {"ansible_host": "127.0.0.1"}, "children": groups}}


def table(rows: list[Row]) -> str:
    """Return the table fault x result as text."""
    head = ("cut", "where", "first run", "same command again", "and once more")
    lines = [head, *((row.cut, row.place, row.first, row.again, row.third) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines
    )

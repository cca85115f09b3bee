# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one inventory of all bad hosts, each with variables, groups, a catalog and packages of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DRIVER = "Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run"
OTHER_DRIVER = "Ascend-hdk-910b-npu-driver_23.0.3_linux-x86-64.run"


def write_inventory(root: Path, folder: Path, rows: Mapping[str, Any], nodes: Mapping[str, Any]) -> Path:
    """Write the inventory of ``rows`` below ``folder`` and return its path; ``root`` is the checkout."""
    common = yaml.safe_load(
        (root / "tests/integration/preflight/inventory/group_vars/simulated.yml").read_text()
    )
    groups: dict[str, Any] = {"bad": {"hosts": {}}}
    for name, row in rows.items():
        product, port = _behind(row["node"], nodes)
        for group in row.get("groups", [product]):
            groups.setdefault(group, {"hosts": {}})["hosts"][name] = None
        own = {key: value for key, value in common.items() if key not in row.get("unset", [])}
        own |= {"ansible_port": port, "npu_preflight_memory_gb": 0, "row_folder": str(folder)}
        own |= {"npu_fleet_wheelhouse": ""}  # not every release has simulated wheels
        own |= row.get("vars", {})
        if "catalog" in row:
            own["npu_fleet_catalog"] = [str(_catalog(root, folder / name, row["catalog"]))]
        groups["bad"]["hosts"][name] = own
    path = folder / "hosts.yml"
    inventory = {"all": {"vars": {"ansible_host": "127.0.0.1"}, "children": groups}}
    text = yaml.safe_dump(inventory, sort_keys=False)
    path.write_text(text.replace("{{ inventory_dir }}/../../../..", str(root)), encoding="utf-8")
    _packages(root, folder)
    return path


def _behind(node: str, nodes: Mapping[str, Any]) -> tuple[str, int]:
    """Return the product and the port of the node behind a row."""
    for product, group in nodes.items():
        if node in group.get("hosts", {}):
            return product, group["hosts"][node]["ansible_port"]
    raise KeyError(node)


def _catalog(root: Path, folder: Path, made: Mapping[str, Any]) -> Path:
    """Write one file of a catalog of the user's own and return its directory."""
    file = folder / made["file"]
    file.parent.mkdir(parents=True)
    text = made.get("text") or (root / "catalog" / made["of"]).read_text(encoding="utf-8")
    if "name" in made:
        text = text.replace("\nname: ", f"\nname: {made['name']} # ", 1)
    if "replace" in made:
        old, new = made["replace"]
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return folder


def _packages(root: Path, folder: Path) -> None:
    """Make two directories of packages, one with the other architecture's driver, one with a spoilt one."""
    for name in ("other_arch", "wrong_checksum"):
        (folder / name).mkdir()
        for file in (root / ".demo/packages").iterdir():
            (folder / name / file.name).symlink_to(file)
        (folder / name / DRIVER).unlink()
    (folder / "other_arch" / OTHER_DRIVER).touch()
    (folder / "wrong_checksum" / DRIVER).write_text("an error page", encoding="utf-8")

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers are given of their node, so that NPUs work in them; reads catalog/containers.yml only.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import functools
import posixpath
import re
from typing import TYPE_CHECKING, Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALL = "all"
STARTED = "started"
LABEL = "ascend.fleet"  # on containers of this role: those of others are left alone


@functools.lru_cache(maxsize=1)
def needs() -> dict[str, Any]:
    """Return what containers need, as catalog/containers.yml says it."""
    return read_file(CATALOG / "containers.yml", "containers")


def places(chip: str) -> list[dict[str, str]]:
    """Return where on a node the files lie that containers may need.

    Each place has C(directory) and C(name), which may be a pattern. ``chip`` is the chip family of the node.
    """
    paths = [*shared_devices(chip), *(file["path"] for file in needs()["files"])]
    split = [posixpath.split(path) for path in [f"/dev/{needs()['devices']['each']}*", *paths]]
    return [{"directory": directory, "name": name} for directory, name in split]


def shared_devices(chip: str) -> list[str]:
    """Return the device files that all containers on a node with such chips need."""
    devices = needs()["devices"]
    return [*devices["shared"], *devices["by_chip"].get(chip, [])]


def numbers_there(present: Iterable[str]) -> list[int]:
    """Return the numbers of the chips for which there is a device file among the paths ``present``."""
    device = re.compile(rf"/dev/{needs()['devices']['each']}([0-9]+)")
    return sorted(int(match[1]) for match in map(device.fullmatch, present) if match)


def numbers_of(container: Mapping[str, Any], there: Iterable[int]) -> list[int]:
    """Return the numbers of the chips of a container; all that are ``there`` unless it names some.

    Raises ValueError for a word that is neither V(all) nor a number.
    """
    words = container.get("npus", [ALL])
    return sorted(there) if ALL in words else sorted({int(word) for word in words})


def reference(image: Mapping[str, Any]) -> str:
    """Return how the engine is asked for an image: by digest when it comes from a registry, else by name."""
    if not image.get("digest"):
        return str(image["name"])
    return f"{re.sub(r':[^:/]+$', '', image['name'])}@{image['digest']}"


def is_there(image: Mapping[str, Any], found: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether an image is among those that the engine has (C(docker image inspect))."""
    if image.get("digest"):
        end = f"@{image['digest']}"
        return any(name.endswith(end) for one in found for name in one.get("RepoDigests") or [])
    return any(one["Id"] == image.get("id") and image["name"] in (one.get("RepoTags") or []) for one in found)


def settings(container: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a container as the module C(community.docker.docker_container) takes it.

    ``node`` has ``chip``, ``present`` (paths), ``runtime`` and ``images`` (declared). Raises ValueError for a
    word in C(npus) that is no number.
    """
    images = {image["name"]: reference(image) for image in node["images"]}
    given = _given(numbers_of(container, numbers_there(node["present"])), node)
    own = {name: str(value) for name, value in container.get("environment", {}).items()}
    return {
        "name": container["name"],
        "image": images.get(container.get("image"), container.get("image")),
        "state": container.get("state", STARTED),
        "command": container.get("command"),
        "env": {**own, **given["env"]},
        "labels": {LABEL: "npu_container"},
        "devices": given["devices"],
        "mounts": [*given["mounts"], *map(_own_mount, container.get("mounts", []))],
        "runtime": given["runtime"],
        "shm_size": container.get("shared_memory"),
        "network_mode": container.get("network", "host"),
        "restart_policy": container.get("restart_policy", "unless-stopped"),
        "program_env": {"LD_LIBRARY_PATH": needs()["library_path"]},
    }


def _own_mount(mount: Mapping[str, Any]) -> dict[str, Any]:
    return _mount(
        mount["source"], mount["target"], bool(boolean(mount.get("read_only", False), strict=False))
    )


def _mount(source: str, target: str, read_only: bool) -> dict[str, Any]:
    """Return a bind mount; other than a volume it is an error when the source is missing."""
    return {"type": "bind", "source": source, "target": target, "read_only": read_only}


def _given(numbers: list[int], node: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes NPUs work in a container: one variable for the runtime, else devices and files."""
    runtime = needs()["runtime"]
    nothing: dict[str, Any] = {"env": {}, "devices": [], "mounts": [], "runtime": None}
    if not numbers:
        return nothing
    if node["runtime"] == runtime["name"]:
        variable = {runtime["variable"]: ",".join(map(str, numbers))}
        return {**nothing, "env": variable, "runtime": runtime["name"]}
    each = [f"/dev/{needs()['devices']['each']}{number}" for number in numbers]
    devices = [f"{path}:{path}:rwm" for path in [*each, *shared_devices(node["chip"])]]
    files = [file["path"] for file in needs()["files"] if file["path"] in node["present"]]
    return {**nothing, "devices": devices, "mounts": [_mount(path, path, True) for path in files]}

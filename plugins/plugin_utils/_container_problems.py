# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold what containers are to be against what their node has, before anything is touched. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import collections
import re
from typing import TYPE_CHECKING, Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.ascend.fleet.plugins.plugin_utils._containers import (
    STARTED,
    is_there,
    needs,
    numbers_of,
    numbers_there,
    reference,
    shared_devices,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCKER = "docker"
_DIGITS = 12  # of a checksum, enough to tell two files apart
_NUMBERS = re.compile(r"[0-9]+")


def container_plan(ground: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is due on one host and what stands in the way; see the filter of this name."""
    problems = [problem for check in _CHECKS for problem in check(ground)]
    return {
        "problems": [
            {"host": ground["host"], "severity": "error", **problem.as_mapping()} for problem in problems
        ],
        "runtime": runtime_due(ground),
        "restart": restart_due(ground),
        "images": [image for image in ground["images"] if not is_there(image, ground["found_images"])],
        "references": {image["name"]: reference(image) for image in ground["images"]},
    }


def runtime_due(ground: Mapping[str, Any]) -> bool:
    """Tell whether the package of the Ascend Docker Runtime is to be run."""
    wanted = [package["version"] for package in ground["packages"]]
    found = ground["installed"] or {}
    complete = bool(found.get("complete"))
    return ground["runtime"] == needs()["runtime"]["name"] and not (complete and found["version"] in wanted)


def restart_due(ground: Mapping[str, Any]) -> bool:
    """Tell whether the engine is to be started anew, so that it knows the runtime."""
    name = needs()["runtime"]["name"]
    known = name in (ground["engine"].get("host_info") or {}).get("Runtimes", {})
    return runtime_due(ground) or (ground["runtime"] == name and ground["scene"] == DOCKER and not known)


def _engine(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    if ground["scene"] != DOCKER and not ground["containers"] and not ground["images"]:
        return
    least = needs()["engine"]["least"]
    wanted = f"Docker {least} or newer that answers"
    version = (ground["engine"].get("host_info") or {}).get("ServerVersion")
    if not version:
        reason = str(ground["engine"].get("msg") or "it said nothing").strip().splitlines()[0]
        fix = "install Docker with the system's packages, or start it: systemctl start docker"
        if "library (requests)" in reason:
            fix = "install the package python3-requests on the host, which Ansible's modules for Docker need"
        yield ProblemError(f"no Docker engine that answers ({reason})", wanted, fix)
    elif _major(version) < _major(least):
        yield ProblemError(f"Docker {version}", wanted, "install a newer Docker with the system's packages")


def _major(version: str) -> list[int]:
    return [int(number) for number in _NUMBERS.findall(version)[:2]]


def _runtime(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    runtime = needs()["runtime"]
    if ground["runtime"] != runtime["name"]:
        return
    without = "set `npu_container_runtime: none`: containers are given devices and files one by one"
    if ground["chip"] not in runtime["chips"]:
        yield ProblemError(
            f"{ground['product']}, for which there is no Ascend Docker Runtime",
            f"a product with chips of {one_of(runtime['chips'])}",
            without,
        )
    elif not ground["packages"]:
        yield ProblemError(
            "no package of the Ascend Docker Runtime in the release",
            "one for this host's architecture",
            f"name it with npu_container_runtime_packages, or {without}",
        )
    if ground["scene"] != DOCKER and ground["containers"]:
        yield ProblemError(
            f"containers, with the runtime registered in {ground['scene']}",
            "npu_container_runtime_scene: docker, because these containers run in Docker",
            "correct npu_container_runtime_scene, or leave the containers to what runs those of "
            f"{ground['scene']}",
        )


def _consents(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    if runtime_due(ground) and not _agreed(ground, "licence"):
        yield ProblemError(
            "no word on the vendor's licence (EULA), which the installers' --quiet accepts in your name",
            "npu_fleet_licence_accepted: true",
            "read the licence, then add `npu_fleet_licence_accepted: true` to the inventory",
        )
    host = ground["engine"].get("host_info") or {}
    running = host.get("ContainersRunning", 0)
    ends = running and not (host.get("LiveRestoreEnabled") and ground["scene"] == DOCKER)
    if restart_due(ground) and ends and not _agreed(ground, "restart"):
        yield ProblemError(
            f"{running} running containers, which a restart of the engine ends; it is due so that the engine "
            "knows the Ascend Docker Runtime",
            "npu_container_restart_allowed: true",
            "add `npu_container_restart_allowed: true` to the inventory, or stop the containers first",
        )


def _agreed(ground: Mapping[str, Any], name: str) -> bool:
    """Tell whether somebody has said yes; with -e it comes as text."""
    given = ground["consents"].get(name)
    return given is not None and bool(boolean(given, strict=False))


def _images(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    for image in ground["images"]:
        name, archive = image["name"], image.get("archive")
        if bool(archive) == bool(image.get("digest")):
            yield ProblemError(
                f"the image {name} with {'both an archive and a digest' if archive else 'no source'}",
                "an archive with sha256 and id, or a digest of a registry",
                "correct npu_container_images",
            )
        elif archive and not (image.get("sha256") and image.get("id")):
            yield ProblemError(
                f"the image {name} without sha256 or id",
                "the checksum of its archive, and its id",
                "ask where it was made: sha256sum FILE; docker image inspect --format '{{.Id}}' NAME",
            )
        elif archive and not is_there(image, ground["found_images"]):
            yield from _archive(image, ground["archives"].get(archive) or {})


def _archive(image: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[ProblemError]:
    if not found.get("exists"):
        yield ProblemError(
            f"no file {image['archive']} on the controller",
            f"the archive of the image {image['name']}",
            "put it there (docker save --output FILE NAME), or correct `archive` in npu_container_images",
        )
    elif found.get("checksum") != image["sha256"]:
        yield ProblemError(
            f"{image['archive']} with the checksum {found['checksum'][:_DIGITS]}",
            f"{image['sha256'][:_DIGITS]}, as npu_container_images says",
            "copy the file anew: it is damaged, or another one",
        )


def _containers(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    names = collections.Counter(container["name"] for container in ground["containers"])
    for name in (name for name, count in names.items() if count > 1):
        yield ProblemError(
            f"{names[name]} containers with the name {name}", "one", "correct npu_container_containers"
        )
    declared = {image["name"] for image in ground["images"]}
    for container in _living(ground):
        if container.get("image") not in declared:
            yield ProblemError(
                f"the image {container.get('image')} in the container {container['name']}",
                f"{one_of(sorted(declared))}, as npu_container_images declares them",
                "declare it there with its archive or its digest",
            )


def _npus(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    there = numbers_there(ground["present"])
    shown = ", ".join(map(str, there)) or "none"
    for container in _living(ground):
        try:
            missing = sorted(set(numbers_of(container, there)) - set(there))
        except ValueError:
            yield ProblemError(
                f"npus: {container['npus']} in the container {container['name']}",
                "all, or numbers of NPUs",
                "correct npu_container_containers",
            )
            continue
        if missing:
            yield ProblemError(
                f"NPU {', '.join(map(str, missing))} in the container {container['name']}",
                f"NPUs that this host has: {shown}",
                "correct `npus`, or see with npu-smi info whether a card is missing",
            )


def _driver(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    if not any(container.get("npus", True) for container in _living(ground)):
        return
    files = [file["path"] for file in needs()["files"] if file["required"]]
    missing = sorted({*files, *shared_devices(ground["chip"])} - set(ground["present"]))
    if missing or not numbers_there(ground["present"]):
        yield ProblemError(
            f"no {', '.join(missing) or 'NPU in /dev'}",
            "the driver of the NPUs, installed and running",
            "bring the host to its release first: ansible-playbook ascend.fleet.site",
        )


def _sharing(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    there = numbers_there(ground["present"])
    takers: dict[int, list[Mapping[str, Any]]] = collections.defaultdict(list)
    for container in _living(ground):
        words = container.get("npus", ["all"])
        if all(word == "all" or _NUMBERS.fullmatch(str(word)) for word in words):
            for number in numbers_of(container, there):
                takers[number].append(container)
    clashes: dict[str, list[int]] = collections.defaultdict(list)
    for number, containers in takers.items():
        if len(containers) > 1 and not all(container.get("share") for container in containers):
            clashes[" and ".join(container["name"] for container in containers)].append(number)
    for names, numbers in clashes.items():
        yield ProblemError(
            f"NPU {', '.join(map(str, numbers))} in the containers {names}",
            "each NPU in one container",
            "correct `npus`, or set `share: true` in all of them",
        )


def _living(ground: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in ground["containers"] if one.get("state", STARTED) == STARTED]


_CHECKS = (_engine, _runtime, _consents, _images, _containers, _npus, _driver, _sharing)

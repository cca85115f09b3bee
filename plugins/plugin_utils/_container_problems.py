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
from ansible_collections.ascend.fleet.plugins.plugin_utils._container_engine import (
    aged_files,
    consent_problems,
    engine_problems,
    package_problems,
    restart_due,
    runtime_due,
    settings_problems,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._containers import (
    LABEL,
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
        "paths": [*_new_mounts(ground), *aged_files(ground)],
    }


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


def _foreign(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield the names that containers have which somebody else made: those are not replaced or removed."""
    wanted = {f"/{container['name']}" for container in ground["containers"]}
    for found in ground["engine"].get("containers") or []:
        taken = wanted.intersection(found.get("Names") or [])
        if taken and LABEL not in (found.get("Labels") or {}):
            name = min(taken)[1:]
            yield ProblemError(
                f"a container {name} that this role has not made ({found.get('Image')})",
                "a name that is free",
                "name yours otherwise in npu_container_containers, or remove that one: "
                f"docker rm --force {name}",
            )


def _mounts(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    found = ground["stats"]
    for container in _living(ground):
        for mount in container.get("mounts", []):
            if found.get(mount["source"], {}).get("exists") is False:
                yield ProblemError(
                    f"no {mount['source']} on the host, which the container {container['name']} mounts",
                    "a directory or file",
                    "make it, or correct `mounts` in npu_container_containers",
                )


def _new_mounts(ground: Mapping[str, Any]) -> list[str]:
    """Return what containers are to mount that no container has mounted yet: it may be missing."""
    known = {
        mount.get("Source")
        for found in ground["engine"].get("containers") or []
        for mount in found.get("Mounts") or []
    }
    wanted = {mount["source"] for container in _living(ground) for mount in container.get("mounts", [])}
    return sorted(wanted - known)


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
        if len(containers) > 1 and not all(map(_shares, containers)):
            clashes[" and ".join(container["name"] for container in containers)].append(number)
    for names, numbers in clashes.items():
        yield ProblemError(
            f"NPU {', '.join(map(str, numbers))} in the containers {names}",
            "each NPU in one container",
            "correct `npus`, or set `share: true` in all of them",
        )


def _shares(container: Mapping[str, Any]) -> bool:
    return bool(boolean(container.get("share", False), strict=False))


def _living(ground: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in ground["containers"] if one.get("state", STARTED) == STARTED]


_CHECKS = (
    *(engine_problems, settings_problems, package_problems, consent_problems),
    *(_images, _containers, _foreign, _mounts, _npus, _driver, _sharing),
)

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold what is wanted of the container engine and the Ascend Docker Runtime against what is there. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.ascend.fleet.plugins.plugin_utils._containers import needs
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCKER = "docker"
LEGACY, CDI = "legacy", "cdi"
_NUMBERS = re.compile(r"[0-9]+")
_LIBRARY = re.compile(r"Python library \(([\w.-]+)\) on .*'s Python (\S+?)\.(?:\s|$)")  # missing_required_lib


def runtime_due(ground: Mapping[str, Any]) -> bool:
    """Tell whether the package of the Ascend Docker Runtime is to be run."""
    wanted = [package["version"] for package in ground["packages"]]
    return _asked(ground) and not (_complete(ground) and ground["installed"]["version"] in wanted)


def restart_due(ground: Mapping[str, Any]) -> bool:
    """Tell whether the engine is to be started anew, so that it knows the runtime.

    Docker says what it knows. containerd does not: what changed its settings after it began to listen is new
    to it.
    """
    if not _asked(ground):
        return False
    if ground["scene"] == DOCKER:
        return runtime_due(ground) or not _known(ground)
    changed, began = (ground["stats"].get(path, {}).get("mtime") for path in aged_files(ground))
    return runtime_due(ground) or (changed is not None and began is not None and changed > began)


def aged_files(ground: Mapping[str, Any]) -> list[str]:
    """Return containerd's file of settings, and the socket that it makes when it begins to listen."""
    if not _asked(ground) or ground["scene"] == DOCKER:
        return []
    engine = needs()["engines"][ground["scene"]]
    return [engine["settings"], engine["socket"]]


def _asked(ground: Mapping[str, Any]) -> bool:
    return bool(ground["runtime"] == needs()["runtime"]["name"])


def _complete(ground: Mapping[str, Any]) -> bool:
    return bool((ground["installed"] or {}).get("complete"))


def _known(ground: Mapping[str, Any]) -> bool:
    """Tell whether the running Docker engine knows the runtime."""
    return needs()["runtime"]["name"] in (ground["engine"].get("host_info") or {}).get("Runtimes", {})


def engine_problems(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield what is wrong with the Docker engine, where containers or the runtime want one."""
    if ground["scene"] != DOCKER and not ground["containers"] and not ground["images"]:
        return
    least = needs()["engines"][DOCKER]["least"]
    wanted = f"Docker {least} or newer that answers"
    version = (ground["engine"].get("host_info") or {}).get("ServerVersion")
    if not version:
        reason = str(ground["engine"].get("msg") or "it said nothing").strip().splitlines()[0]
        fix = "install Docker with the system's packages, or start it: systemctl start docker"
        library = _LIBRARY.search(reason)
        yield (
            _no_library(*library.groups())
            if library
            else ProblemError(f"no Docker engine that answers ({reason})", wanted, fix)
        )
    elif numbers(version)[:2] < numbers(least)[:2]:
        yield ProblemError(f"Docker {version}", wanted, "install a newer Docker with the system's packages")


def _no_library(library: str, python: str) -> ProblemError:
    return ProblemError(
        f"no library {library} in {python}, the Python with which Ansible works on the host",
        f"{library} in that Python, because Ansible's modules for Docker need it",
        f"{python} -m pip install {library}; where it is the system's own Python, install the "
        f"system's package python3-{library} instead",
    )


def numbers(version: str) -> list[int]:
    """Return the numbers of a version in their order."""
    return [int(number) for number in _NUMBERS.findall(version)]


def package_problems(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield why the Ascend Docker Runtime cannot be had on this host, or not for what is wanted of it."""
    runtime = needs()["runtime"]
    if not _asked(ground):
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
    yield from _mode(ground)


def _mode(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield why the runtime does not give NPUs to containers in the wanted way."""
    unknown = needs()["runtime"]["cdi"]["unknown_to"]
    there = (ground["installed"] or {}).get("injection_mode") or LEGACY
    if _complete(ground) and there != ground["mode"]:
        yield ProblemError(
            f"the Ascend Docker Runtime installed in the mode {there}",
            f"{ground['mode']}, as npu_container_runtime_mode says",
            f"the mode is said when it is installed: remove it ({_removal(ground)}), then run this again",
        )
    elif ground["mode"] == CDI and runtime_due(ground):
        for package in ground["packages"]:
            if numbers(package["version"]) <= numbers(unknown):
                yield ProblemError(
                    f"the Ascend Docker Runtime {package['version']}, which does not know the mode cdi",
                    f"a package that is newer than {unknown}",
                    "name one with npu_container_runtime_packages, or set "
                    "`npu_container_runtime_mode: legacy`",
                )


def _removal(ground: Mapping[str, Any]) -> str:
    """Return the vendor's command that takes the runtime off the host."""
    return f"sh {ground['installed']['path']}/script/uninstall.sh none {ground['scene']}"


def settings_problems(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield what is wrong with the engine's file of settings, in which the vendor's installer registers it.

    Docker's is looked at when the engine does not answer or does not know the runtime.
    """
    if ground["scene"] == DOCKER:
        yield from _daemon_json(ground)
    elif _asked(ground):
        yield from _config_toml(ground)


def _daemon_json(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    file = needs()["engines"][DOCKER]["settings"]
    try:
        settings = json.loads(ground["settings"] or "{}")
    except ValueError as error:
        yield ProblemError(
            f"{file} that is not JSON ({error})",
            "a file that Docker and the vendor's installer can read",
            f"correct it; python3 -m json.tool {file} says where",
        )
        return
    if _asked(ground) and not runtime_due(ground) and not _known(ground):
        runtimes = settings.get("runtimes") if isinstance(settings, dict) else None
        if needs()["runtime"]["name"] not in (runtimes or {}):
            yield _unregistered(ground, file)


def _config_toml(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    file, said = needs()["engines"][ground["scene"]]["settings"], ground["dump"]
    if said.get("rc") == 0:
        if not runtime_due(ground) and runtime_program(ground) not in said["stdout"]:
            yield _unregistered(ground, file)
        return
    reason = str(said.get("stderr") or said.get("msg") or "it said nothing").strip().splitlines()[-1]
    if "No such file or directory: b'containerd'" in reason:
        yield ProblemError(
            "no containerd",
            "containerd, because npu_container_runtime_scene names it",
            "install it with the system's packages, or set `npu_container_runtime_scene: docker`",
        )
    else:
        yield ProblemError(
            f"{file} that containerd cannot read ({reason})",
            "a file that containerd and the vendor's installer can read",
            "correct it; containerd config dump says what is wrong",
        )


def runtime_program(ground: Mapping[str, Any]) -> str:
    """Return where the runtime's program lies on the host, or will lie."""
    home = (ground["installed"] or {}).get("path") or f"{ground['install_path']}/{needs()['runtime']['home']}"
    return f"{home}/{needs()['runtime']['program']}"


def _unregistered(ground: Mapping[str, Any], file: str) -> ProblemError:
    return ProblemError(
        f"the Ascend Docker Runtime {ground['installed']['version']} installed, but not in {file}",
        f"the entry that the vendor's installer makes there, with {runtime_program(ground)}",
        "somebody has changed the file, or it was installed for another engine: make sure that "
        f"{file} is there, remove the runtime ({_removal(ground)}), then run this again",
    )


def consent_problems(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield what somebody has to agree to."""
    if runtime_due(ground) and not _agreed(ground, "licence"):
        yield ProblemError(
            "no consent to the vendor's licence (EULA), which the installers' --quiet accepts in your name",
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

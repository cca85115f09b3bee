# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold a host against what another driver needs, before anything of it is touched. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHORT_ID = 12  # of a container, as docker shows it
_KILL = "let the jobs end, or add `npu_driver_kill_allowed: true` to the inventory to have them ended"


def host_problems(
    host: Mapping[str, Any], found: Mapping[str, Any], consents: Mapping[str, Any]
) -> Iterator[ProblemError]:
    """Yield what stands in the way of another driver.

    ``host`` is the result of M(ascend.fleet.npu_host_info), ``found`` that of M(ascend.fleet.npu_info).
    """
    if not consents.get("kill"):
        yield from users_problem(host, found)
    yield from _installers(host)
    yield from _account(host)
    yield from _closed(host)


def build_problems(host: Mapping[str, Any], build_needed: bool) -> Iterator[ProblemError]:
    """Yield what is missing after the system packages were provided: programs, and headers for DKMS."""
    kernel = host["kernel"]
    if build_needed and not kernel["headers"]:
        yield ProblemError(
            f"kernel {kernel['release']} without {kernel['build']}",
            f"the headers of exactly {kernel['release']} (uname -r), for the driver's modules are built with "
            "them",
            "install them from the system's installation medium when the repository has newer ones only, or "
            "reboot into a kernel whose headers you have; npu_driver_build_needed: false if the package "
            "brings modules for this kernel",
        )
    if host["missing_programs"]:
        yield ProblemError(
            f"no {', '.join(host['missing_programs'])} on the host",
            "all programs that the driver's installer demands",
            "install the packages that hold them, or correct npu_driver_system_packages",
        )


def users_problem(
    host: Mapping[str, Any], found: Mapping[str, Any], fix: str = _KILL
) -> Iterator[ProblemError]:
    """Yield who uses the NPUs, if anybody does; a host that was not looked at has no holders."""
    if "holders" not in host:
        return
    users = list(_users(host, found))
    if users:
        yield ProblemError(f"NPUs in use: {'; '.join(users)}", "nobody on /dev/davinci*", fix)


def _users(host: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    names = {container["id"]: container["name"] for container in host["containers"]}
    known = {holder["pid"] for holder in host["holders"]}
    yield from (_process(holder, names) for holder in host["holders"])
    for process in found.get("processes") or []:
        if process["pid"] not in known:
            yield f"process {process['pid']} ({process['name']}) on NPU {process['npu_id']}"
    busy = {holder["container"] for holder in host["holders"]}
    for container in host["containers"]:
        if container["id"] not in busy:
            devices = ", ".join(container["devices"])
            yield f"container {container['name']} ({container['id'][:_SHORT_ID]}) with {devices}"


def _process(holder: Mapping[str, Any], names: Mapping[str, str]) -> str:
    container = holder["container"]
    inside = f", container {names.get(container, container[:_SHORT_ID])}" if container else ""
    devices = ", ".join(holder["devices"])
    return f"process {holder['pid']} ({holder['name']}, user {holder['user']}{inside}) on {devices}"


def _installers(host: Mapping[str, Any]) -> Iterator[ProblemError]:
    for installer in host["installers"]:
        yield ProblemError(
            f"process {installer['pid']}, {installer['command']}",
            "no other package of the vendor that runs",
            "wait until it ends; look at /var/log/ascend_seclog/ascend_install.log when it seems to hang",
        )


def _account(host: Mapping[str, Any]) -> Iterator[ProblemError]:
    account, last = host["account"], host["last_user"]
    pair = (account["user"], account["group"])
    if account["exists"] and not account["member"]:
        yield ProblemError(
            f"user {account['user']} with the group {account['primary_group']}",
            f"a user {account['user']} in the group {account['group']}",
            f"add it with `usermod -a -G {account['group']} {account['user']}`, or correct npu_driver_user "
            "and npu_driver_group; the user is not changed here",
        )
    if last["user"] and (last["user"], last["group"]) != pair:
        yield ProblemError(
            f"a driver that runs as {last['user']}:{last['group']} (/etc/ascend_install.info)",
            f"{pair[0]}:{pair[1]}",
            "the vendor keeps the user of the last installation: correct npu_driver_user and "
            "npu_driver_group, or remove the driver first (playbook uninstall)",
        )


def _closed(host: Mapping[str, Any]) -> Iterator[ProblemError]:
    for path in host["immutable"]:
        yield ProblemError(
            f"{path} closed with chattr +i",
            "a path that the installer can write",
            f"ask who closed it, then `chattr -i {path}`; it is not opened here",
        )

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the node itself against what its product and release need: model, memory, space, clock, names. Pure.

This plugin util is private to the collection and may change at any time. Every function takes the input of
the filter C(preflight_problems) and yields what it finds; what the input leaves out is not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._package_source import (
    TEMPORARY_DIRECTORY,
    remount,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._contradictions import begins
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BYTES_PER_GB = 10**9
_BYTES_PER_MIB = 1 << 20


def contradiction(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield that the node looks like another product, unless somebody has confirmed the product."""
    if not ground.get("product_confirmed"):
        yield from _detected(ground, "error")


def unknown_board(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield that the catalog does not know the board, and a contradiction that somebody has confirmed."""
    product, detected = ground.get("product"), ground.get("detected")
    known = product and product["pci"] and detected and detected["chip"] == product["chip"]
    if known and count_fits(ground):
        yield from _detected(ground, "warning")
    if ground.get("product_confirmed"):
        for problem in _detected(ground, "error"):
            yield ProblemError(problem.found, problem.wanted, "nothing: npu_fleet_product_confirmed is true")


def _detected(ground: Mapping[str, Any], severity: str) -> Iterator[ProblemError]:
    for problem in (ground.get("detected") or {}).get("problems", []):
        if problem["severity"] == severity:
            yield ProblemError(problem["found"], problem["wanted"], problem["fix"])


def chips_of(product: Mapping[str, Any]) -> int:
    """Return how many chips one server, board or card has."""
    return int(product["npus"] * product["chips_per_npu"])


def functions_of(product: Mapping[str, Any]) -> int:
    """Return how many functions of the PCI bus one server, board or card is; two chips may share one."""
    return int(product["npus"] * product.get("pci_functions", product["chips_per_npu"]))


def is_on_bus(count: int, product: Mapping[str, Any]) -> bool:
    """Tell whether a host with so many functions on its bus can be the product; a system on chip has none."""
    if product.get("form") == "card":
        return count > 0 and count % functions_of(product) == 0
    return count == functions_of(product) or (count == 0 and not product.get("driver", True))


def fits(count: int, product: Mapping[str, Any]) -> bool:
    """Tell whether a host can have that many chips: those of the server, or of one card or several."""
    if product.get("form") == "card":
        return count > 0 and count % chips_of(product) == 0
    return count == chips_of(product)


def count_fits(ground: Mapping[str, Any]) -> bool:
    """Tell whether as many chips are on the bus as the product has."""
    return is_on_bus(ground["detected"]["chips"], ground["product"])


def missing_names(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield the names of servers, such as a mirror's, that do not resolve on the node."""
    resolved = (ground.get("node") or {}).get("resolved", {})
    for name in ground.get("names") or []:
        if name in resolved and not resolved[name]["addresses"]:
            yield ProblemError(
                f"no address of {name} ({resolved[name]['reason']})",
                f"{name} to resolve on the node, which fetches packages from it",
                "correct the node's DNS or its /etc/hosts, or npu_fleet_packages",
            )


def unknown_users(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield the users who are to compute and whom the node does not know; no account is made for them."""
    for name in (ground.get("node") or {}).get("unknown_users", []):
        yield ProblemError(
            f"no user {name} on the node",
            f"a user {name}, who is to open the devices (cann_users)",
            "correct cann_users, or make the account first; none is made here",
        )


def own_name(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield that the node's own name does not resolve, without which jobs across nodes do not start."""
    name = (ground.get("facts") or {}).get("nodename")
    resolved = (ground.get("node") or {}).get("resolved", {})
    if name in resolved and not resolved[name]["addresses"]:
        yield ProblemError(
            f"the host name {name}, which does not resolve on the node itself ({resolved[name]['reason']})",
            "an address for it, which torch's and MindSpore's launchers look up",
            f"add {name} with the node's address to /etc/hosts or DNS",
        )


def memory(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield that the node has less memory than is sensible for its NPUs."""
    total = ((ground.get("node") or {}).get("memory") or {}).get("total_mb")
    wanted = (ground.get("limits") or {}).get("memory_gb")
    if total and wanted and total * _BYTES_PER_MIB < wanted * _BYTES_PER_GB:
        yield ProblemError(
            f"{total * _BYTES_PER_MIB / _BYTES_PER_GB:.0f} GB of memory",
            f"{wanted} GB at least",
            "add memory, or set npu_preflight_memory_gb to what your jobs need",
        )


def clock(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield that the node's clock is not the controller's."""
    ahead = ((ground.get("node") or {}).get("clock") or {}).get("ahead_s")
    wanted = (ground.get("limits") or {}).get("clock_seconds")
    if ahead is not None and wanted is not None and abs(ahead) > wanted:
        way = "ahead of" if ahead > 0 else "behind"
        yield ProblemError(
            f"a clock {abs(ahead):.0f} s {way} the controller's",
            f"at most {wanted} s; certificates, logs and checkpoints of several nodes depend on it",
            "let chrony or ntpd set the clocks of node and controller",
        )


def no_space(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield filesystems that cannot take the packages that are due, whatever they unpack to."""
    due = sum(file.get("size") or 0 for file in (ground.get("packages") or {}).values())
    for space in _spaces(ground):
        free = space["free_mb"] * _BYTES_PER_MIB
        place = f"{space['path']} (filesystem {space['mount']})"
        if space["read_only"]:
            yield ProblemError(
                f"{place} mounted read-only", "a path that can be written", "mount it read-write"
            )
        elif free < due:
            yield ProblemError(
                f"{free / _BYTES_PER_GB:.1f} GB free for {place}",
                f"{due / _BYTES_PER_GB:.1f} GB at least, the size of the packages that are due",
                "free space there, or mount a larger filesystem",
            )


def no_programs(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield that packages cannot run what they unpack, which some find out after the old one is removed."""
    for space in _spaces(ground):
        if space["path"] == TEMPORARY_DIRECTORY and space["no_exec"]:
            yield ProblemError(
                f"{space['path']} mounted noexec",
                "a file system from which programs run, because packages run what they unpack there",
                f"{remount(space['path'])}; it may be set back after the installation",
            )


def little_space(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield filesystems with less free space than is sensible; paths of one filesystem add up."""
    wanted: Mapping[str, float] = (ground.get("limits") or {}).get("space_gb") or {}
    filesystems: dict[int, list[Mapping[str, Any]]] = {}
    for space in _spaces(ground):
        filesystems.setdefault(space["device"], []).append(space)
    for spaces in filesystems.values():
        sum_gb = sum(wanted.get(space["path"], 0) for space in spaces)
        free = spaces[0]["free_mb"] * _BYTES_PER_MIB
        if free < sum_gb * _BYTES_PER_GB:
            yield ProblemError(
                f"{free / _BYTES_PER_GB:.1f} GB free on the filesystem {spaces[0]['mount']}",
                f"{sum_gb:.0f} GB for {' and '.join(space['path'] for space in spaces)}",
                "free space there before an installation fails, or correct npu_preflight_space_gb",
            )


def _spaces(ground: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the filesystems, when a package is due that needs them."""
    node = ground.get("node") or {}
    return list(node.get("space", [])) if ground.get("packages") else []


def headers(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield that the headers of the running kernel must be brought before the driver's modules are built."""
    kernel = (ground.get("node") or {}).get("kernel")
    driver = [step for step in (ground.get("plan") or {}).get("steps", []) if step["part"] == "driver"]
    if kernel and driver and ground.get("build_needed", True) and not kernel["headers"]:
        packages = ", ".join((ground.get("system") or {}).get("kernel_packages") or []) or "the headers"
        yield ProblemError(
            f"kernel {kernel['release']} without {kernel['build']}",
            f"the headers of exactly {kernel['release']}, for the driver's modules are built with them",
            f"see that the node's repositories have {packages}: the role npu_driver installs them from there",
        )


def failing_driver(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield a driver on which the vendor says that this CANN fails."""
    release, driver = ground.get("release"), _live_driver(ground)
    if release and driver and begins(driver, release["drivers"]["fails"]):
        yield ProblemError(
            f"driver {driver}, on which CANN {release['cann']} fails, as the vendor says",
            _works(release),
            "choose another release, or bring the node to another driver",
        )


def unspoken_driver(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield a driver that came with the node and of which the vendor says nothing for this CANN."""
    release, driver = ground.get("release"), _live_driver(ground)
    if release and driver and not release["driver"] and release["drivers"]["works"]:
        named = [*release["drivers"]["works"], *release["drivers"]["fails"]]
        if not begins(driver, named):
            yield ProblemError(
                f"driver {driver}, of which the vendor says nothing for CANN {release['cann']}",
                _works(release),
                "try it on one node first",
            )


def _live_driver(ground: Mapping[str, Any]) -> str | None:
    """Return the driver that the node is to have: the release's, else the one that runs."""
    release = ground.get("release") or {}
    driver: str | None = release.get("driver") or (ground.get("found") or {}).get("driver_version")
    return driver


def _works(release: Mapping[str, Any]) -> str:
    return f"{one_of(release['drivers']['works'])} (also what begins so)"


def notes(ground: Mapping[str, Any]) -> Iterator[str]:
    """Yield what to know: what the catalog says of this stack, and a driver that the vendor does not name."""
    release = ground.get("release") or {}
    yield from release.get("notes", [])
    works = (release.get("drivers") or {}).get("works") or []
    if release.get("driver") and works and not begins(release["driver"], works):
        yield (
            f"CANN {release['cann']} works on driver {', '.join(works)}, as the vendor says; this release "
            f"pairs it with {release['driver']}."
        )

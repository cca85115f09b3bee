# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold what was found on a node against what its product and release need, before anything is changed. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.ascend.fleet.plugins.plugin_utils import _preflight_node as _node
from ansible_collections.ascend.fleet.plugins.plugin_utils._driver_ground import (
    build_problems,
    host_problems,
    users_problem,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._preflight_wheels import missing_wheels
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import arch_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEYS = (
    *("host", "product", "product_error", "release", "release_error", "facts", "found", "system", "node"),
    *("addresses", "address_error", "packages", "available", "consents", "plan", "host_ground", "ready"),
    *(
        "build_needed",
        "detected",
        "product_confirmed",
        "limits",
        "names",
        "products",
        "unread",
        "system_error",
        "installers",
        "environments",
        "due",
    ),
)
HUAWEI = "19e5"
# What a module says, or the shell before it, when the node's Python is absent or too old for ansible-core.
_PYTHON = re.compile(
    r"interpreter.{0,200}not found|requires a minimum of Python|from __future__ import annotations", re.S
)
_LEAST_PYTHON = re.compile(r"minimum of Python version (\d+\.\d+)")
_DIGITS = 12  # of a checksum, enough to tell two files apart
_SICK = ("alarm", "critical")
_CONSENTS = {
    "reboot": (
        "no word on whether this node may be rebooted",
        "npu_driver_reboot_allowed, true or false",
        "add `npu_driver_reboot_allowed: true` to the inventory (false installs now, and you reboot later)",
    ),
    "flash": (
        "no consent to write firmware into the NPUs",
        "npu_driver_flash_allowed: true",
        "add `npu_driver_flash_allowed: true` to the inventory, or choose a release with the installed one",
    ),
    "licence": (
        "no consent to the vendor's licence (EULA), which the installers' --quiet accepts in your name",
        "npu_fleet_licence_accepted: true",
        "read the licence, then add `npu_fleet_licence_accepted: true` to the inventory",
    ),
    "removal": (
        "no consent to remove driver and firmware",
        "npu_driver_removal_allowed: true",
        "add `npu_driver_removal_allowed: true` to the inventory, or give it with -e for this run",
    ),
    "cann_removal": (
        "no consent to remove CANN",
        "cann_removal_allowed: true",
        "add `cann_removal_allowed: true` to the inventory, or give it with -e for this run",
    ),
    "downgrade": (
        "no consent to install an older version than the node has",
        "npu_driver_downgrade_allowed: true",
        "add `npu_driver_downgrade_allowed: true` to the inventory, or choose a newer release",
    ),
}


def problems_of(ground: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return every problem of one host, errors and warnings; see the filter C(preflight_problems).

    Raises ProblemError for an input that the filter does not know.
    """
    for key in ground:
        if key not in KEYS:
            raise ProblemError(f"the input {key}", f"{one_of(KEYS)}{nearest(key, KEYS)}", "correct the input")
    if "host" not in ground:
        raise ProblemError("an input without host", "the host's name", "add host")
    errors = [problem for check in _ERRORS for problem in check(ground)]
    found = [_entry(ground, "error", problem) for problem in errors]
    found += [_entry(ground, "warning", problem) for check in _WARNINGS for problem in check(ground)]
    error = ground.get("system_error")
    found += [{"host": ground["host"], "severity": "warning", **error}] if error else []
    found += [_entry(ground, "note", ProblemError(note, "", "")) for note in _node.notes(ground)]
    said = [tuple(problem[name] for name in ("found", "wanted", "fix")) for problem in found]
    return [problem for number, problem in enumerate(found) if said[number] not in said[:number]]


def _entry(ground: Mapping[str, Any], severity: str, problem: ProblemError) -> dict[str, str]:
    return {"host": ground["host"], "severity": severity, **problem.as_mapping()}


def _catalog(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    for name in ("product_error", "release_error", "address_error"):
        error = ground.get(name)
        if error:
            yield ProblemError(error["found"], error["wanted"], error["fix"])


def _groups(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    products = ground.get("products") or []
    if len(products) > 1:
        yield ProblemError(
            f"a host in the groups {' and '.join(products)}, each of which is a product",
            "one product for each host",
            f"take it out of all but one of them; it is treated as {products[0]} until then",
        )


def _unread(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    text = ground.get("unread")
    if text and _PYTHON.search(text):
        told = _LEAST_PYTHON.search(text)
        least = told[1] if told else "3.8 (3.9 for ansible-core 2.20)"
        yield ProblemError(
            f"no Python that can run modules: {' '.join(text.split())}",
            f"Python {least} or newer on the node",
            "set ansible_python_interpreter to one that is there, or add `npu_fleet_python_bootstrap: true` "
            "to the inventory to have a private one; with --check run playbooks/python_bootstrap.yml first",
        )
    elif text:
        yield ProblemError(
            f"a node that cannot be looked at: {' '.join(text.split())}",
            "an answer to every question",
            "mend what the message names, or leave the host out with --limit",
        )


def _architecture(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    product, facts = ground.get("product"), ground.get("facts")
    problem = arch_problem(product, facts["architecture"]) if product and facts else None
    if problem:
        yield problem


def _packages(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    release = ground.get("release") or {}
    known = {package["file"]: package for package in release.get("packages", [])}
    for name, file in {**(ground.get("packages") or {}), **(ground.get("installers") or {})}.items():
        if not file["exists"]:
            yield _missing(file["path"], name, known.get(name, {}), ground.get("available") or [])
        elif file.get("wanted_sha256") and file["sha256"] != file["wanted_sha256"]:
            yield ProblemError(
                f"{file['path']} with the SHA-256 {file['sha256'][:_DIGITS]}...",
                f"the SHA-256 {file['wanted_sha256'][:_DIGITS]}...",
                "fetch the file again; if this one is right, correct sha256 in the release's file",
            )


def _missing(path: str, name: str, package: Mapping[str, Any], available: list[str]) -> ProblemError:
    wrong = [other for other in package.get("other_arch_files", []) if other in available]
    if wrong:
        return ProblemError(
            f"{', '.join(wrong)}, which is for another architecture",
            f"{name} for {package['arch']}",
            f"fetch the package for {package['arch']} and put it at {path}",
        )
    login = package.get("login")
    way = (
        f"log in at {login} and put it there"
        if login
        else "fetch it with the playbook fetch, or put it there"
    )
    return ProblemError(f"no file {path}", name, f"{way}, or correct npu_fleet_packages")


def _addresses(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    product, addresses = ground.get("product"), ground.get("addresses")
    if product and addresses and not _node.fits(len(addresses), product):
        yield ProblemError(
            f"{len(addresses)} device addresses",
            f"{_node.chips_of(product)}, one for each NPU chip of {product['name']}",
            "correct npu_network_devices, or set npu_network_plan instead",
        )


def _npus(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    product, found = ground.get("product"), ground.get("found")
    told = any(_node.contradiction(ground))
    if told or not product or not product["pci"] or not found or found.get("pci_devices") is None:
        return
    count, ids = _chips(ground)
    wrong = sorted(ids - set(product["pci"]))
    if wrong:
        yield ProblemError(
            f"NPU chips with the PCI id {', '.join(wrong)}",
            f"{one_of(product['pci'])} ({product['family']['name']})",
            f"put the host into the group of its own model, for it is no {product['name']}",
        )
    if not _node.is_on_bus(count, product) and not _is_part(ground, count):
        yield _wrong_count(count, product)


def _chips(ground: Mapping[str, Any]) -> tuple[int, set[str]]:
    """Return how many chips are on the bus, and their PCI ids; another maker's, too, if they were told."""
    if ground.get("detected"):
        return ground["detected"]["chips"], set(ground["detected"]["pci"])
    devices = ground["found"]["pci_devices"]
    ids = [_pci_id(device) for device in devices if _plain(device["vendor"]) == HUAWEI]
    return len(ids), set(ids)


def _wrong_count(count: int, product: Mapping[str, Any]) -> ProblemError:
    return ProblemError(
        f"{count} NPU chips on the PCI bus",
        f"{_node.functions_of(product)}, as {product['name']} has",
        "look for a lost NPU with `lspci -d 19e5:` on the host (reseat it, or power-cycle the host), or "
        "put the host into the group of its own model",
    )


def _is_part(ground: Mapping[str, Any], count: int) -> bool:
    """Tell whether the host is a virtual machine that was given some of the server's chips."""
    software = ground["found"].get("software") or {}
    return software.get("environment") == "vm" and 0 < count < _node.chips_of(ground["product"])


def _guest(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    product, found = ground.get("product"), ground.get("found") or {}
    if not product or found.get("pci_devices") is None:
        return
    count, _ids = _chips(ground)
    if _is_part(ground, count):
        problem = _wrong_count(count, product)
        yield ProblemError(f"{problem.found} of a virtual machine", problem.wanted, "give it all, or go on")


def _plain(number: str) -> str:
    return number.lower().removeprefix("0x")


def _pci_id(device: Mapping[str, Any]) -> str:
    return f"{_plain(device['vendor'])}:{_plain(device['device'])}"


def _consents(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    plan, given = ground.get("plan") or {}, ground.get("consents") or {}
    licence = ["licence"] if ground.get("due") else []
    for name in [*licence, *plan.get("consents", [])]:
        answer = _answer(given.get(name))
        refused = answer is False and name != "reboot"
        if answer is None or refused:
            found, wanted, fix = _CONSENTS[name]
            reasons = f" ({'; '.join(plan['reasons'])})" if name not in licence else ""
            yield ProblemError(f"{found}{reasons}", wanted, fix)


def _answer(given: Any) -> bool | None:
    """Return a consent as a bool; with -e it comes as text, and what is no yes is none."""
    return None if given is None else boolean(given, strict=False)


def _host(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    host = ground.get("host_ground") or {}
    if "holders" in host:  # it was looked at, because the driver is due
        consents = {name: _answer(given) for name, given in (ground.get("consents") or {}).items()}
        yield from host_problems(host, ground.get("found") or {}, consents)
    if (ground.get("plan") or {}).get("problems"):
        yield from (ProblemError(*words) for words in ground["plan"]["problems"])


def _build(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    if "kernel" in (ground.get("ready") or {}):
        yield from build_problems(ground["ready"], bool(ground.get("build_needed", True)))


def _health(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    for chip in (ground.get("found") or {}).get("chips") or []:
        trouble = _trouble(chip)
        if trouble:
            yield ProblemError(
                f"{_name(chip)} {trouble}",
                "OK",
                "look at `npu-smi info` on the host; the check at the end of the run will refuse this node",
            )


def _trouble(chip: Mapping[str, Any]) -> str | None:
    if chip["health"] is None:
        return "without an answer" + (f" ({chip['reason']})" if chip.get("reason") else "")
    if chip["health"].lower() not in _SICK:
        return None
    codes = chip.get("error_codes") or []
    return f"in {chip['health']}" + (f" (error codes {', '.join(codes)})" if codes else "")


def _name(chip: Mapping[str, Any]) -> str:
    if chip["npu_id"] is None:
        return f"the NPU chip at {chip['bus_id']}"
    return f"NPU {chip['npu_id']} chip {chip['chip_id']}"


def _ended(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield whose processes will be ended, by consent; without it they are an error."""
    plan, host = ground.get("plan") or {}, ground.get("node") or {}
    if plan.get("steps") and _answer((ground.get("consents") or {}).get("kill")):
        yield from users_problem(
            host, ground.get("found") or {}, "npu_driver_kill_allowed ends them; say so to their owners"
        )


def _rebooted(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield whose processes a reboot would end that is due although nothing is installed."""
    plan, host = ground.get("plan") or {}, ground.get("node") or {}
    agreed = {name: _answer(given) for name, given in (ground.get("consents") or {}).items()}
    due = plan.get("reboot") and not plan.get("steps")
    if due and agreed.get("reboot") and not agreed.get("kill"):
        yield from users_problem(host, ground.get("found") or {})


_ERRORS = (
    _unread,
    _groups,
    *(
        _catalog,
        _architecture,
        _packages,
        _addresses,
        _node.contradiction,
        _npus,
        _consents,
        _host,
        _rebooted,
    ),
    *(_build, _node.missing_names, _node.unknown_users, _node.no_space),
    *(_node.failing_driver, _node.no_programs),
    missing_wheels,
)
_WARNINGS = (
    *(_health, _node.unknown_board, _guest, _node.memory, _node.little_space, _node.clock, _node.own_name),
    *(_node.headers, _node.unspoken_driver, _ended),
)

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read variables of the inventory where a play names its hosts and its waves.

Ansible knows C(hostvars) there from the second play of a run on; in the first one the inventory is read here.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

from ansible import context
from ansible.inventory.manager import InventoryManager
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ansible.parsing.dataloader import DataLoader

CATALOG = "npu_fleet_catalog"
GROUPS = "npu_fleet_groups"


def host_variables(variables: Mapping[str, Any], loader: DataLoader) -> Mapping[str, Any]:
    """Return the variables of each host by its name; templates in them are evaluated when they are asked for.

    ``variables`` are those that a plugin is given; ``loader`` is the run's, which has the vault's passwords.
    """
    known: Mapping[str, Any] | None = variables.get("hostvars")
    if known is not None:
        return known
    inventory = InventoryManager(loader=loader, sources=context.CLIARGS.get("inventory") or ())
    return HostVars(inventory, VariableManager(loader=loader, inventory=inventory), loader)


def directories(named: Any) -> tuple[str, ...]:
    """Return the directories that a value of C(npu_fleet_catalog) names; one may stand without a list.

    Raises ProblemError for what is no absolute path: nobody knows what a relative one counts from.
    """
    listed = [named] if isinstance(named, str) else list(named or []) if _listed(named) else [named]
    for directory in listed:
        if not isinstance(directory, str) or not directory.startswith(("/", "~/")):
            raise ProblemError(
                f"{CATALOG}: {directory}",
                "the absolute paths of directories",
                f'begin it with inventory_dir: `{CATALOG}: ["{{{{ inventory_dir }}}}/../catalog"]`',
            )
    return tuple(os.path.expanduser(directory) for directory in listed)


def _listed(named: Any) -> bool:
    return named is None or isinstance(named, list | tuple)


def names_of(named: Any) -> tuple[str, ...] | None:
    """Return the groups that C(npu_fleet_groups) names, which may be one text; None when it has no value."""
    if named is None:
        return None
    listed = named.split(",") if isinstance(named, str) else named
    return tuple(str(name).strip() for name in (listed if isinstance(listed, list) else [listed]))


def own_catalogs(groups: Mapping[str, list[str]], hosts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the directories that C(npu_fleet_catalog) names for the first host of any group, each once."""
    firsts = dict.fromkeys(members[0] for members in groups.values() if members)
    named = (directories(hosts[host].get(CATALOG)) for host in firsts if host in hosts)
    return tuple(dict.fromkeys(directory for each in named for directory in each))


def first_value(name: str, hosts: Iterable[str], known: Mapping[str, Any]) -> Any:
    """Return the value of a variable of the first of these hosts that has it; None when none has."""
    having = (known[host] for host in hosts if host in known)
    return next((host[name] for host in having if name in host), None)

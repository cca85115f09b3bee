# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find hosts that stand in the address plans of two racks. Pure.

Ansible lets the variables of one group win without a word, and the other rack keeps a place for the host.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def double_places(plans: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield a warning for each host that a plan names which is not its own.

    ``plans`` has for each host with a plan a C(mark) of the plan's list of hosts; the first host of a list
    has the C(hosts), too.
    """
    for first, plan in plans.items():
        for host in plan.get("hosts") or []:
            if plans.get(host, plan)["mark"] != plan["mark"]:
                yield _double(host, first)


def _double(host: str, first: str) -> dict[str, str]:
    return {
        "host": host,
        "severity": "warning",
        "found": f"a place in two address plans: in the one that begins with {first}, and in its own",
        "wanted": "one rack for each host",
        "fix": "take the host out of one of the two groups, or out of npu_network_hosts; of two groups on "
        "one level the last of the alphabet wins",
    }

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host itself speaks against: wishes that make sense and that these devices cannot or may not meet.

All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Unsupported
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_ipv6 import taken_ipv6
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_link import taken_down
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import stance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted


def refusals(found: Found, wanted: Sequence[Wanted], link_down_allowed: bool | None) -> Iterator[str]:
    """Say everything that this host has against the wish."""
    yield from _taken(found, wanted)
    yield from taken_ipv6(found, wanted)
    yield from _under_dhcp(found, wanted)
    yield from _unsupported(found, wanted)
    if not link_down_allowed:
        for device in taken_down(found, wanted):
            yield (
                f"device {device}: link down stops its traffic and loses its gateway, routes and IPv6 until "
                "it is up again, and nobody has agreed to that; set link_down_allowed "
                "(npu_network_link_down_allowed in the inventory) to true, or to false to leave the link up"
            )


def _taken(found: Found, wanted: Sequence[Wanted]) -> Iterator[str]:
    """Say which wanted addresses a device has that gets no other and so keeps them."""
    moving = {wish.id for wish in wanted if wish.address is not None}
    kept = {*found.live, *conf.devices_in(found.conf)} - moving
    for wish in wanted:
        for other in sorted(kept) if wish.address else ():
            for where, values in zip(("live", f"in {found.path}"), found.values(other)):
                if values.address and wish.address and values.address.ip == wish.address.ip:
                    yield (
                        f"device {wish.id} wants {wish.address.ip}, but device {other}, "
                        f"{stance(other, wanted)}, has it {where} and keeps it; choose another or give "
                        f"device {other} one too"
                    )


def _under_dhcp(found: Found, wanted: Sequence[Wanted]) -> Iterator[str]:
    for wish in wanted:
        routed = wish.address or {"routes", "ip_routes", "ip_rules"} & set(wish.more)
        if routed and conf.value_of(found.conf, "udhcpc_enable", wish.id) is not None:
            yield (
                f"device {wish.id} gets its address by DHCP (udhcpc_enable_{wish.id} in {found.path}), and "
                f"hccn_tool then saves no gateway; run `hccn_tool -i {wish.id} -udhcpc -r` first"
            )


def _unsupported(found: Found, wanted: Sequence[Wanted]) -> Iterator[str]:
    for wish in wanted:
        for aspect in ASPECTS:
            live = found.ports.get(wish.id, {}).get(aspect.name)
            if isinstance(live, Unsupported):
                yield f"device {wish.id}: hccn_tool said {live.said!r} to {aspect.name}; leave it out here"

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a port that are one value each: MTU, TLS switch, forward error correction, link, PFC, DSCP.

Forms of PFC, DSCP and FEC: hicann/driver ascend910B/hccn_product_ext/tool_cmd.c and tool_ext.c, tool_ops.c.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Aspect, Change, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

SMALLEST_MTU, LARGEST_MTU = 68, 9702
PRIORITIES = 8
MOST_PFC_PRIORITIES = 4
DSCP_VALUES = 64
TRAFFIC_CLASSES = 4
UP, DOWN = "up", "down"
_FEC_WORDS = {"rs": "rs", "no": "off", "auto": "auto"}
_DIGITS = re.compile(r"\d+", re.ASCII)
_BITMAP = re.compile(r"[01](?:,[01]){7}")
_DSCP_ENTRY = re.compile(r"(\d+):(\d+)", re.ASCII)


def _mtu(value: int) -> int:
    if not SMALLEST_MTU <= value <= LARGEST_MTU:
        raise ValueError(f"mtu {value} is out of range; use {SMALLEST_MTU} to {LARGEST_MTU}")
    return value


# Saved as it was typed, so "01500" is 1500. Below 1280 hccn_tool asks, and takes IPv6 away.
MTU = Scalar(
    name="mtu",
    words="the MTU",
    option={"type": "int"},
    query=("-mtu", "-g"),
    parse=lambda answer: int(tool.matched(answer, r"^mtu:(\d+)$")[1]),
    key="mtu",
    read=lambda text: int(text) if _DIGITS.fullmatch(text) else None,
    order=lambda size: ("-mtu", "-s", "size", str(size)),
    check=_mtu,
)

# The first query writes the key when root asks and the file lacks it; such a device is set without asking.
TLS = Scalar(
    name="tls",
    words="TLS",
    option={"type": "bool"},
    query=("-tls", "-g"),
    parse=lambda answer: tool.matched(answer, r"^dev_id:\d+, tls switch\[([01])\]\(")[1] == "1",
    key="tls_enable",
    read={"0": False, "1": True}.get,
    order=lambda enabled: ("-tls", "-s", "enable", "1" if enabled else "0"),
    only_saved=True,
)

# Only the first 910 can switch it; newer chips answer every such call with one sentence.
FEC = Scalar(
    name="fec",
    words="forward error correction",
    option={"type": "str", "choices": ["rs", "off", "auto"]},
    query=("-fec", "-g"),
    parse=lambda answer: _FEC_WORDS[tool.matched(answer, r"^fec mode: (rs|no|auto) FEC mode$")[1]],
    key="encoding",
    read=lambda text: text if text in _FEC_WORDS.values() else None,
    order=lambda mode: ("-fec", "-s", "encoding", mode),
)


def _priorities(wanted: Sequence[int]) -> tuple[int, ...]:
    wrong = sorted({str(each) for each in wanted if not 0 <= each < PRIORITIES})
    if wrong:
        raise ValueError(f"pfc {', '.join(wrong)} is no priority; use 0 to {PRIORITIES - 1}")
    if len(set(wanted)) > MOST_PFC_PRIORITIES:
        raise ValueError(f"pfc lists {len(set(wanted))} priorities; {MOST_PFC_PRIORITIES} can be lossless")
    return tuple(sorted(set(wanted)))


def _ones(bits: Sequence[str]) -> tuple[int, ...]:
    return tuple(place for place, bit in enumerate(bits) if bit == "1")


PFC = Scalar(
    name="pfc",
    words="the priorities with flow control (PFC)",
    option={"type": "list", "elements": "int"},
    query=("-pfc", "-g"),
    parse=lambda answer: _ones(tool.matched(answer, r"^enabled +([01](?: [01]){7}) *$")[1].split()),
    key="bitmap",
    read=lambda text: _ones(text.split(",")) if _BITMAP.fullmatch(text) else None,
    order=lambda wanted: (
        "-pfc",
        "-s",
        "bitmap",
        ",".join("1" if place in wanted else "0" for place in range(PRIORITIES)),
    ),
    check=_priorities,
    show=list,
)


@dataclass(frozen=True)
class Link(Aspect):
    """The link. The file does not know it: after a boot every link is up."""

    def understand(self, options: Mapping[str, Any]) -> str:
        """Return up or down."""
        return str(options[self.name])

    def queries(self, device: int, want: Any, text: str) -> Sequence[tuple[str, ...]]:
        """Ask once."""
        return (tool.link_query(device),)

    def live(self, answers: Sequence[Result]) -> str:
        """Return up or down."""
        return tool.parse_link_answer(answers[0]).lower()

    def saved(self, text: str, device: int) -> None:
        """Return None."""

    def steps(self, change: Change) -> Iterator[Step]:
        """Bring it up, which replays the file, or take it down, which loses gateway, routes and IPv6."""
        if change.live != change.want:
            verb = "bring" if change.want == UP else "take"
            why = f"{verb} the link of device {change.device} {change.want}"
            yield Step(why, ("-i", str(change.device), "-link", "-s", change.want))

    def shown(self, value: Any, want: Any) -> Any:
        """Return it as it is."""
        return value

    def settled(self, live: Any, saved: Any, want: Any) -> bool:
        """Look at the device alone."""
        return bool(live == want)


LINK = Link("link", "the link", {"type": "str", "choices": [UP, DOWN]})


@dataclass(frozen=True)
class Dscp(Aspect):
    """Traffic classes by DSCP value. The file has them in one line, "10:2,20:1,"; others keep theirs."""

    def understand(self, options: Mapping[str, Any]) -> dict[int, int]:
        """Return the traffic class of each value that is listed."""
        wanted: dict[int, int] = {}
        for entry in options[self.name]:
            value, traffic_class = entry["value"], entry["traffic_class"]
            if not 0 <= value < DSCP_VALUES:
                raise ValueError(f"dscp {value} is out of range; use 0 to {DSCP_VALUES - 1}")
            if not 0 <= traffic_class < TRAFFIC_CLASSES:
                last = TRAFFIC_CLASSES - 1
                raise ValueError(
                    f"dscp {value}: traffic_class {traffic_class} is out of range; use 0 to {last}"
                )
            if wanted.setdefault(value, traffic_class) != traffic_class:
                raise ValueError(f"dscp {value} is listed with two traffic classes; keep one")
        return wanted

    def queries(self, device: int, want: Any, text: str) -> Sequence[tuple[str, ...]]:
        """Ask for the whole table at once."""
        return (("-i", str(device), "-dscp_to_tc", "-g"),) if want else ()

    def live(self, answers: Sequence[Result]) -> dict[int, int]:
        """Read the table, which has 64 rows."""
        if not answers:
            return {}
        tool.matched(answers[0], r"^dscp +tc *$")
        rows = re.findall(r"^ *(\d+) +(\d+) *\r?$", answers[0].stdout, re.MULTILINE)
        if len(rows) != DSCP_VALUES:
            raise tool.failure(answers[0])
        return {int(value): int(traffic_class) for value, traffic_class in rows}

    def saved(self, text: str, device: int) -> dict[int, int] | None:
        """Read the one line."""
        line = conf.value_of(text, "dscp_tc", device)
        return None if line is None else {int(value): int(tc) for value, tc in _DSCP_ENTRY.findall(line)}

    def steps(self, change: Change) -> Iterator[Step]:
        """Set each value that differs."""
        live, saved = change.live or {}, self.saved(change.text, change.device) or {}
        for value, tc in sorted(change.want.items()):
            if not live.get(value) == saved.get(value) == tc:
                yield Step(
                    f"set the traffic class of DSCP {value} of device {change.device} to {tc}",
                    ("-i", str(change.device), "-dscp_to_tc", "-s", "dscp", str(value), "tc", str(tc)),
                )

    def shown(self, value: Any, want: Any) -> Any:
        """Return the values that are listed."""
        part = _part(value, want)
        return [{"value": each, "traffic_class": tc} for each, tc in sorted(part.items())]

    def settled(self, live: Any, saved: Any, want: Any) -> bool:
        """Look at the values that are listed."""
        return bool(_part(live, want) == _part(saved, want) == want)


def _part(found: Mapping[int, int] | None, want: Mapping[int, int]) -> dict[int, int]:
    return {value: tc for value, tc in (found or {}).items() if value in want}


DSCP = Dscp(
    name="dscp",
    words="DSCP",
    option={
        "type": "list",
        "elements": "dict",
        "options": {
            "value": {"type": "int", "required": True},
            "traffic_class": {"type": "int", "required": True},
        },
    },
)

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that are a list of entries, each of them one line of /etc/hccn.conf: how all of them are led.

The wanted list is the whole list: entries that are not in it go. Orders to hccn_tool lead the live entries;
what these do to the file is foretold, and lines that would be missing or left over are put right under its
lock.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Aspect, Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result


class Order(NamedTuple):
    """One order to hccn_tool: why, its arguments, and what it does to the text of the file."""

    why: str
    args: tuple[str, ...]
    effect: Callable[[str], str]


class Dialect(NamedTuple):
    """How entries of one kind are written in the file, and which orders lead the live ones.

    kind: the kind of line, as :func:`_hccn_conf.lines_of` knows it.
    read: understands one line of a device; None for a line that is no entry.
    write: returns the line of an entry.
    orders: lists the orders; of the change, and the saved entries.
    unsure_when_shaken: what orders do to the file depends on live entries that may have been lost.
    """

    kind: str
    read: Callable[[str, int], Any]
    write: Callable[[Any, int], str]
    orders: Callable[[Change, Sequence[Any]], Iterator[Order]]
    unsure_when_shaken: bool = False


def entries_in(dialect: Dialect, text: str, device: int) -> tuple[Any, ...]:
    """Return the entries of a device in the order of the file; a line that is none stands for itself."""
    lines = conf.lines_of(text, dialect.kind, device)
    return tuple(dialect.read(line, device) or line for line in lines)


@dataclass(frozen=True)
class EntryList(Aspect):
    """A list of entries.

    wished: understands one entry of the user's, of a device; raises ValueError. ask: the calls of a reading.
    parse: understands their answers. show: an entry as the module returns it.
    """

    wished: Callable[[Mapping[str, Any], int], Any]
    ask: Callable[[int, Any, str], Sequence[tuple[str, ...]]]
    parse: Callable[[Sequence[Result]], set[Any]]
    show: Callable[[Any], Any]
    dialect: Dialect

    def understand(self, options: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the entries, sorted; raise ValueError with the problems of all."""
        found, problems = set(), []
        for place, value in enumerate(options[self.name], start=1):
            try:
                found.add(self.wished(value, options["id"]))
            except ValueError as error:
                problems.append(f"{self.name}, entry {place}: {error}")
        if problems:
            raise ValueError("; ".join(problems))
        return tuple(sorted(found))

    def queries(self, device: int, want: Any, text: str) -> Sequence[tuple[str, ...]]:
        """Return the calls of a reading."""
        return self.ask(device, want, text)

    def live(self, answers: Sequence[Result]) -> set[Any]:
        """Return the live entries."""
        return self.parse(answers)

    def saved(self, text: str, device: int) -> tuple[Any, ...] | None:
        """Return the saved entries; a line that is none stands for itself."""
        return entries_in(self.dialect, text, device) or None

    def steps(self, change: Change) -> Iterator[Step]:
        """Lead the live entries, then put the file right where it would differ."""
        device, text = change.device, change.text
        for order in self.dialect.orders(change, entries_in(self.dialect, text, device)):
            yield Step(order.why, order.args)
            text = order.effect(text)
        unsure = change.shaken and self.dialect.unsure_when_shaken and bool(change.want)
        if unsure or Counter(entries_in(self.dialect, text, device)) != Counter(change.want):
            lines = (self.dialect.write(each, device) for each in change.want)
            yield Step(
                f"put the lines for {self.words} of device {device} in {change.path} right",
                ("lines", self.dialect.kind, str(device), *lines),
            )

    def shown(self, value: Any, want: Any) -> Any:
        """Return the entries, sorted."""
        return [self.show(each) for each in sorted(_known(value))]

    def settled(self, live: Any, saved: Any, want: Any) -> bool:
        """Compare without regard to order; a double line of the file is none too few."""
        return live is not None and set(live) == set(want) and Counter(saved or ()) == Counter(want)

    def replayed(self, live: Any, saved: Any) -> Any:
        """Return what the device has and what the file adds."""
        return {*(live or ()), *_known(saved)}

    def as_live(self, saved: Any) -> Any:
        """Return the entries without lines that are none."""
        return set(_known(saved))


def _known(entries: Any) -> list[Any]:
    return [each for each in entries or () if not isinstance(each, str)]

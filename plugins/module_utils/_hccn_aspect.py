# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to know about one setting of a device's port: the form that all such settings are written in.

How the user writes it, how the device and the file are asked for it, and which steps lead there; nothing else
of the collection needs to know. All functions of an aspect are pure.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result


@dataclass(frozen=True)
class Unsupported:
    """The value of a setting that the chip, or this release of hccn_tool, lacks; quotes what it said."""

    said: str


@dataclass(frozen=True)
class Change:
    """What the steps of one aspect for one device start from and lead to.

    ``text`` is the file as it is when they begin. ``live`` is None when the device was not asked, or will
    have lost the value by then. ``shaken``: an address change or a raised link may take live entries away.
    """

    device: int
    path: str
    text: str
    live: Any
    want: Any
    shaken: bool = False


@dataclass(frozen=True)
class Aspect(abc.ABC):
    """One setting of a port.

    name: the key in options and results. words: what people call it. option: the argument spec.
    """

    name: str
    words: str
    option: Mapping[str, Any]

    @abc.abstractmethod
    def understand(self, options: Mapping[str, Any]) -> Any:
        """Return the wanted value out of a device's options; raise ValueError that says what to do."""

    @abc.abstractmethod
    def queries(self, device: int, want: Any, text: str) -> Sequence[tuple[str, ...]]:
        """Return the calls that a reading takes, given the wanted value and the file."""

    @abc.abstractmethod
    def live(self, answers: Sequence[Result]) -> Any:
        """Understand the answers to the queries; raise CliError that quotes one that is not known."""

    @abc.abstractmethod
    def saved(self, text: str, device: int) -> Any:
        """Return what the file holds for a device; None for nothing, or nonsense."""

    @abc.abstractmethod
    def steps(self, change: Change) -> Iterator[Step]:
        """Lead there; nothing when all is as wanted."""

    @abc.abstractmethod
    def shown(self, value: Any, want: Any) -> Any:
        """Return a live or saved value as the module returns it, cut down to what is wanted."""

    def results(self, value: Any, want: Any) -> dict[str, Any]:
        """Return a live or saved value as parts of the result, by name."""
        return {self.name: self.shown(value, want)}

    def settled(self, live: Any, saved: Any, want: Any) -> bool:
        """Tell whether both values are what is wanted."""
        return bool(live == saved == want)

    def replayed(self, _live: Any, _saved: Any) -> Any:
        """Return the live value after a replay of the file; None when it is not known."""
        return None

    def as_live(self, saved: Any) -> Any:
        """Return a saved value in the form of a live one."""
        return saved

    def behind(self, live: Any, saved: Any) -> bool:
        """Tell whether the device lacks what the file holds, as it does while a boot replays the file."""
        return saved is not None and not self.settled(live, saved, saved)


@dataclass(frozen=True)
class Scalar(Aspect):
    """A setting of one value under one key of the file.

    query: the words that ask, behind the device. parse: understands the answer. read: understands the text
    behind the key. order: the words that set, behind the device. check: refuses a wish with ValueError.
    only_saved: a query changes a file that lacks the key, so such a device is not asked.
    """

    query: tuple[str, ...]
    parse: Callable[[Result], Any]
    key: str
    read: Callable[[str], Any]
    order: Callable[[Any], tuple[str, ...]]
    check: Callable[[Any], Any] = lambda value: value
    show: Callable[[Any], Any] = lambda value: value
    only_saved: bool = False

    def understand(self, options: Mapping[str, Any]) -> Any:
        """Check the option; see :meth:`Aspect.understand`."""
        return self.check(options[self.name])

    def queries(self, device: int, want: Any, text: str) -> Sequence[tuple[str, ...]]:
        """Ask once, or not at all; see :meth:`Aspect.queries`."""
        silent = self.only_saved and conf.value_of(text, self.key, device) is None
        return () if silent else (("-i", str(device), *self.query),)

    def live(self, answers: Sequence[Result]) -> Any:
        """Return None when the device was not asked; see :meth:`Aspect.live`."""
        return self.parse(answers[0]) if answers else None

    def saved(self, text: str, device: int) -> Any:
        """Read the key; see :meth:`Aspect.saved`."""
        value = conf.value_of(text, self.key, device)
        return None if value is None else self.read(value)

    def steps(self, change: Change) -> Iterator[Step]:
        """Set it where one of the two differs; see :meth:`Aspect.steps`."""
        if not self.settled(change.live, self.saved(change.text, change.device), change.want):
            why = f"set {self.words} of device {change.device} to {said(self.show(change.want))}"
            yield Step(why, ("-i", str(change.device), *self.order(change.want)))

    def shown(self, value: Any, want: Any) -> Any:
        """Return None for what is not known; see :meth:`Aspect.shown`."""
        return None if value is None else self.show(value)


def said(value: Any) -> str:
    """Return a value of a result in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(said(each) for each in value) or "none"
    if isinstance(value, dict):
        return " ".join(f"{key} {said(each)}" for key, each in value.items())
    return "none" if value is None else str(value)

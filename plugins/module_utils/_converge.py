# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one loop of all modules that change something: read, plan, apply, read again, plan nothing.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

State = TypeVar("State")


@dataclass(frozen=True)
class Step:
    """One order to the device: ``why`` in words for people, ``args`` for the program."""

    why: str
    args: tuple[str, ...] = ()


class UnsettledError(Exception):
    """The steps were applied and accepted, yet the second reading still differs from what is wanted."""

    def __init__(self, left: Sequence[Step]) -> None:
        """Name every step that would still be needed."""
        self.left = list(left)
        wishes = "; ".join(step.why for step in self.left)
        super().__init__(f"the order was taken but the state did not change; still to do: {wishes}")


@dataclass(frozen=True)
class Outcome(Generic[State]):
    """The state before, the state after, and the steps between them (in check mode: the whole plan)."""

    before: State
    after: State
    steps: list[Step]

    @property
    def changed(self) -> bool:
        """Tell whether anything was, or in check mode would be, done."""
        return bool(self.steps)

    @property
    def actions(self) -> list[str]:
        """Return the steps in words."""
        return [step.why for step in self.steps]


def converge(
    read: Callable[[], State],
    plan: Callable[[State], list[Step]],
    apply: Callable[[Step], object],
    check_mode: bool,
) -> Outcome[State]:
    """Lead the device from what ``read`` finds to where ``plan`` is empty, one step after the other.

    Raises UnsettledError when the plan against the second reading is not empty. In check mode nothing is
    applied and ``after`` is ``before``.
    """

    def apply_all(steps: Sequence[Step]) -> None:
        for step in steps:
            apply(step)

    return converge_together(read, plan, apply_all, check_mode)


def converge_together(
    read: Callable[[], State],
    plan: Callable[[State], list[Step]],
    apply: Callable[[Sequence[Step]], object],
    check_mode: bool,
) -> Outcome[State]:
    """Do as :func:`converge` does, with all steps given to ``apply`` at once, which orders them itself."""
    before = read()
    steps = plan(before)
    if check_mode or not steps:
        return Outcome(before, before, steps)
    apply(steps)
    after = read()
    left = plan(after)
    if left:
        raise UnsettledError(left)
    return Outcome(before, after, steps)

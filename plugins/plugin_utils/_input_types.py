# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find inputs whose type Ansible would change without a word. Pure.

Its validator makes a list of a text, and a text of a list, but the role goes on with what the inventory says.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Groups may be given as one text, for `-e` gives texts; a list of paths may be one path.
TEXT_TOO = frozenset({"npu_fleet_groups"})
_TEXTS = ("str", "path")
_SHOWN = (str, int, float)
_CREDENTIALS = re.compile(r"://[^/]*@|/t/")


class WrongType(NamedTuple):
    """An input, or a part of one, of a wrong type."""

    name: str
    value: Any
    wanted: str
    elements: str = ""
    secret: bool = False

    def found(self) -> str:
        """Return what was found, with the value where it is short and no secret."""
        shown = f" ({self.value})" if isinstance(self.value, _SHOWN) and not self._hidden() else ""
        return f"{self.name} of the type {type_of(self.value)}{shown}"

    def _hidden(self) -> bool:
        """Tell whether the value is what must be shown nowhere, such as an address with a password."""
        return self.secret or _CREDENTIALS.search(str(self.value)) is not None

    def fix(self) -> str:
        """Return how it is written rightly; empty when the type says it."""
        if self._hidden():
            return ""
        if self.wanted == "list" and self.elements not in ("dict", "path") and isinstance(self.value, _SHOWN):
            return f"write it as a list: [{self.value}]"
        if self.wanted in _TEXTS and _is_list(self.value) and len(self.value) == 1:
            return f"write it without brackets: {self.value[0]}"
        return ""


def type_of(value: Any) -> str:
    """Return the name of a value's type as people write it; Ansible has classes of its own."""
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind.__name__
    if isinstance(value, Mapping):
        return "dict"
    return "list" if _is_list(value) else type(value).__name__


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _fits(value: Any, wanted: str) -> bool:
    """Tell whether a role can go on with a value; numbers, yes and no are left to the validator."""
    if wanted == "list":
        return _is_list(value)
    if wanted == "dict":
        return isinstance(value, Mapping)
    return wanted not in _TEXTS or not (isinstance(value, Mapping) or _is_list(value))


def wrong_types(
    options: Mapping[str, Any], given: Mapping[str, Any], within: str = ""
) -> Iterator[WrongType]:
    """Yield what is of a wrong type among the ``given`` values of ``options``, and within these values."""
    for name, value in given.items():
        if name in options and value is not None:
            yield from _of_option(f"{within}{name}", value, options[name])


def _of_option(name: str, value: Any, option: Mapping[str, Any]) -> Iterator[WrongType]:
    wanted, elements = option.get("type", "str"), option.get("elements", "raw")
    if isinstance(value, str) and (name in TEXT_TOO or elements == "path"):
        return
    if not _fits(value, wanted):
        yield WrongType(name, value, wanted, elements, bool(option.get("no_log")))
        return
    if wanted == "list":
        for place, one in enumerate(value):
            yield from _of_option(f"{name}[{place}]", one, {**option, "type": elements, "elements": "raw"})
    elif wanted == "dict" and isinstance(option.get("options"), Mapping):
        yield from wrong_types(option["options"], value, f"{name}.")

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask npu-smi for the declared settings of a node, and give it the orders.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_answer import (
    check_set,
    not_settable,
    parse_levels,
    parse_setting,
    parse_vnpus,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_plan import (
    RECOVERY,
    SHARE,
    Found,
    danger_of,
    plan_settings,
    type_of,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_share import REMOVE
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import WishError
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import mapping_query
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import parse_mapping

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Runner
    from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import Wanted
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import MappedChip


class Settings:
    """The settings of one node during one run.

    C(allowed) is the consent to dangerous changes: true, false (they are withheld), or null (they are refused
    with the sentence to add). C(dues) collects what makes the ordered changes take effect.
    """

    def __init__(self, runner: Runner, share_path: str, allowed: bool | None) -> None:
        """Take the program, the file of shared devices and the consent."""
        self.runner = runner
        self.share_path = share_path
        self.allowed = allowed
        self.ordered: set[tuple[str, ...]] = set()
        self.withheld: dict[tuple[str, ...], Step] = {}
        self.dues: set[str] = set()
        self._probed: set[str] = set()

    def chips(self) -> list[MappedChip]:
        """Return the chips of the node. Raises CliError."""
        return parse_mapping(self.runner.run(*mapping_query()))

    def read(self, wanted: Wanted) -> Found:
        """Read what is declared, and nothing else. Raises CliError."""
        found = Found()
        for wish in wanted.wishes:
            result = self.runner.run("info", "-t", wish.setting.query, *wish.place.words)
            found.values[wish.setting.name, wish.place] = parse_setting(wish.setting, result)
        if wanted.named("nve_level"):
            found.levels = parse_levels(self.runner.run("set", "-t", "nve-level", "-h"))
        if wanted.named(SHARE) or wanted.named(RECOVERY):
            found.share_text = _text(Path(self.share_path))
        mode = next((found.reading(wish).value for wish in wanted.named("vnpu_mode")), None)
        for chip in wanted.vnpus:  # in the other mode npu-smi does not answer
            found.vnpus[chip.place] = ()
            if mode != "vm":
                query = ("info", "-t", types.VNPU_QUERY, *chip.place.words)
                found.vnpus[chip.place] = parse_vnpus(self.runner.run(*query))
        return found

    def plan(self, found: Found, wanted: Wanted) -> list[Step]:
        """Return the orders that are allowed here. Raises WishError for the others, all of them at once."""
        steps = plan_settings(found, wanted, self.ordered)
        dangerous = {step.args: step for step in steps if danger_of(step)}
        if self.allowed is False:
            self.withheld.update(_with_what_follows(steps, dangerous))
            steps = [step for step in steps if step.args not in self.withheld]
        problems = self._refusals(steps)
        if self.allowed is None:
            problems += [f"{step.why}: {danger_of(step)}" for step in dangerous.values()]
        if problems and dangerous and self.allowed is None:
            problems.append(
                "set dangerous_allowed to true for this node to agree, or to false to leave those changes out"
            )
        if problems:
            raise WishError("; ".join(problems))
        return steps

    def _refusals(self, steps: list[Step]) -> list[str]:
        """Ask for help on each type to be set: where it cannot be set, the tool says so instead."""
        kinds = dict.fromkeys(kind for kind in map(type_of, steps) if kind and kind not in self._probed)
        self._probed.update(kinds)
        problems = []
        for kind in kinds:
            reason = not_settable(self.runner.run("set", "-t", kind, "-h"))
            if reason:
                problems.append(
                    f"{kind} cannot be set here: npu-smi says {reason!r}; take it out for this node"
                )
        return problems

    def apply(self, step: Step) -> None:
        """Carry out one step. Raises CliError."""
        if step.args[0] == REMOVE:
            Path(self.share_path).unlink()
            return
        setting = types.BY_TYPE.get(step.args[2])
        asks = setting is not None and setting.asks
        result = self.runner.run(*step.args, stdin=types.ANSWER_YES if asks else None)
        due = check_set(step.why, result) or (setting.due if setting else "")
        self.ordered.add(step.args)
        self.dues.update([due] if due else [])

    def foresee(self, steps: list[Step]) -> None:
        """Collect what the steps will make due, as check mode tells it."""
        kinds = [types.BY_TYPE[kind] for kind in map(type_of, steps) if kind in types.BY_TYPE]
        self.dues.update(setting.due for setting in kinds if setting.due)


def _with_what_follows(
    steps: list[Step], dangerous: dict[tuple[str, ...], Step]
) -> dict[tuple[str, ...], Step]:
    """Return the dangerous steps, and what needs the room on a chip that they would make."""
    chips = {words[3:7] for words in dangerous if words[2] == types.VNPU_DESTROY}
    created = [step for step in steps if type_of(step) == types.VNPU_CREATE and step.args[3:7] in chips]
    return {**dangerous, **{step.args: step for step in created}}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CliError(f"cannot read {path}: {error.strerror}; run with become: true") from error

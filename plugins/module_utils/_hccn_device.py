# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device network of this host: read it with hccn_tool and from the file, apply steps to it.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, MissingProgramError
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
from ansible_collections.ascend.fleet.plugins.module_utils._locked_file import (
    create_empty,
    edit_locked,
    read_locked,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result, Runner
    from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import Wanted

FILE_MODE = 0o640  # as the driver's installer leaves it
_BOARD = 8  # devices of one board; ids are looked for up to the end of the last board that is listed
_PAUSE = 1  # second, between two tries


class DeviceNetwork:
    """Everything that hccn_tool and /etc/hccn.conf say about this host, and the way to change it."""

    def __init__(self, runner: Runner, path: str, busy_retries: int, replay_timeout: int) -> None:
        """Take program and file, how often to retry a busy answer, and the seconds to wait for a replay."""
        self.runner = runner
        self.path = path
        self.busy_retries = busy_retries
        self.replay_timeout = replay_timeout
        self.found = Found(path, None, {})
        self.notes: list[str] = []

    def read(self, wanted: Sequence[Wanted]) -> Found:
        """Read the file, the wanted devices, and the addresses of all others; keep the answer in ``found``.

        Without the program the device network counts as empty, and a missing file as made, since the driver's
        installer brings both. Raises CliError.
        """
        text = read_locked(self.path)
        if text is None and not self.runner.available():
            text = ""
        mended = conf.repaired(text or "")
        for oddity in conf.oddities(mended):
            self._note(f"{self.path}: {oddity}")
        live = {}
        if self.runner.available():
            live = {wish.id: self._values(wish) for wish in wanted}
            for wish in wanted:
                saved = conf.saved_values(mended, wish.id).address
                if saved not in (None, live[wish.id].address) and self._replayed(wish.id):
                    live[wish.id] = self._values(wish)
            live.update(self._others(wanted, conf.devices_in(mended)))
        self.found = Found(self.path, text, live)
        return self.found

    def apply(self, step: Step) -> None:
        """Do one step of a plan; raise CliError, which names the step, when it is refused."""
        try:
            if step.args == ("create",):
                create_empty(self.path, FILE_MODE)
            elif step.args[0] == "-i":
                tool.check_order(self.ask(step.args))
            else:
                edit_locked(self.path, lambda text: conf.edited(text, step.args))
        except CliError as error:
            raise CliError(f"could not {step.why}; {error.message}", error.result) from error

    def _values(self, wish: Wanted) -> Values:
        detection = None
        address = tool.parse_address_answer(self.ask(tool.address_query(wish.id)))
        gateway = tool.parse_gateway_answer(self.ask(tool.gateway_query(wish.id)))
        if wish.detection is not None:
            detection = tool.parse_detection_answer(self.ask(tool.detection_query(wish.id)))
        return Values(address, gateway, detection)

    def _others(self, wanted: Sequence[Wanted], in_file: set[int]) -> dict[int, Values]:
        """Read the addresses of all other devices; ids are dense, so the first unknown one is the end."""
        listed = {wish.id for wish in wanted}
        end = (max(listed, default=-1) // _BOARD + 1) * _BOARD
        others = {}
        for device in sorted({*range(end), *in_file} - listed):
            answer = self.ask(tool.address_query(device))
            if tool.is_unknown_device(answer):
                break
            if tool.is_gone(answer):
                self._note(
                    f"device {device}, which is not in the list, is off the bus; see `npu-smi info -l`"
                )
                others[device] = Values()
            else:
                others[device] = Values(tool.parse_address_answer(answer))
        return others

    def _replayed(self, device: int) -> bool:
        """Wait while a boot's replay of the file runs for a device; tell whether there was one."""
        for waited in range(self.replay_timeout + 1):
            if tool.parse_replay_answer(self.ask(tool.replay_query(device))) != "START":
                return waited > 0
            time.sleep(_PAUSE)
        raise CliError(
            f"device {device}: the replay of {self.path} that a boot starts still runs after "
            f"{self.replay_timeout} s; look at /var/log/hccn_tool/hccn_config.log, then run again"
        )

    def ask(self, arguments: Sequence[str]) -> Result:
        """Run hccn_tool, again while it is busy; return its answer. Raises CliError when it stays busy."""
        for _turn in range(self.busy_retries):
            result = self._run(arguments)
            if not tool.is_busy(result):
                return result
            time.sleep(_PAUSE)
        result = self._run(arguments)
        if tool.is_busy(result):
            raise tool.failure(result)
        return result

    def _run(self, arguments: Sequence[str]) -> Result:
        try:
            return self.runner.run(*arguments)
        except MissingProgramError:
            raise
        except CliError as error:
            raise tool.silence(error) from error

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

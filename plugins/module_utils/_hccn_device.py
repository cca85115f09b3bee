# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device network of this host: read it with hccn_tool and from the file, apply steps to it.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, MissingProgramError
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Unsupported
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_link import told_by_file
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found, is_due
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import RESERVED
from ansible_collections.ascend.fleet.plugins.module_utils._locked_file import (
    create_empty,
    edit_locked,
    read_locked,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Interface, IPv4Network

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result, Runner
    from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Aspect
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted

FILE_MODE = 0o640  # as the driver's installer leaves it
_BOARD = 8  # devices of one board; ids are looked for up to the end of the last board that is listed
_PAUSE = 1  # second, between two tries


class DeviceNetwork:
    """Everything that hccn_tool and /etc/hccn.conf say about this host, and the way to change it."""

    def __init__(
        self,
        runner: Runner,
        path: str,
        busy_retries: int,
        replay_timeout: int,
        refused: Sequence[IPv4Network] = RESERVED,
    ) -> None:
        """Take program and file, how often to retry a busy answer, and the seconds to wait for a replay."""
        self.runner = runner
        self.path = path
        self.busy_retries = busy_retries
        self.replay_timeout = replay_timeout
        self.found = Found(path, None, {}, refused=refused)
        self.notes: list[str] = []
        self._moving = False

    def read(self, wanted: Sequence[Wanted]) -> Found:
        """Read the file and what is declared of the wanted devices; keep the answer in ``found``.

        Where an address is to change, gateways that nobody declares are read too, and the addresses of all
        other devices. Without the program the device network counts as empty, and a missing file as made,
        since the driver's installer brings both. Raises CliError.
        """
        text = read_locked(self.path)
        if text is None and not self.runner.available():
            text = ""
        for oddity in conf.oddities(conf.repaired(text or "")):
            self._note(f"{self.path}: {oddity}")
        self.found = replace(self.found, text=text, live={}, ports={}, around=self._moving)
        if self.runner.available():
            self.found = self._read_listed(wanted)
            self._moving = self._moving or any(is_due(self.found, wish) for wish in wanted)
            if self._moving:
                self.found = self._read_around(wanted)
        return self.found

    def absent(self, devices: Sequence[int]) -> list[str]:
        """Return what is wrong with the ids themselves, of devices that need not be read; asks each once."""
        if not self.runner.available():
            return []
        problems = []
        for device in sorted(set(devices)):
            answer = self.ask(tool.address_query(device)) if device >= 0 else None
            if answer is not None and tool.names_missing(answer):
                problems.append(tool.failure(answer).message)
        return problems

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

    def _read_listed(self, wanted: Sequence[Wanted]) -> Found:
        """Read what is declared; devices that are not there are told all at once."""
        live, ports, missing = {}, {}, []
        for wish in wanted:
            try:
                live[wish.id], ports[wish.id] = self._declared(wish)
                if self._lags(wish, live[wish.id], ports[wish.id]) and self._replayed(wish.id):
                    live[wish.id], ports[wish.id] = self._declared(wish)
            except CliError as error:
                if error.result is None or not tool.names_missing(error.result):
                    raise
                missing.append(error)
        if missing:
            raise CliError("; ".join(error.message for error in missing), missing[0].result)
        for wish in wanted:
            saved = self.found.saved(wish.id)
            told = told_by_file(wish, live[wish.id], ports[wish.id], saved, self.found.conf)
            live[wish.id], ports[wish.id] = told
        return replace(self.found, live=live, ports=ports)

    def _declared(self, wish: Wanted) -> tuple[Values, dict[str, Any]]:
        address = gateway = detection = None
        if wish.address is not None:
            address = tool.parse_address_answer(self.ask(tool.address_query(wish.id)))
        if wish.gateway is not None:
            gateway = tool.parse_gateway_answer(self.ask(tool.gateway_query(wish.id)))
        if wish.detection is not None:
            detection = tool.parse_detection_answer(self.ask(tool.detection_query(wish.id)))
        declared = [aspect for aspect in ASPECTS if aspect.name in wish.more]
        ports = {aspect.name: self._port(aspect, wish) for aspect in declared}
        return Values(address, gateway, detection), ports

    def _port(self, aspect: Aspect, wish: Wanted) -> Any:
        queries = aspect.queries(wish.id, wish.more[aspect.name], self.found.conf)
        answers = [self.ask(query) for query in queries]
        lacking = next((words for words in map(tool.lacks, answers) if words), None)
        try:
            return Unsupported(lacking) if lacking else aspect.live(answers)
        except ValueError as error:
            raise tool.unreadable(answers[0], error) from error

    def _lags(self, wish: Wanted, live: Values, ports: Mapping[str, Any]) -> bool:
        """Tell whether a device lacks something that the file holds."""
        saved = self.found.saved(wish.id).address
        if wish.address is not None and saved not in (None, live.address):
            return True
        return any(
            aspect.behind(ports[aspect.name], aspect.saved(self.found.conf, wish.id))
            for aspect in ASPECTS
            if aspect.name in ports and not isinstance(ports[aspect.name], Unsupported)
        )

    def _read_around(self, wanted: Sequence[Wanted]) -> Found:
        """Read what a change of address may lose or hit: gateways, and the addresses of other devices."""
        live = dict(self.found.live)
        for wish in wanted:
            if wish.address is not None and wish.gateway is None and live[wish.id].gateway is None:
                answer = self.ask(tool.gateway_query(wish.id))
                live[wish.id] = replace(live[wish.id], gateway=tool.parse_gateway_answer(answer))
        for device, address in self._others(wanted, conf.devices_in(self.found.conf)).items():
            live[device] = replace(live.get(device, Values()), address=address)
        return replace(self.found, live=live, around=True)

    def _others(self, wanted: Sequence[Wanted], in_file: set[int]) -> dict[int, IPv4Interface | None]:
        """Read the addresses of all other devices; ids are dense, so the first unknown one is the end."""
        listed = {wish.id for wish in wanted if wish.address is not None}
        end = (max(listed, default=-1) // _BOARD + 1) * _BOARD
        others: dict[int, IPv4Interface | None] = {}
        for device in sorted({*range(end), *in_file} - listed):
            answer = self.ask(tool.address_query(device))
            if tool.is_unknown_device(answer):
                break
            if tool.is_gone(answer):
                self._note(
                    f"device {device}, which is not in the list, is off the bus; see `npu-smi info -l`"
                )
                others[device] = None
            else:
                others[device] = tool.parse_address_answer(answer)
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
            limit = tool.time_limit(arguments)
            return self.runner.run(*arguments, stdin=tool.answer_to(arguments), timeout=limit)
        except MissingProgramError:
            raise
        except CliError as error:
            raise tool.silence(error) from error

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

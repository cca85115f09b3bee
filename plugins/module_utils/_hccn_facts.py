# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which queries of hccn_tool give which facts of a port, and how a device is read.

Nothing here writes: `-tls -g` of root writes the key ``tls_enable_N`` into an /etc/hccn.conf that lacks it,
so it is asked only where the key stands, and where there is no such file.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_facts_port as port
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_facts_text as text
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, MissingProgramError
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts_lines import AbsentError, check_present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

    Ask = Callable[[Sequence[str]], Result]

MOST_DEVICES = 64  # physical ids have two digits; no server has more devices
_SILENT = "Get device health status failed!"
_OTHER_GENERATION = "hccn_tool -mode -cmd -npu_info"
_TLS_KEY = "tls_enable"


class OtherGenerationError(CliError):
    """The hccn_tool of A5 answered, whose device network this collection does not read."""


class UnknownDeviceError(Exception):
    """The host has no device of this physical id."""


@dataclass(frozen=True)
class Question:
    """A query, the names of the facts that its answer gives, and the function that understands it."""

    words: tuple[str, ...]
    facts: tuple[str, ...]
    understand: Callable[[Result], dict[str, Any]]


QUESTIONS: Mapping[str, Question] = {
    "address": Question(("-ip", "-g"), ("address", "prefix"), port.address),
    "gateway": Question(("-gateway", "-g"), ("gateway",), port.gateway),
    "detection": Question(("-netdetect", "-g"), ("detection_address",), port.detection),
    "link": Question(("-link", "-g"), ("link",), port.link),
    "health": Question(("-net_health", "-g"), ("health",), port.health),
    "ipv6": Question(("-ip", "-inet6", "-g"), ("ipv6_address", "ipv6_prefix"), port.address_ipv6),
    "vnic": Question(("-vnic", "-g"), ("vnic_link", "vnic_address", "vnic_prefix"), port.vnic),
    "speed": Question(("-speed", "-g"), ("speed_mbps",), port.speed),
    "mac": Question(("-mac", "-g"), ("mac",), port.mac),
    "mtu": Question(("-mtu", "-g"), ("mtu_bytes",), port.mtu),
    "fec": Question(("-fec", "-g"), ("fec",), port.fec),
    "config": Question(("-cfg", "status"), ("config_status",), port.replay),
    "history": Question(("-link_stat", "-g"), ("link_history",), port.history),
    "neighbour": Question(("-lldp", "-g"), ("neighbour",), text.neighbour),
    "optical": Question(("-optical", "-g"), ("optical",), text.optical),
    "statistics": Question(("-stat", "-g"), ("statistics",), port.statistics),
    "resources": Question(("-hw_stats", "-g"), ("roce_resources",), port.resources),
    "tls": Question(("-tls", "-g"), ("tls",), text.tls),
}
BASIC = ("address", "gateway", "detection", "link", "health")
ALL = "all"


def chosen(subsets: Iterable[str]) -> list[str]:
    """Return the names of the questions that ``subsets`` stand for, each once, in the order of QUESTIONS."""
    asked = set(subsets)
    return [name for name in QUESTIONS if name in asked or ALL in asked]


def read_host(
    ask: Ask, devices: Sequence[int] | None, subsets: Sequence[str], file: str | None
) -> list[dict[str, Any]]:
    """Return the facts of the devices, of all that the host has when ``devices`` is None.

    ``file`` is the text of /etc/hccn.conf, None when there is none. Raises MissingProgramError,
    OtherGenerationError, and CliError when the host has no device at all.
    """
    if devices is not None:
        return [read_listed(ask, device, subsets, file) for device in devices]
    found = list(_until_unknown(ask, subsets, file))
    if not found:
        raise tool.failure(ask(("-i", "0", *QUESTIONS[subsets[0]].words)))
    return found


def read_listed(ask: Ask, device: int, subsets: Sequence[str], file: str | None) -> dict[str, Any]:
    """Return the facts of a device that somebody named; one that the host lacks has a reason."""
    try:
        return read_device(ask, device, subsets, file)
    except UnknownDeviceError as error:
        return _nothing(device, subsets, str(error))


def read_device(ask: Ask, device: int, subsets: Sequence[str], file: str | None) -> dict[str, Any]:
    """Return the facts of a device: what it does not have is None, with the reason in ``reasons``.

    A device that does not answer has ``reason`` and is not asked again. Raises UnknownDeviceError,
    MissingProgramError and OtherGenerationError.
    """
    facts = _nothing(device, subsets, None)
    for name in subsets:
        question = QUESTIONS[name]
        try:
            facts.update(_fact(ask, device, name, file))
        except AbsentError as error:
            facts["reasons"].update(dict.fromkeys(question.facts, str(error)))
        except (MissingProgramError, OtherGenerationError):
            raise
        except CliError as error:
            facts["reasons"].update(dict.fromkeys(question.facts, error.message))
            if _says_nothing_more(error):
                return _nothing(device, subsets, error.message)
    return facts


def ping(ask: Ask, device: int, address: str) -> dict[str, Any]:
    """Return what a ping of a device gives; ``reason`` when there was no answer that counts.

    Raises MissingProgramError and OtherGenerationError.
    """
    outcome = {
        "id": device,
        "address": address,
        "sent": None,
        "received": None,
        "mean_ms": None,
        "reason": None,
    }
    try:
        result = _checked(ask(("-i", str(device), "-ping", "-g", "address", address)))
        check_present(result)
        outcome.update(port.ping(result))
    except AbsentError as error:
        outcome["reason"] = str(error)
    except (MissingProgramError, OtherGenerationError):
        raise
    except CliError as error:
        outcome["reason"] = error.message
    return outcome


def _fact(ask: Ask, device: int, name: str, file: str | None) -> dict[str, Any]:
    if name == "tls" and file is not None and conf.value_of(file, _TLS_KEY, device) is None:
        raise AbsentError(
            f"/etc/hccn.conf has no {_TLS_KEY}_{device}, and asking would write it; declare tls of the "
            "device with ascend.fleet.hccn_config first"
        )
    question = QUESTIONS[name]
    result = _checked(ask(("-i", str(device), *question.words)))
    if tool.is_unknown_device(result):
        raise UnknownDeviceError(tool.failure(result).message)
    if tool.is_gone(result) or _SILENT in result.stderr:
        raise tool.failure(result)
    return question.understand(result)


def _checked(result: Result) -> Result:
    if _OTHER_GENERATION in result.stdout + result.stderr:
        raise OtherGenerationError(
            "this host has the hccn_tool of A5 (950), which takes other arguments and names ports by die; "
            "the device network of A5 is not read by this collection, leave its hosts out",
            result,
        )
    return result


def _says_nothing_more(error: CliError) -> bool:
    """Tell whether a device will not answer the next query either: it is lost, silent or too slow."""
    result = error.result
    if result is None:
        return True
    slow = "gave no answer within" in error.message
    return slow or tool.is_gone(result) or _SILENT in result.stderr or tool.is_busy(result)


def _nothing(device: int, subsets: Sequence[str], reason: str | None) -> dict[str, Any]:
    names = [fact for name in subsets for fact in QUESTIONS[name].facts]
    return {"id": device, **dict.fromkeys(names), "reason": reason, "reasons": {}}


def _until_unknown(ask: Ask, subsets: Sequence[str], file: str | None) -> Iterator[dict[str, Any]]:
    for device in range(MOST_DEVICES):
        try:
            yield read_device(ask, device, subsets, file)
        except UnknownDeviceError:
            return

# SPDX-License-Identifier: GPL-3.0-or-later
"""Add up what the callback plugin noted."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Record = dict[str, Any]
BAD = ("failures", "unreachable", "rescued")


@dataclass(frozen=True)
class Spread:
    """A figure of several hosts: the highest, the mean, the sum, and each."""

    max: int
    mean: float
    total: int
    hosts: dict[str, int]

    @classmethod
    def of(cls, hosts: Mapping[str, int]) -> Spread:
        """Add up the hosts' figures, of which there is at least one."""
        total = sum(hosts.values())
        return cls(max(hosts.values()), round(total / len(hosts), 2), total, dict(hosts))


def parse(text: str) -> list[Record]:
    """Return the records of a file of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def executions(records: Iterable[Record], hosts: list[str]) -> Spread:
    """Count the modules executed on each host, those without any among them."""
    return _spread(records, hosts, "execution")


def commands(records: Iterable[Record], hosts: list[str]) -> Spread:
    """Count the commands given over SSH: the modules, and what Ansible does around them."""
    return _spread(records, hosts, "command")


def bytes_sent(records: Iterable[Record], hosts: list[str]) -> Spread:
    """Add up the sizes of the files sent to each host, whatever they are."""
    return _spread(records, hosts, "file", "bytes")


def copies(records: Iterable[Record], racks: Mapping[str, Iterable[str]]) -> int | None:
    """Return how often one file was sent to one rack, at most; None when no file was sent.

    What has the name of another file and not its size is no copy of it: SHA256SUMS of two directories.
    """
    rack_of = {host: rack for rack, hosts in racks.items() for host in hosts}
    sent = [
        (rack_of[record["host"]], record["file"], record["bytes"])
        for record in records
        if record["kind"] == "file"
    ]
    return max(Counter(sent).values(), default=None)


def _spread(records: Iterable[Record], hosts: list[str], kind: str, amount: str = "") -> Spread:
    found = dict.fromkeys(hosts, 0)
    for record in records:
        if record["kind"] == kind and record["host"] in found:
            found[record["host"]] += record[amount] if amount else 1
    return Spread.of(found)


def changed(records: Iterable[Record]) -> int:
    """Return how many tasks of all hosts changed something, as the recap says."""
    return sum(record["changed"] for record in records if record["kind"] == "recap")


def tasks(records: Iterable[Record]) -> int:
    """Return how many tasks of all hosts were begun: done, failed or skipped; each is a fork of Ansible."""
    words = ("ok", "skipped", *BAD)
    return sum(record[word] for record in records if record["kind"] == "recap" for word in words)


def trouble(records: Iterable[Record]) -> list[str]:
    """Return the hosts where tasks failed or were rescued, and those that did not answer."""
    recaps = [record for record in records if record["kind"] == "recap"]
    return [recap["host"] for recap in recaps if any(recap[word] for word in BAD)]


def by_task(records: Iterable[Record], hosts: list[str]) -> list[dict[str, Any]]:
    """Tell where the executions go: tasks in the order of the run, with modules, executions, per host."""
    counted: Counter[tuple[str, str]] = Counter()
    for record in records:
        if record["kind"] == "execution" and record["host"] in hosts:
            counted[(record["task"], record["module"])] += 1
    return [
        {"task": task, "module": module, "executions": times, "per_host": round(times / len(hosts), 2)}
        for (task, module), times in counted.items()
    ]


def clock(
    records: Iterable[Record], hosts: list[str], total: float, connections: float
) -> list[dict[str, Any]]:
    """Tell where ``total`` processor seconds of the controller go: tasks, the dearest first.

    What a task took is what the clock has gained when the next one begins; tasks of one name are added up.
    The shared SSH connections go through all tasks; ``connections`` is what they took, beside ``total``.
    """
    ticks = [(record["task"], record["seconds"]) for record in records if record["kind"] == "clock"]
    names = ["(start, inventory, parsing)", *(task for task, _seconds in ticks)]
    times = [0.0, *(seconds for _task, seconds in ticks), total]
    taken = Counter({"(shared SSH connections)": connections})
    for name, begin, end in zip(names, times, times[1:]):
        taken[name] += end - begin
    return [
        {"task": task, "per_host": round(seconds / len(hosts), 3)} for task, seconds in taken.most_common()
    ]

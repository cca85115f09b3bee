# SPDX-License-Identifier: GPL-3.0-or-later
"""Add up what the sessions counted, and fail when one of them counted nothing.

Usage: totals.py RESULTS NAME...   (NAME of every result that must be there)
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Count:
    """What one kind of check counted."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        """Add two counts."""
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )


def read_junit(path: Path) -> Count:
    """Read the counts of one JUnit file of pytest."""
    suites = ElementTree.parse(path).getroot().iter("testsuite")
    total = Count()
    for suite in suites:
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total += Count(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
    return total


def read(results: Path, name: str) -> Count:
    """Read one result; a check that left none has failed."""
    junit, count = results / f"{name}.xml", results / f"{name}.count"
    if junit.exists():
        found = read_junit(junit)
        return found if found.passed else found + Count(failed=1)
    if count.exists():
        return Count(passed=int(count.read_text(encoding="utf-8")))
    return Count(failed=1)


def main() -> int:
    """Print a line per check and the totals; return 1 when anything failed or did not run."""
    results = Path(sys.argv[1])
    total = Count()
    for name in sys.argv[2:]:
        found = read(results, name)
        note = "" if found.passed else "   did not run"
        print(f"{name:24}{found.passed:6} passed{found.failed:6} failed{found.skipped:6} skipped{note}")
        total += found
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{total.passed} passed, {total.failed} failed{skipped}")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())

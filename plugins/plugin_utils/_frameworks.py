# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose torch and MindSpore of a release for a chip, a Python and a C library, or say why none fits. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import (
    ProblemError,
    nearest_version,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WHEELS = {"torch": "torch_npu", "mindspore": "mindspore"}
TITLES = {"torch": "torch", "mindspore": "MindSpore"}


@dataclass(frozen=True)
class Ground:
    """What frameworks must fit: a release, a product, its architecture, a Python and a C library, if told.

    ``library`` has C(glibc), its version or null, and C(whose), words that say of what.
    """

    release: Mapping[str, Any]
    product: Mapping[str, Any]
    arch: str
    python: str
    library: Mapping[str, str | None] | None

    def choose(self, framework: str, wanted: str | None, *, required: bool) -> Mapping[str, Any] | None:
        """Return the first row of the release's C(framework) that fits, or None.

        Raises ProblemError when C(wanted) does not fit, or when C(required) and no row of several does.
        """
        if framework not in self.product["family"]["frameworks"]:
            if wanted is not None:
                raise self._no_framework(framework)
            return None
        rows = self._rows(framework, wanted)
        problems = [problem for problem in (self._problem(framework, rows, row) for row in rows) if problem]
        if len(problems) < len(rows):
            return next(row for row in rows if self._problem(framework, rows, row) is None)
        if problems and (required or wanted is not None):
            raise problems[0]
        return None

    def _no_framework(self, framework: str) -> ProblemError:
        family = self.product["family"]
        return ProblemError(
            f"{TITLES[framework]} for {self.product['name']}",
            f"{one_of(family['frameworks'])} on the chip family {family['name']}",
            f"take {TITLES[framework]} out of what this host is to have",
        )

    def _rows(self, framework: str, wanted: str | None) -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = self.release.get(framework, [])
        if wanted is None:
            return rows
        versions = [row[framework] for row in rows]
        if wanted not in versions:
            raise ProblemError(
                f"{framework} {wanted}",
                f"{one_of(versions)} with the release {self.release['name']}"
                f"{nearest_version(wanted, versions)}",
                f"choose such a {TITLES[framework]}",
            )
        return [row for row in rows if row[framework] == wanted]

    def _problem(
        self, framework: str, rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any]
    ) -> ProblemError | None:
        if self.python not in row["python"]:
            return self._no_wheel(framework, rows)
        return self._old_library(framework, rows, row)

    def _no_wheel(self, framework: str, rows: Sequence[Mapping[str, Any]]) -> ProblemError:
        known = sorted({version for row in rows for version in row["python"]}, key=_minor)
        versions = ", ".join(row[framework] for row in rows)
        package = _WHEELS[framework]
        return ProblemError(
            f"Python {self.python}, without a {package} wheel for {framework} {versions} of release "
            f"{self.release['name']}",
            f"Python {one_of(known)}",
            "set the Python of the environment to one of these; it need not be the system's own",
        )

    def _old_library(
        self, framework: str, rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any]
    ) -> ProblemError | None:
        needed = row.get("glibc", {}).get(self.arch)
        library = self.library or {"glibc": None}
        glibc = library["glibc"]
        if glibc is None or needed is None or compare_versions(glibc, needed) >= 0:
            return None
        return ProblemError(
            f"glibc {glibc} ({library['whose']}), too old for the {_WHEELS[framework]} wheels of "
            f"{framework} {row[framework]}",
            f"glibc {needed} or newer",
            self._way_out(framework, rows, glibc),
        )

    def _way_out(self, framework: str, rows: Sequence[Mapping[str, Any]], glibc: str) -> str:
        others: Sequence[Mapping[str, Any]] = self.release.get(framework, [])
        older = [
            str(row[framework])
            for row in others
            if row not in rows
            and self.python in row["python"]
            and compare_versions(row.get("glibc", {}).get(self.arch, "0"), glibc) <= 0
        ]
        elsewhere = "bring the host to a newer system, or choose an older release"
        return f"choose {framework} {one_of(older)}, or {elsewhere}" if older else elsewhere


def requirements(release: Mapping[str, Any], python: str, own: Mapping[str, str] | None = None) -> list[str]:
    """Return what pip has to install beside a framework, for one Python; C(own) are those of its own."""
    pins = release["python_packages"]
    merged = {**pins["requirements"], **pins.get("by_python", {}).get(python, {}), **(own or {})}
    return [f"{name}{specifier}" for name, specifier in merged.items()]


def fitting_wheels(
    wheels: Sequence[Mapping[str, Any]], wanted: Mapping[str, str | None], python: str, arch: str
) -> list[Mapping[str, Any]]:
    """Return those of ``wheels`` that hold the wanted version of a project for this Python and architecture.

    ``wanted`` maps a project, as wheels spell it, to its version or to null.
    """
    tag = f"cp{python.replace('.', '')}"
    fitting = []
    for wheel in wheels:
        project, version, interpreter, *others = wheel["file"].removesuffix(".whl").split("-")
        if wanted.get(project) == version and interpreter == tag and arch in others[-1]:
            fitting.append(wheel)
    return fitting


def _minor(python: str) -> int:
    return int(python.split(".")[1])

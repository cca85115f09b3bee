# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which requirements of an environment lead to a failure that users know, before they meet it. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement

_EXACT = ("==", "===")
_LEAST = (">=", ">", "~=")


def broken_rules(
    path: str, requirements: Sequence[Requirement], rules: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, str]]:
    """Yield C(found), C(wanted) and C(fix) for each of ``rules`` that the environment ``path`` breaks.

    A rule is asked where the requirements name one version of all that it speaks of, as C(torch==2.1.0) does.
    """
    for rule in rules:
        if not all(_names(requirements, name, versions) for name, versions in rule["when"].items()):
            continue
        named = [one for one in requirements if normalised(one.name) == normalised(rule["package"])]
        if not named and not rule["declared"]:
            yield _problem(path, f"no {rule['package']}", rule)
        elif not _rules_out(named, rule):
            yield _problem(path, " and ".join(map(str, named)), rule)


def bounds(requirements: Sequence[Requirement], rules: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the requirements that ``rules`` bring to others, because every environment has their package.

    Requirements that name one version of it, or only newer ones, get none: C(broken_rules) judges them.
    """
    wanted = [
        f"{rule['package']}{rule['needs']}"
        for rule in rules
        if rule.get("brought")
        and all(_names(requirements, name, versions) for name, versions in rule["when"].items())
        and not _names(requirements, rule["package"], "")
        and not _contradicted(requirements, rule)
    ]
    return list(dict.fromkeys(text for text in wanted if text not in map(str, requirements)))


def advice(output: str, rules: Iterable[Mapping[str, Any]]) -> str | None:
    """Return what to do about a known failure that ``output`` of Python shows; None for an unknown one."""
    for rule in rules:
        if any(text in output for text in rule["texts"]):
            return f"Require {rule['package']}{rule['needs']} in this environment: {rule['why']}."
    return None


def _names(requirements: Iterable[Requirement], name: str, versions: str) -> bool:
    """Tell whether the requirements name one version of a distribution that lies in ``versions``."""
    return any(
        _fits(one, part.version, versions)
        for one in requirements
        if normalised(one.name) == normalised(name)
        for part in one.specifier
        if part.operator in _EXACT and "*" not in part.version
    )


def _contradicted(requirements: Iterable[Requirement], rule: Mapping[str, Any]) -> bool:
    """Tell whether a condition on the rule's package names a version that it refuses, or only newer ones."""
    newest = ",".join(limit for limit in rule["needs"].split(",") if limit.startswith("<"))
    allowed = {**dict.fromkeys(_EXACT, rule["needs"]), **dict.fromkeys(_LEAST, newest)}
    return any(
        part.operator in allowed and not _fits(one, part.version.removesuffix(".*"), allowed[part.operator])
        for one in requirements
        if normalised(one.name) == normalised(rule["package"])
        for part in one.specifier
    )


def _rules_out(named: Sequence[Requirement], rule: Mapping[str, Any]) -> bool:
    """Tell whether no refused version can come in; what the framework declares itself counts as said."""
    if rule["declared"]:
        return not _contradicted(named, rule)
    return all(
        any(not one.specifier.contains(version, prereleases=True) for one in named)
        for version in rule["refused"]
    )


def _fits(one: Requirement, version: str, conditions: str) -> bool:
    """Tell whether ``version`` keeps ``conditions``, as the specifiers of ``one`` understand them."""
    return type(one.specifier)(conditions).contains(version, prereleases=True)


def _problem(path: str, found: str, rule: Mapping[str, Any]) -> dict[str, str]:
    wanted = f"{rule['package']}{rule['needs']}"
    said = "".join(f' ("{text}")' for text in rule["texts"][:1])
    framework = ", ".join(rule["when"])
    return {
        "found": f"{found} among the requirements of {path}, which has {framework}",
        "wanted": f"{wanted}, because {rule['why']}{said}",
        "fix": f"put {wanted} into the requirements in the inventory",
    }

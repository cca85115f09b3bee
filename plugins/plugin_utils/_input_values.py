# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find inputs of the whole fleet whose value is wrong in a way that no argument spec can say.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.lookup.waves import VARIABLE as WAVES
from ansible_collections.ascend.fleet.plugins.lookup.waves import checked
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import CATALOG, directories
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LIMIT = re.compile(r"\d+(\.\d+)?%?")
_UNQUOTED = 3.1  # what YAML makes of 3.10
_DIRECTORY = r"~?/(?:(?! or ).)*"
_SERVER = r"https?://[^\s/]\S*"
_NODE = r"node:/(?:(?! or ).)*"
_PLACE = re.compile(rf"{_DIRECTORY}|{_NODE}|{_SERVER}(?: or (?:{_DIRECTORY}|{_NODE}))?")
_WHEELS = "npu_fleet_wheelhouse"
_PLACES = {"npu_fleet_packages": "packages", "npu_preflight_packages": "packages", _WHEELS: "wheelhouse"}
_SPACE = "npu_preflight_space_gb"
_KEEP = "cann_keep"


def wrong_values(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what is wrong with the inputs that are given."""
    for check in (_waves, _limit, _python, _places, _catalog, _space, _keep):
        yield from check(given)


def _waves(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    try:
        checked(given.get(WAVES, 1))
    except ProblemError as error:
        yield error.as_mapping()


def _limit(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    limit = given.get("npu_fleet_failure_limit", 0)
    if not _LIMIT.fullmatch(str(limit).strip()):
        yield {
            "found": f"npu_fleet_failure_limit: {limit}",
            "wanted": "a number of nodes, or a share of them",
            "fix": 'correct it in the inventory, such as `npu_fleet_failure_limit: "20%"`',
        }


def _python(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    if given.get("npu_fleet_python") == _UNQUOTED:
        yield {
            "found": f"npu_fleet_python: {_UNQUOTED}, a number",
            "wanted": "a text, because YAML takes 3.10 without quotes for 3.1",
            "fix": 'write it in quotes: `npu_fleet_python: "3.10"`',
        }


def _places(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, kind in _PLACES.items():
        value = given.get(name, "/")
        text = value if isinstance(value, str) else ""
        if isinstance(value, list | dict) or _PLACE.fullmatch(text) or (name == _WHEELS and value == ""):
            continue
        yield {
            "found": f"{name} is empty" if value in {None, ""} else f"{name}: {value}",
            "wanted": "a directory of the controller that begins with / or ~/, the http(s) URL of a mirror, "
            "node:/path, or `URL or /directory`",
            "fix": f"correct it in the inventory, such as `{name}: /srv/ascend/{kind}`",
        }


def _catalog(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    value = given.get(CATALOG)
    if isinstance(value, str | list):
        try:
            directories(value)
        except ProblemError as error:
            yield error.as_mapping()


def _space(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    spaces = given.get(_SPACE)
    for path, space in spaces.items() if isinstance(spaces, dict) else ():
        if isinstance(space, bool) or not isinstance(space, int | float):
            yield {
                "found": f"{_SPACE}: {space} for {path}",
                "wanted": "a number of GB for each directory",
                "fix": f"correct it in the inventory, such as `{_SPACE}: {{{path}: 10}}`",
            }


def _keep(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    value = given.get(_KEEP, 1)
    try:
        kept = int(value or 0)  # as a role's `| int` takes no value
    except (TypeError, ValueError):
        return  # no number, which the role's argument spec says
    if kept < 1:
        yield {
            "found": f"{_KEEP}: {value}",
            "wanted": "1 or more versions that stay: prune leaves the one in use",
            "fix": f"correct it, such as `{_KEEP}: 1`; the playbook uninstall removes all of CANN",
        }

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say why pip failed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: pip_failure
short_description: Say why pip failed
version_added: 0.2.0
description:
  - Reads what pip printed. Its own sentences are kept. What it hides is added, such as an index that did not
    answer, of which pip only says that it has no version.
author:
  - The ascend.fleet contributors (@ascend-fleet)
positional: seconds
options:
  _input:
    description:
      - The result of the command, with C(rc), C(stdout_lines) and C(stderr_lines); or with C(msg) and
        C(module_stderr) where the connection broke meanwhile.
    type: dict
    required: true
  seconds:
    description: How long pip had; the exit status 124 says that it was stopped then.
    type: int
    required: true
  files:
    description: Names of the files of the wheelhouse, when there is one on the controller.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Say what pip says
  ansible.builtin.debug:
    msg: "{{ installed | ascend.fleet.pip_failure(3600) }}"
"""

RETURN = r"""
_value:
  description:
    - One or more sentences.
  type: str
  sample: >-
    pip says: ERROR: No matching distribution found for torch==2.1.0 The wheels of torch 2.1.0 in the
    wheelhouse are for Python 3.9, 3.10.
"""

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

STOPPED = 124  # of coreutils' timeout
# pip/_internal and urllib3: what pip warns before each new attempt.
_RETRY = re.compile(r"WARNING: Retrying \(Retry\(.*?\)\) after connection broken by [\"'](.*)[\"']: (\S+)")
_NONE_FITS = re.compile(
    r"ERROR: No matching distribution found for ([A-Za-z0-9._-]+?)\s*(?:==\s*([^\s,;]+)|[<>~!,;\s].*|$)"
)
_WHEEL = re.compile(r"([^-]+)-([^-]+)(?:-\d[^-]*)?-([^-]+)-[^-]+-[^-]+\.whl")
_LAST = 3  # lines that are shown of words that nobody knows


def pip_failure(result: Mapping[str, Any], seconds: int, files: Sequence[str] = ()) -> str:
    """Return why pip failed; see the documentation above."""
    if result["rc"] == STOPPED:
        return (
            f"pip was still at work after {seconds} seconds and was stopped. What it has downloaded stays in "
            "its cache; the next run goes on from there."
        )
    if "stderr_lines" not in result:  # Ansible's own words, when its connection or its module broke
        words = " ".join(f"{result.get('module_stderr', '')} {result['msg']}".split())
        return f"nobody knows how pip ended, because Ansible lost the node meanwhile: {words}"
    lines = [line for line in [*result["stderr_lines"], *result["stdout_lines"]] if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    said = " ".join(errors or lines[-_LAST:] or ["nothing"])
    return " ".join(["pip says:", said, *unanswered(lines), *other_pythons(lines, files)])


def unanswered(lines: Iterable[str]) -> list[str]:
    """Return a sentence about an index or mirror that did not answer."""
    broken = {match[2]: match[1] for match in map(_RETRY.search, lines) if match}
    if not broken:
        return []
    page, reason = next(iter(broken.items()))
    return [f"The index did not answer (asked for {page}: {reason}); look at it before you change any pin."]


def other_pythons(lines: Iterable[str], files: Iterable[str]) -> list[str]:
    """Return a sentence about the Pythons for which the wheelhouse has what pip did not find for this one."""
    sentences = []
    wheels = [match.groups() for match in map(_WHEEL.fullmatch, files) if match]
    for match in filter(None, map(_NONE_FITS.match, lines)):
        name, version = match.groups()
        tags = {
            tag
            for project, its_version, tag in wheels
            if normalised(project) == normalised(name) and version in {None, its_version}
        }
        if tags:
            wanted = f"{name} {version}" if version else name
            sentences.append(f"The wheels of {wanted} in the wheelhouse are for {pythons(tags)}.")
    return sentences


def pythons(tags: Iterable[str]) -> str:
    """Return tags of wheels as people say them: cp39, cp310 are Python 3.9, 3.10."""
    numbers = [re.fullmatch(r"(?:cp|py)(\d)(\d*)", part) for tag in tags for part in tag.split(".")]
    versions = {(int(match[1]), int(match[2] or 0)) for match in numbers if match}
    return "Python " + ", ".join(
        f"{major}.{minor}" if minor else str(major) for major, minor in sorted(versions)
    )


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"pip_failure": pip_failure}

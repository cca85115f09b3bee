# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of yes and no: `-e name=false` gives a text, which Jinja takes for yes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SPECS = sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))
FILES = sorted(
    file
    for folder in ("defaults", "handlers", "tasks", "vars")
    for file in ROOT.glob(f"roles/*/{folder}/*.yml")
)
BARE = {"when", "that", "until", "changed_when", "failed_when"}
BLOCK = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
LITERAL = re.compile(r"'[^']*'")
DEFAULTS = r"(?:\s*\|\s*default\([^()]*\))*"
# What has three states is made a bool by the filter or the module that it is given to.
MADE_BOOL = rf" is defined|{DEFAULTS}\s*(?:\|\s*bool\b|(?<=default\((?:none|omit)\)))"


def bool_inputs() -> list[str]:
    options = [
        option
        for spec in SPECS
        for entry in yaml.safe_load(spec.read_text(encoding="utf-8"))["argument_specs"].values()
        for option in entry.get("options", {}).items()
    ]
    return sorted({name for name, option in options if option.get("type") == "bool"})


NAMES = "|".join(bool_inputs())
HANDED_ON = re.compile(rf"{{{{ (?:{NAMES}){DEFAULTS} }}}}")
USED_AS_IT_IS = re.compile(rf"\b({NAMES})\b(?!{MADE_BOOL})")


def expressions(data, key=""):
    """Yield what Jinja evaluates; what is handed on as a whole is made a bool where it arrives."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from expressions(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from expressions(value, key)
    elif isinstance(data, str) and not HANDED_ON.fullmatch(data):
        yield from [data] if key in BARE else BLOCK.findall(data)


def used_as_it_is(text: str) -> list[str]:
    found = []
    for expression in expressions(yaml.safe_load(text)):
        found += USED_AS_IT_IS.findall(LITERAL.sub("''", expression))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT / "roles")))
def test_roles_make_bools_of_their_inputs_of_yes_and_no(file):
    assert used_as_it_is(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("when: due or cann_sessions", ["cann_sessions"]),
        ("when: [due, not cann_sessions]", ["cann_sessions"]),
        ('out: "{{ cann_log_to_stdout | int }}"', ["cann_log_to_stdout"]),
        ("out: \"{{ {'restart': cann_sessions | default(true)} }}\"", ["cann_sessions"]),
        ("when: due or cann_sessions | default(false) | bool", []),
        ("out: \"{{ {'restart': cann_sessions | default(none)} }}\"", []),
        ('devel: "{{ cann_install_devel }}"', []),
        ("msg: set cann_sessions to true, {{ 'or cann_sessions to false' }}", []),
    ],
)
def test_this_finds_what_is_used_as_it_is(text, found):
    assert used_as_it_is(text) == found

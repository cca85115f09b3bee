# SPDX-License-Identifier: GPL-3.0-or-later
"""What every role, module and file of the collection keeps to."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.ascend.fleet.plugins"
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
MOST_TASKS = 10
MOST_TASKS_OF_MAIN = 6
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
HEADER_LINES = 5
# Written with a gap so that this file does not hold what it looks for.
SILENCERS = ["no" + "qa", "type: " + "ignore", "pylint: " + "disable", "skip_" + "list:", "warn_" + "list:"]
# Files that others make or that cannot carry a comment.
WITHOUT_HEADER = {"LICENSE", ".gitignore", "requirements.txt", "CHANGELOG.rst", "changelog.yaml"}
WITHOUT_COMMENTS = {".json", ".png", ".svg", ".txt", ".whl"}
# Files whose length their authors choose: code, and data that people read.
MEASURED = {".py", ".yml", ".yaml", ".j2", ".sh", ".json", ".toml", ".ini", ".css", ".js", ".html"}
CHANGELOG_DATA = "changelogs/changelog.yaml"


def tracked_files() -> list[Path]:
    """Every file that git has or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return sorted(file for file in files if file.is_file() and not file.is_symlink())


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read_yaml(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def count_tasks(tasks: list[dict]) -> int:
    """Count tasks, those of blocks among them."""
    nested = [task[part] for task in tasks for part in ("block", "rescue", "always") if part in task]
    return sum("block" not in task for task in tasks) + sum(map(count_tasks, nested))


FILES = tracked_files()
CODE = [file for file in FILES if file.suffix == ".py"]
ROLES = sorted(path.parent.parent for path in ROOT.glob("roles/*/tasks/main.yml"))
TASK_FILES = [
    file
    for file in FILES
    if re.fullmatch(r"(roles/[^/]+|playbooks)/(tasks|handlers)/.*\.yml", relative(file))
]
ROLE_FILES = [file for file in FILES if relative(file).startswith("roles/")]
PRODUCTS = list(read_yaml(ROOT / "catalog/products.yml")["products"])
PLUGINS = [
    (kind, file)
    for kind in ("modules", "lookup", "filter", "action")
    for file in sorted(ROOT.glob(f"plugins/{kind}/*.py"))
    if file.name != "__init__.py"
]


def options_of(role: Path) -> dict:
    """The options of all entry points of a role."""
    specs = read_yaml(role / "meta/argument_specs.yml")["argument_specs"]
    return {name: option for spec in specs.values() for name, option in spec.get("options", {}).items()}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_defaults_equal_the_spec(role):
    """A list, mapping or number that Jinja makes is no typed default; its description names it."""
    options, path = options_of(role), role / "defaults/main.yml"
    made = {
        name: value
        for name, value in ((read_yaml(path) if path.exists() else None) or {}).items()
        if options.get(name, {}).get("type") not in {"str", "path"} and "{{" in str(value)
    }
    stated = {name: option["default"] for name, option in options.items() if "default" in option}
    assert stated | made == ((read_yaml(path) if path.exists() else None) or {})
    assert not set(stated) & set(made)
    assert [name for name in made if "By default" not in str(options[name]["description"])] == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_options_carry_the_name_of_their_role(role):
    prefix = f"{role.name.lstrip('_')}_"
    assert [name for name in options_of(role) if not name.startswith(prefix)] == []


@pytest.mark.parametrize("file", ROLE_FILES, ids=relative)
def test_roles_know_no_groups(file):
    text = file.read_text(encoding="utf-8")
    named = [product for product in PRODUCTS if re.search(rf"\b{product}\b", text)]
    assert named == []
    # Two quotes: an expression that a message shows to people, not one that the role evaluates.
    assert re.findall(r"\bgroup_names\b|\bgroups(?:\.|\[)(?!'all'|'')", text) == []


@pytest.mark.parametrize("file", TASK_FILES, ids=relative)
def test_task_files_are_short(file):
    most = MOST_TASKS_OF_MAIN if file.name == "main.yml" else MOST_TASKS
    assert count_tasks(read_yaml(file) or []) <= most


@pytest.mark.parametrize(
    ("kind", "file"),
    [plugin for plugin in PLUGINS if plugin[0] in {"modules", "lookup"}],
    ids=lambda value: getattr(value, "stem", value),
)
def test_every_module_and_lookup_has_a_file_of_tests(kind, file):
    assert (ROOT / f"tests/unit/plugins/{kind}/test_{file.name}").exists()


@pytest.mark.parametrize(
    ("kind", "file"),
    [plugin for plugin in PLUGINS if plugin[0] != "action"],
    ids=lambda value: getattr(value, "stem", value),
)
def test_every_plugin_has_examples(kind, file):
    sidecar = file.with_suffix(".yml")
    if sidecar.exists():
        examples = read_yaml(sidecar)["EXAMPLES"]
    else:
        examples = importlib.import_module(f"{COLLECTION}.{kind}.{file.stem}").EXAMPLES
    assert f"ascend.fleet.{file.stem}" in examples
    assert yaml.safe_load(examples)


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix in MEASURED], ids=relative)
def test_files_are_short(file):
    assert (
        relative(file) == CHANGELOG_DATA or len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    )


@pytest.mark.parametrize("file", CODE, ids=relative)
def test_functions_are_short(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_every_file_says_its_licence(file):
    if file.name in WITHOUT_HEADER or file.suffix in WITHOUT_COMMENTS:
        return
    head = file.read_text(encoding="utf-8").splitlines()[:HEADER_LINES]
    assert any(LICENCE in line for line in head)


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix in MEASURED], ids=relative)
def test_nothing_silences_a_check(file):
    text = file.read_text(encoding="utf-8")
    assert [silencer for silencer in SILENCERS if silencer in text] == []


def test_no_sanity_ignores():
    assert list(ROOT.glob("tests/sanity/ignore*")) == []


def test_no_role_intersects_lists():
    """Ansible's intersect gives a list in any order, another one in each run; select('in', ...) keeps it."""
    texts = {file: file.read_text(encoding="utf-8") for file in ROOT.glob("roles/**/*.yml")}
    assert [str(file) for file, text in texts.items() if re.search(r"\|\s*intersect\(", text)] == []


def test_only_the_role_that_brings_a_python_uses_raw():
    """What runs without a Python has no check mode, no diff and no arguments: nothing else may."""
    uses = {
        path.relative_to(ROOT).parts[1]
        for folder in ("roles", "playbooks")
        for path in (ROOT / folder).rglob("*.yml")
        if re.search(r"^\s*(- )?(ansible\.builtin\.)?raw:", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert uses == {"python_bootstrap"}

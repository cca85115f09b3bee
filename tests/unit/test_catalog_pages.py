# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages in docs/ say what the catalog says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tools/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = load("catalog_pages")
PAGES = TOOL.pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name):
    page = ROOT / "docs" / name
    assert page.read_text(encoding="utf-8") == PAGES[name], "run .venv/bin/python tools/write_pages.py"


@pytest.mark.parametrize("name", PAGES)
def test_tables_have_as_many_cells_as_their_head(name):
    rows = [re.split(r"(?<!\\)\|", line) for line in PAGES[name].splitlines() if line.startswith("|")]
    tables: list[list[list[str]]] = []
    for number, row in enumerate(rows):
        if set("".join(row)) <= set("- "):
            tables.append([rows[number - 1]])
        elif tables:
            tables[-1].append(row)
    heads = {number: len(table[0]) for number, table in enumerate(tables)}
    wrong = [row for number, table in enumerate(tables) for row in table[1:-1] if len(row) != heads[number]]
    assert (len(tables) > 1, wrong) == (True, [])


def test_a_row_of_each_page_is_what_the_facts_say():
    """By hand: CANN 8.5.0 on 910B; Atlas 300I Duo; Ubuntu 22.04."""
    assert (
        "| `cann-8.5.0` | 25.5.0 | 7.8.0.5.201 | 25.55.23 | 8.5.0 | 8.5.0 | all | 2.9.0 (2.9.0), "
        in PAGES["compatibility.md"]
    )
    assert "| 1.5.0 | 1.5.0.post8 | 6.0.1 | For which Pythons it was made is not" in PAGES["compatibility.md"]
    assert "| `atlas_300i_duo` | Atlas 300I Duo | 310p | card | 1 x 2 |" in PAGES["products.md"]
    assert "| Atlas 300I Duo | ctyunos 22.06 | driver 24.1.0, firmware 7.5.0.2.220 |" in PAGES["products.md"]
    assert "| Atlas 800I A2 | all | CANN 8.0.RC1, driver 24.1.rc1 |" in PAGES["products.md"]
    assert "| `ubuntu_22_04` | Ubuntu | 22.04 | apt | 3.10 | 2.35 |" in PAGES["systems.md"]


def test_writing_and_checking(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(TOOL, "DOCS", tmp_path)
    assert TOOL.main(["--check"]) == 1
    assert capsys.readouterr().out.count("is out of date") == len(PAGES)
    assert list(tmp_path.iterdir()) == []
    assert TOOL.main([]) == 0
    assert {page.name for page in tmp_path.iterdir()} == set(PAGES)
    assert TOOL.main(["--check"]) == 0


def test_the_readme_leads_to_the_pages():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in PAGES if f"(docs/{name})" not in readme] == []

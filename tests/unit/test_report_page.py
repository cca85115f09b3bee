# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the report stays short for many nodes, and hides nothing that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

TEMPLATE = Path(__file__).resolve().parents[2] / "roles/npu_report/templates/report.html.j2"
GOOD = {"check": "driver", "passed": True, "found": "24.1.0", "wanted": "24.1.0"}
BAD = {"check": "NPUs", "passed": False, "found": "7 chips", "wanted": "8"}
SILENT = {"check": "torch", "passed": None, "found": "not run", "wanted": "2.4.0"}


def node(host, *actions, checks=(GOOD,), **changes):
    stages = [
        {"stage": "CANN", "seconds": 0.5, "actions": [*actions]},
        {"stage": "verification", "seconds": None, "actions": []},
    ]
    plain = {
        "host": host,
        "rack": "A",
        "product": "atlas_800t_a2",
        "release": "cann-8.0.0",
        "state": "changed",
    }
    empty = {
        "npus": [],
        "npus_wanted": 8,
        "wanted": {},
        "before": {},
        "after": {},
        "absent": [],
        "warnings": [],
    }
    return {**plain, **empty, "failure": None, "stages": stages, "checks": [*checks], **changes}


def page(*nodes):
    environment = jinja2.Environment(trim_blocks=True, autoescape=False)  # as Ansible's templates
    environment.filters["flatten"] = list
    report = {
        "mode": "run",
        "made": "2026-01-01T00:00:00",
        "totals": {},
        "versions": [{"name": name, "title": name} for name in ("driver", "firmware", "torch", "mindspore")],
        "nodes": [*nodes],
        "reach": {"pairs": {}},
    }
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(npu_report_result=report, npu_report_title="Fleet")


def unfolded(text):
    """Return what is seen before anything is unfolded."""
    return re.sub(r"</summary>.*?</details>", "", text, flags=re.DOTALL)


def test_checks_that_passed_are_folded_and_the_others_are_seen():
    seen = unfolded(page(node("a", checks=[GOOD, GOOD, BAD, SILENT]), node("b")))
    assert "2 of 4 passed" in seen
    assert "1 of 1 passed" in seen
    assert "<td>24.1.0</td>" not in seen
    assert "<td>FAILED</td><td>7 chips</td><td>8</td>" in seen
    assert "<td>not run</td><td>not run</td><td>2.4.0</td>" in seen


def test_of_one_node_all_checks_are_seen():
    assert "<td>passed</td><td>24.1.0</td>" in unfolded(page(node("a")))


def test_a_node_with_nothing_due_is_one_line_with_its_times():
    text = page(node("a"), node("b", "install kernels 8.0.0"))
    assert 'nothing was due <span class="was">(CANN 0.5 s, verification)</span>' in text
    assert text.count("nothing was due") == 1
    assert "<li>install kernels 8.0.0</li>" in unfolded(text)


@pytest.mark.parametrize(("count", "folded"), [(3, False), (4, True)])
def test_many_actions_of_a_stage_are_folded_and_all_are_there(count, folded):
    text = page(node("a", *(f"step {number}" for number in range(count))), node("b"))
    assert ("step 0, and 3 more" in text) == folded
    assert ("<li>step 1</li>" not in unfolded(text)) == folded
    assert [f"<li>step {number}</li>" in text for number in range(count)] == [True] * count


def test_what_is_wrong_leads_to_its_node():
    text = page(node("a", failure={"step": "CANN", "message": "no <space>"}), node("b"))
    assert '<a href="#a">a</a>' in text
    assert 'id="a"' in text
    assert "no &lt;space&gt;" in text


def test_what_does_not_apply_is_no_difference():
    absent = [{"stage": "firmware", "why": "a virtual machine"}]
    text = page(node("a", absent=absent, wanted={"firmware": "7.5", "driver": "24.1"}), node("b"))
    assert text.count('class="differs"') == 1  # the driver
    assert '<td><span class="was">not applicable</span></td>' in text


def test_versions_stand_in_the_columns_of_the_report():
    was, now = {"driver": "24.1", "mindspore": None}, {"driver": "24.1", "mindspore": "2.4.0"}
    text = page(node("a", before=was, after=now, wanted={"driver": "24.1", "mindspore": "2.4.0"}))
    assert "<th>driver</th><th>firmware</th><th>torch</th><th>mindspore</th>" in text
    cells = re.findall(r"<td[^>]*>(.*?)</td>", text[text.index("<th>release</th>") :])[2:6]
    assert cells == ["24.1", "none", "none", '<span class="was">none →</span> 2.4.0']
    assert "differs" not in text.split("</style>")[1]

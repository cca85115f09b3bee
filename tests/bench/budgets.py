# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the figures against the budgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_MEASURED = "not measured"


def read_budgets() -> list[dict[str, Any]]:
    """Return the budgets of budgets.yml."""
    text = Path(__file__).with_name("budgets.yml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["budgets"])


def judge(budgets: list[dict[str, Any]], runs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return for each budget its figure and a verdict: within, over, or not measured with the reason.

    ``runs`` holds the figures by the name of their run. A run that failed, or that changed something when
    it had to be converged, measures nothing.
    """
    return [_judged(budget, runs.get(budget.get("run", ""), {})) for budget in budgets]


def _judged(budget: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    figure = None if run.get("invalid") else run.get(budget.get("figure", ""))
    reason = run.get("invalid") or budget.get("without") or "the run gave no figure"
    verdict = NOT_MEASURED if figure is None else "over" if figure > budget["most"] else "within"
    return {
        "what": budget["what"],
        "budget": budget["most"],
        "figure": figure,
        "verdict": verdict,
        "reason": reason if figure is None else None,
    }

# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark: what a run of site.yml costs, on simulated nodes, beside the budgets. Never a test."""

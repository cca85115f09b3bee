# SPDX-License-Identifier: GPL-3.0-or-later
"""Every product of the catalog, from a bare simulated node to its newest release that can be simulated."""

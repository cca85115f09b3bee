# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in Ascend server: what the vendor's programs print and do, driven by one state file."""

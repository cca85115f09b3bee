# SPDX-License-Identifier: GPL-3.0-or-later
"""A site without a network: from a bundle alone, through its own script, to verified nodes."""

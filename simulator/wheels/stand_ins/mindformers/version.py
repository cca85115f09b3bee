# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of this wheel; the builder writes it anew."""

__version__ = "0"

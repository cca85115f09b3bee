# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of apex on the simulated nodes: it can be imported, and says its version."""

import torch

from apex.version import __version__

__all__ = ["__version__", "torch"]

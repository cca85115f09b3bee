# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of MindFormers on the simulated nodes: it can be imported, and says its version."""

import mindspore

from mindformers.version import __version__

__all__ = ["__version__", "mindspore"]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of MindSpore on the simulated nodes: `run_check` computes on a simulated chip."""

from __future__ import annotations

import operator
from importlib import import_module

from mindspore import _node
from mindspore.version import __version__

__all__ = ["__version__", "run_check", "set_context"]

_context = {"device_target": "CPU", "device_id": 0}
_FIRST_GENERATION = __version__.startswith("1.")
# packages-and-versions.md 8 has the sentence of 2.x; that of 1.x names no platform (public text).
_PLACE = "" if _FIRST_GENERATION else " on platform [{device_target}]"
_SUCCESS = (
    f"The result of multiplication calculation is correct, MindSpore has been installed{_PLACE} successfully!"
)


def set_context(**settings: object) -> None:
    """Choose where to compute."""
    _context.update(settings)


def run_check() -> None:
    """Multiply, and print whether that was right; a failure is printed, not raised, as the real one does."""
    print("MindSpore version: ", __version__)
    try:
        if _context["device_target"] == "Ascend":
            _open_device()
        products = list(map(operator.mul, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))
    except (ImportError, RuntimeError) as error:
        print(f"MindSpore running check failed.\n{error}")
        return
    if products == [4.0, 10.0, 18.0]:
        print(_SUCCESS.format(**_context))


def _open_device() -> None:
    if not _node.has_cann():
        raise RuntimeError("Load dynamic library libge_runner.so failed: cannot open shared object file")
    if _FIRST_GENERATION:  # 1.x compiles operators with the wheels of CANN
        import_module("te")
        import_module("hccl")
    if _context["device_id"] not in _node.devices():
        raise RuntimeError(f"Device {_context['device_id']} call rtSetDevice failed, ret[507033]")


if not _FIRST_GENERATION:

    def set_device(target: str, index: int = 0) -> None:
        """Choose where to compute; 2.x has this name for it."""
        set_context(device_target=target, device_id=index)

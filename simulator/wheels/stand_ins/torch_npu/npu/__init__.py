# SPDX-License-Identifier: GPL-3.0-or-later
"""`torch.npu`: the devices of the node."""

from __future__ import annotations

import os
import time

from torch_npu import _node

# Words of public logs of torch_npu: Ascend/pytorch, NPUException.h and the error table of the runtime.
_HEAD = "[ERROR] {time} (PID:{pid}, Device:{device}, RankID:-1) ERR00100 PTA call acl api failed\n"
_NO_SUCH_DEVICE = (
    "NPU function error: c10_npu::SetDevice(device), error code is 107001\n"
    + _HEAD
    + "[Error]: Invalid device ID.\n        Check whether the device ID is valid."
)
_NO_KERNELS = (
    "call aclnn{name} failed, error code is 561107\n"
    + _HEAD
    + "EZ9999: Inner Error!\n"
    + "        Get kernel of {name} failed, please check if the opp_kernel package is installed!"
)


def device_count() -> int:
    """Return the number of chips that can be opened; 0 without a driver."""
    return len(_node.devices())


def is_available() -> bool:
    """Tell whether there is a chip to compute on."""
    return device_count() > 0


def use(index: int | None) -> int:
    """Open device ``index``, the first one by default."""
    count, wanted = device_count(), index or 0
    if not count:
        raise RuntimeError("No NPUs are available.")
    if wanted >= count:
        raise RuntimeError(_words(_NO_SUCH_DEVICE, device=wanted))
    return wanted


def check_operator(name: str) -> None:
    """Look for the precompiled operators of this node's chips, which the kernels package brings.

    On the first 910 the toolkit compiles what it needs (inferred: guide 002 installs no kernels).
    """
    if _node.chip() == "910":
        return
    operators = os.environ.get("ASCEND_OPP_PATH", "")
    if not os.path.isdir(_node.NODE.path(f"{operators}/{_node.kernels_folder()}")):
        raise RuntimeError(_words(_NO_KERNELS, device=0, name=name))


def _words(template: str, **words: object) -> str:
    return template.format(time=time.strftime("%Y-%m-%d-%H:%M:%S"), pid=os.getpid(), **words)

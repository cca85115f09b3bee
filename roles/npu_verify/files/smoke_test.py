# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute on every NPU and print what was seen as one JSON line."""

import json

import torch
import torch_npu

devices = torch.npu.device_count()
wrong = []
for number in range(devices):
    on_cpu = torch.randn(3, 4)
    on_npu = on_cpu.to(f"npu:{number}")
    if not torch.equal((on_npu + on_npu).cpu(), on_cpu + on_cpu):
        wrong.append(number)

print(
    json.dumps(
        {
            "torch": torch.__version__,
            "torch_npu": torch_npu.__version__,
            "available": torch.npu.is_available(),
            "devices": devices,
            "wrong": wrong,
        }
    )
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Let MindSpore check itself on the first NPU and print what it said as one JSON line."""

import contextlib
import io
import json

import mindspore

if hasattr(mindspore, "set_device"):
    mindspore.set_device("Ascend")
else:
    mindspore.set_context(device_target="Ascend")

said = io.StringIO()
with contextlib.redirect_stdout(said):
    mindspore.run_check()
print(json.dumps({"mindspore": mindspore.__version__, "said": said.getvalue()}))

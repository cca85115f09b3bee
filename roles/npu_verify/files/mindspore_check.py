# SPDX-License-Identifier: GPL-3.0-or-later
"""Let MindSpore check itself on each of so many NPUs and print what it said as one JSON line.

A process has one NPU, so each gets its own; some at a time, because each starts compilers.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import mindspore

AT_A_TIME = 4
PROGRAM = """
import sys, mindspore
number = int(sys.argv[1])
if hasattr(mindspore, "set_device"):
    mindspore.set_device("Ascend", number)
else:
    mindspore.set_context(device_target="Ascend", device_id=number)
mindspore.run_check()
"""


def check(number):
    """Return all that MindSpore says on an NPU."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(number)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


with ThreadPoolExecutor(AT_A_TIME) as pool:
    said = list(pool.map(check, range(int(sys.argv[1]))))
print(json.dumps({"mindspore": mindspore.__version__, "said": said}))

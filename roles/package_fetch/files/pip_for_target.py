# SPDX-License-Identifier: GPL-3.0-or-later
"""Run pip as if requirements were meant for another machine.

pip's C(--platform) and C(--python-version) choose wheels, but a condition such as
C(platform_machine == "x86_64") in a requirement is still decided by the machine that pip runs on. Here it is
decided by the first argument, a JSON mapping of markers; the other arguments are those of pip.
"""

from __future__ import annotations

import json
import sys

from pip._internal.cli.main import main
from pip._vendor.packaging import markers

OWN = markers.default_environment()
TARGET = {**OWN, **json.loads(sys.argv[1])}
markers.default_environment = TARGET.copy

if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))

# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendor's `.run` packages, and the uninstallers they leave behind, do on a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from npu_simulator.installers import cann, docker_runtime, driver, firmware
from npu_simulator.installers.driver import uninstall_script
from npu_simulator.installers.package import CANN_PARTS, PARTS, PackageError, load
from npu_simulator.installers.session import Session

if TYPE_CHECKING:
    from npu_simulator.state import Node

USAGE = """usage: run installers PAYLOAD_FOLDER FILE_NAME [ARGUMENT ...]
       run installers uninstall PART INSTALL_PATH [ARGUMENT ...]
"""
_INSTALLERS = {
    "driver": driver.main,
    "firmware": firmware.main,
    **dict.fromkeys(CANN_PARTS, cann.main),
    "docker_runtime": docker_runtime.main,
}
_UNINSTALLERS = {
    "driver": uninstall_script.main,
    "firmware": firmware.uninstall_script,
    **dict.fromkeys(CANN_PARTS, cann.uninstall_script),
    "docker_runtime": docker_runtime.uninstall_script,
}
_ENOUGH_WORDS = 2


def main(argv: list[str], node: Node, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run a package: payload folder, file name, arguments; or an uninstaller: `uninstall`, part, path."""
    streams = (stdin, stdout, stderr)
    uninstalls = argv[:1] == ["uninstall"] and len(argv) > _ENOUGH_WORDS and argv[1] in PARTS
    if not uninstalls and len(argv) < _ENOUGH_WORDS:
        stderr.write(USAGE)
        return 2
    try:
        if uninstalls:
            return _UNINSTALLERS[argv[1]](Session(node, argv[1], streams), argv[2], argv[3:])
        package = load(argv[0])
    except PackageError as error:
        stderr.write(f"npu-simulator: {error}\n")
        return 2
    return _INSTALLERS[package.part](Session(node, package.part, streams), package, argv[2:])

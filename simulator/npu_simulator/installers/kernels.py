# SPDX-License-Identifier: GPL-3.0-or-later
"""The CANN kernels package: precompiled operators of one chip family, in a toolkit of the same version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers.cann import CannRun, check_call, install_components
from npu_simulator.installers.files import remove, shim, write
from npu_simulator.installers.package import Package
from npu_simulator.installers.session import Finished
from npu_simulator.installers.toolkit import is_installed, set_modes

if TYPE_CHECKING:
    from npu_simulator.installers.session import Session
    from npu_simulator.state import Node

KERNEL_FOLDER = "opp/built-in/op_impl/ai_core/tbe/kernel"


def main(session: Session, package: Package, words: list[str]) -> int:
    """Run the kernels package with ``words`` and return its exit status."""
    run = CannRun(session, package, f"kernels_{package.chip}", words)
    try:
        run.open_log()
        check_call(run)
        _act(run)
    except Finished as end:
        return int(str(end.code))
    return 0


def _act(run: CannRun) -> None:
    action, version = run.options.action, run.package.version
    installed = run.node.path(f"{run.base}/opp_kernel/version.info").is_file()
    if action == "--version":
        run.say(f"The version of this package is {version}.")  # inferred
    elif action == "--uninstall":
        if not installed:
            raise run.refuse(f"{run.package.stem} is not installed, uninstall failed.")  # inferred
        remove_kernels(run.node, run.base)
        run.say(f"{run.package.stem} uninstall success")
    elif action != "--check":
        _install(run)


def _install(run: CannRun) -> None:
    if not is_installed(
        run, run.package.version
    ):  # packages-and-versions.md 3.4: toolkit first; text inferred
        text = f"toolkit, nnae or nnrt of version {run.package.version} is not installed in {run.root}"
        raise run.refuse(f"{text}, please install it first.")
    run.say(f"The installation path is {run.tree}.")
    install_components(run)
    if run.session.struck("installer_lies") is None:
        _write_files(run)
    run.say(f"{run.package.stem} install success. The installation path is {run.tree}.")


def _write_files(run: CannRun) -> None:
    """Write the operators' folder and their version file, whose Version is not CANN's: version_dir is."""
    node, base = run.node, run.base
    kernels = f"{base}/{KERNEL_FOLDER}/ascend{run.package.chip}"
    write(node, f"{kernels}/binary_info_config.json", "{}\n", 0o444)
    shim(node, f"{base}/opp_kernel/script/uninstall.sh", f"installers uninstall kernels {base}")
    inner = f"Version={run.package.inner_version}\nversion_dir={run.package.version}\n"
    write(node, f"{base}/opp_kernel/version.info", inner, 0o444)
    set_modes(run)


def remove_kernels(node: Node, base: str) -> None:
    """Remove the kernels from the version folder ``base``."""
    remove(node, f"{base}/opp_kernel")
    remove(node, f"{base}/{KERNEL_FOLDER}")


def uninstall_script(session: Session, path: str, _words: list[str]) -> int:
    """Run the installed opp_kernel/script/uninstall.sh of the version folder ``path``."""
    version = path.rsplit("/", 1)[1]
    name = f"Ascend-cann-kernels_{version}_linux"
    run = CannRun(session, Package("kernels", version, f"{name}.run"), "kernels", ["--uninstall"])
    remove_kernels(session.node, path)
    run.say(f"{name} uninstall success")
    return 0

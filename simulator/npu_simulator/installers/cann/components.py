# SPDX-License-Identifier: GPL-3.0-or-later
"""The sub-packages of a CANN package: the outer one runs them one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers.cann.placement import NEW_LAYOUT
from npu_simulator.installers.files import write
from npu_simulator.installers.session import Finished

if TYPE_CHECKING:
    from npu_simulator.installers.cann.run import CannRun
    from npu_simulator.installers.package import Component


def install_components(run: CannRun) -> bool:
    """Install the sub-packages, or fail the way the faults say; return whether they did install something."""
    run.session.reach("begin")
    run.say("install start")
    share = 1 / max(len(run.package.components), 1)
    middle = len(run.package.components) // 2
    does = run.session.struck("installer_fails") is None and run.session.struck("installer_lies") is None
    takes = not _has_unknown_word(run)
    for number, component in enumerate(run.package.components):
        run.say(f"install package {component.file} start")
        run.session.hang_if_told()
        run.session.wait(share)
        if number == middle:
            run.session.reach("files")
            _break_off(run, component)
        if does and takes:
            _write_version(run, component)
        elif not takes:
            _refuse_softly(run, component)
        run.say(f"{_command(run, component)} install success")
    return does and takes


def _has_unknown_word(run: CannRun) -> bool:
    """Tell whether the sub-packages get a word that they do not know: --whitelist came with 8.5."""
    return bool(run.options.whitelist) and run.package.layout != NEW_LAYOUT


def _refuse_softly(run: CannRun, component: Component) -> None:
    """Answer an unknown word with an error and status 0, which the outer package takes for success."""
    word = f"--whitelist={run.options.whitelist}"
    text = f"ERR_NO:0x0004;ERR_DES:Unrecognized parameters: {word}."
    run.session.print(f"[{component.directory}] [ERROR]: {text}")  # hicann/runtime install.sh; inferred here


def _write_version(run: CannRun, component: Component) -> None:
    base, package = run.place().base, run.package
    text = f"Version={package.inner_version}\nversion_dir={package.version}\n"
    if package.layout == NEW_LAYOUT:
        info = f"{base}/share/info/{component.directory}"
        write(run.node, f"{info}/version.info", text, 0o444)
        write(run.node, f"{info}/ascend_install.info", f"{component.directory}_Install_Type=full\n", 0o644)
    elif run.place().info != f"{base}/{component.directory}/version.info":  # that one comes last
        write(run.node, f"{base}/{component.directory}/version.info", text, 0o444)


def _command(run: CannRun, component: Component) -> str:
    for_all = ["--install-for-all"] if run.options.for_all else []
    return " ".join([component.file, *component.flags, *for_all])


def _break_off(run: CannRun, component: Component) -> None:
    """Strike in the middle: half-installed without a word, out of space, or failed (texts inferred)."""
    target = f"{run.place().base}/{component.directory}"
    if run.session.struck("installer_half") is not None:
        run.node.path(target).mkdir(parents=True, exist_ok=True)
        raise Finished(1)
    if run.session.struck("disk_full") is not None:
        run.session.complain(f"cp: error writing '{target}': No space left on device")
        raise run.refuse(f"{_command(run, component)} install failed")
    if run.session.struck("installer_fails") is not None:
        run.say(f"{_command(run, component)} install failed", "ERROR")
        raise run.refuse(f"{run.package.stem} install failed, the details can be found in {run.log_file}.")

# SPDX-License-Identifier: GPL-3.0-or-later
"""The CANN packages, and the toolbox that is built like them: both layouts, all parts.

Sources: packages-and-versions.md 3.4; installation logs of the field for 6.3.RC1 (910A), 7.0.0, 8.0.0 and
8.1.RC1 (310B), 8.5.0 (310P); the uninstaller that 8.5.0 packages leave. What no source shows is marked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers import installed
from npu_simulator.installers.cann import contents
from npu_simulator.installers.cann.checks import check_call
from npu_simulator.installers.cann.components import install_components
from npu_simulator.installers.cann.placement import NEW_LAYOUT
from npu_simulator.installers.cann.run import CannRun
from npu_simulator.installers.cann.uninstallation import remove_version, uninstall
from npu_simulator.installers.files import InstallInfo
from npu_simulator.installers.session import Finished, broken_disk

if TYPE_CHECKING:
    from npu_simulator.installers.package import Package
    from npu_simulator.installers.session import Session

_SUMMARY = """

===========
= Summary =
===========
{driver}
{part}{name} install success, installed in {root}.

Please make sure that the environment variables have been configured.
-  To take effect for all users, you can add "source {script}" to /etc/profile.
-  To take effect for current user, you can exec command below: source {script} or add "source {script}" \
to ~/.bashrc."""


def main(session: Session, package: Package, words: list[str]) -> int:
    """Run the package with ``words`` and return its exit status."""
    run = CannRun(session, package, words)
    try:
        run.open_log()
        check_call(run)
        _act(run)
    except Finished as end:
        return int(str(end.code))
    except OSError as error:  # the node's own disk: full, read-only, or not this user's
        session.complain(broken_disk(error, run.root))
        session.print(f"[{run.tag}] [ERROR] {package.stem} install failed")
        return 1
    return 0


def uninstall_script(session: Session, root: str, words: list[str]) -> int:
    """Run the uninstaller that the package named by ``words`` left in the installation path ``root``."""
    package = installed.recall(session.node, words[0])
    return main(session, package, ["--uninstall", f"--install-path={root}", *words[1:]])


def _act(run: CannRun) -> None:
    action = run.options.action
    if action == "--version":
        run.say(f"The version of this package is {run.package.version}.")  # inferred
    elif action == "--uninstall":
        if not run.node.path(run.place().info).is_file():
            raise run.refuse(f"{run.package.stem} is not installed, uninstall failed.")  # inferred
        uninstall(run)
    elif run.options.installs:
        _install(run)


def _install(run: CannRun) -> None:
    contents.check_ground(run)
    upgrade = run.options.action == "--upgrade"
    before = contents.base_in_use(run)
    if upgrade and run.place().links and not before:  # inferred: the vendor's deployer never upgrades nothing
        raise run.refuse(f"{run.package.name} is not installed, upgrade failed.")
    run.say(f"The installation path is {_told_path(run)}.")
    if install_components(run):
        _write(run)
        if upgrade and before not in {"", run.place().base}:
            remove_version(run, before)
    _tell(run)


def _write(run: CannRun) -> None:
    contents.write_contents(run)
    run.session.reach("scripts")
    contents.write_scripts(run)
    contents.set_modes(run)
    run.session.reach("before_version")
    contents.write_info(run)
    contents.set_modes(run)
    run.record_root()
    if run.package.part == "toolkit":
        run.say(f"Write Toolkit_InstallPath to {run.record_file}.")
    run.session.reach("end")


def _told_path(run: CannRun) -> str:
    return run.place().tree if run.package.part == "kernels" else run.root


def _tell(run: CannRun) -> None:
    """Say that all went well, each package in its own way."""
    stem = run.package.stem
    if run.package.part == "kernels":
        run.say(f"{stem} install success. The installation path is {_told_path(run)}.")
    elif run.package.part == "nnal":
        run.say(f"{stem}.run install success")
    else:
        run.session.print(_summary(run))


def _summary(run: CannRun) -> str:
    path = InstallInfo(run.node).get("Driver_Install_Path_Param")
    told = f"Installed in {path}/driver." if path else "Not installed."
    title = "Driver:".ljust(len(run.tag) + 3)
    driver = f"\n{title}{told}" if path or run.package.layout == NEW_LAYOUT else ""
    words = {"name": run.package.stem, "root": run.root, "script": run.place().set_env}
    return _SUMMARY.format(driver=driver, part=f"{run.tag}:  ", **words)

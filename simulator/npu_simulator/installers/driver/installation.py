# SPDX-License-Identifier: GPL-3.0-or-later
"""Install or upgrade the driver (hicann/driver driver_install.sh, run_driver_install.sh, deal_ko.sh).

Whether a reboot is needed: on a *first* installation, with no driver module in the kernel and without
--force, the real installer loads the modules, waits for the chips (boot status 16) and says "takes effect
immediately", exit status 0: installationCompletionMessage, and logs of first installations on eight 910B4
(25.0.rc1.1) and eight 910A (23.0.rc1). In every other case it answers 2, as all transcripts do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator import device_nodes, kernel
from npu_simulator.installers import system
from npu_simulator.installers.driver import layout, removal
from npu_simulator.installers.driver.checks import agrees, install_path
from npu_simulator.installers.files import remove
from npu_simulator.installers.session import GREEN, INSTALL_LOG, PLAIN, RED, Finished
from npu_simulator.installers.version_check import check_versions

if TYPE_CHECKING:
    from npu_simulator.installers.driver.run import DriverRun
    from npu_simulator.state import Node

IMMEDIATE, REBOOT = 0, 2
WITHOUT_MODULES = ("docker", "devel")
_SETENV_ERROR = "{0}/run_driver_upgrade_check.sh: line 582: {0}/../bin/setenv.bash: No such file or directory"
_LIBRARY_HINT = """Please make sure that
    - LD_LIBRARY_PATH includes {0}/driver/lib64/common:{0}/driver/lib64/driver
    - Please refer to the instruction manual for specific details"""


class StepError(Exception):
    """A step of the installation failed; the text is its name in the installer's words."""


def install(run: DriverRun) -> None:
    """Install over whatever is there. Ends with Finished."""
    if not run.info.exists:
        _first(run, check=True)
    elif not run.installed_path:
        _first(run, check=False)  # the branch for a record with firmware keys only asks no version check
    else:
        _over(run)


def _first(run: DriverRun, *, check: bool) -> None:
    _secure_path(run)
    if check:
        _check_versions(run)
    run.session.reach("begin")
    _install(run, "install", first=True)


def _over(run: DriverRun) -> None:
    _check_versions(run)
    if not (run.options.upgrade or run.options.quiet) and run.installed_version != "none":
        _ask(run)
    word = "upgrade" if run.options.upgrade else "install"
    _check_old_driver(run)
    run.session.reach("begin")
    if run.session.struck("installer_lies") is None:
        removal.remove_driver(run, new_path=run.path)
    install_path(run)
    _install(run, word, first=False)


def _check_versions(run: DriverRun) -> None:
    check_versions(run.voice, run.package, asks=not run.options.quiet)


def _secure_path(run: DriverRun) -> None:
    """Refuse a path that others could write to (install_path_should_belong_to_root)."""
    wanted = system.MODE_GROUP if run.for_all else system.MODE_OTHERS
    given = "The given directory"
    if system.foreign_folder(run.node, run.path):
        text = f"{given}, including its parents, should belong to root, details in : {INSTALL_LOG} "
    elif system.closed_folder(run.node, run.path, wanted):
        text = f"{given}, or its parents, permission is too small, details in : {INSTALL_LOG} "
    else:
        return
    run.voice.say(f"[ERROR]{RED}{text}{PLAIN}")
    raise run.voice.finish(1)


def _ask(run: DriverRun) -> None:
    voice, package = run.voice, run.package
    where = f"Driver package has been installed on the path {run.installed_path}"
    versions = f"the version is {run.installed_version}, and the version of this package is {package.version}"
    voice.say(f"[INFO]{where}, {versions},do you want to continue?  [y/n] ")
    if not agrees(run):  # transcripts 022 to 024
        voice.say("[INFO]installation Stoped!")
        raise voice.finish(0)


def _check_old_driver(run: DriverRun) -> None:
    """Run the installed driver's own upgrade check, which wants its environment script."""
    scripts = f"{run.installed_path}/driver/script"
    setenv = run.node.path(f"{run.installed_path}/driver/bin/setenv.bash")
    if run.options.install_type not in WITHOUT_MODULES and not setenv.exists():
        run.session.complain(_SETENV_ERROR.format(scripts))  # transcripts 025 to 105


def _install(run: DriverRun, word: str, *, first: bool) -> None:
    if run.session.struck("installer_lies") is not None:
        _pretend(run, word)
    if run.options.install_type not in WITHOUT_MODULES:
        layout.write_vnpu_conf(run)
    _write_record(run)
    try:
        _run_steps(run)
    except StepError as error:
        run.voice.say(f"[ERROR]{RED}{error} failed, details in : {INSTALL_LOG} {PLAIN}")
        run.voice.say(f"[INFO]Failed to {word} driver package, please retry after uninstall and reboot!")
        run.record("failed")
        raise run.voice.finish(1) from None
    status = _complete(run, word, first=first)
    if first:
        run.options.operation = "Install"
    run.record("success")
    raise run.voice.finish(status)


def _pretend(run: DriverRun, word: str) -> None:
    for percent in (10, 30, 40, 90, 100):
        _progress(run, percent)
        run.session.wait(0.2)
    _tell_success(run, word, IMMEDIATE)
    run.record("success")
    raise run.voice.finish(IMMEDIATE)


def _write_record(run: DriverRun) -> None:
    """Write /etc/ascend_install.info before anything is copied (updateInstallInfo, D7)."""
    info, options = run.info, run.options
    info.put_if_absent("UserName", run.user)
    info.put_if_absent("UserGroup", run.group)
    mode_before = info.get("Driver_Install_Mode") if options.upgrade else ""
    info.put("Driver_Install_Type", options.install_type)
    info.put("Driver_Install_Path_Param", run.path)
    info.put("Driver_Install_For_All", "yes" if run.for_all else "no")
    info.put("Driver_Install_Mode", mode_before if mode_before not in {"", "debug"} else options.mode)
    info.drop("Driver_Install_Status")


def _progress(run: DriverRun, percent: int) -> None:
    run.voice.report(f"[INFO]upgradePercentage:{percent}%")


def _run_steps(run: DriverRun) -> None:
    """Do the steps of run_driver_install.sh. Raises StepError."""
    if run.options.install_type == "devel":
        layout.copy_files(run)
        layout.write_version(run)
        layout.drop_module_folder(run)
        return
    with_modules = run.options.install_type not in WITHOUT_MODULES
    if with_modules:
        _settle_build(run)
    _progress(run, 10)
    run.session.hang_if_told()
    run.session.wait(0.4)
    _copy(run)
    if with_modules:
        layout.write_home(run)
    _progress(run, 40)
    _stop_halfway(run)
    run.session.wait(0.4)
    if with_modules:
        _build(run)
        layout.register_modules(run)
        layout.set_up_services(run)
    run.session.reach("scripts")
    _progress(run, 90)
    if with_modules:
        layout.write_network_files(run)
    layout.settle_hccn_conf(run)
    if with_modules:
        _load(run)
    _close(run)


def _copy(run: DriverRun) -> None:
    if run.session.struck("read_only") is not None:
        run.session.complain(f"cp: cannot create directory '{run.path}/driver': Read-only file system")
        raise StepError("Drv_file_copy")
    layout.copy_files(run)
    _progress(run, 30)
    if run.session.struck("installer_fails") == "signature":
        raise StepError("Device_images_crl_check")  # transcript 101


def _settle_build(run: DriverRun) -> None:
    """Look for what DKMS needs, else for modules that fit the kernel as they are (drv_dkms_env_check)."""
    missing = [f"[WARNING]The program '{one}' is currently not installed." for one in _lacking(run.node)]
    if not kernel.has_headers(run.node):
        missing.append("[WARNING]linux headers is currently not installed.")
    run.dkms = not missing
    if run.dkms:
        run.voice.log("[INFO]dkms environment check success")
        return
    run.voice.log(missing[0])
    run.voice.log("[INFO]not detect driver dkms dependence ")
    if kernel.release() not in run.package.kernels:
        run.voice.log("[ERROR]driver vermagic check failed.")
        raise StepError("Drv_dkms_env_check")


def _lacking(node: Node) -> list[str]:
    return [program for program in ("dkms", "gcc") if not system.has_program(node, program)]


def _build(run: DriverRun) -> None:
    """Build the modules where that is to be done (run_driver_dkms_install.sh)."""
    run.voice.log(f"[INFO]driver install type: {'DKMS' if run.dkms else 'Direct'}")
    fails = run.session.struck("installer_fails") == "dkms"
    if run.dkms and not kernel.build_modules(run.node, run.package.version, fails=fails):
        raise StepError("Dkms install")


def _stop_halfway(run: DriverRun) -> None:
    """Leave the node as a killed installer would: version.info there, upgrade-tool and the end mark not."""
    if run.session.struck("installer_half") is None:
        return
    layout.write_version(run)
    remove(run.node, f"{run.path}/driver/tools/upgrade-tool")
    run.record("failed")
    raise Finished(1)


def _load(run: DriverRun) -> None:
    """Load the kernel modules unless they are loaded (driver_ko_install_manually)."""
    fails = run.session.struck("installer_fails") is not None
    if not run.options.force and not run.modules_loaded:
        run.voice.say("[INFO]Waiting for device startup...")
        if fails:  # transcripts 103, 104
            layout.drop_module_folder(run)
            raise StepError("Driver_ko_install_manually")
        run.voice.say("[INFO]Device startup success")
    elif fails:
        layout.drop_module_folder(run)
        raise StepError("Driver_ko_install")


def _close(run: DriverRun) -> None:
    layout.drop_module_folder(run)
    run.session.reach("before_version")
    layout.write_version(run)
    run.session.wait(0.2)
    layout.write_custom_process_conf(run)
    layout.protect(run)
    _progress(run, 100)


def _complete(run: DriverRun, word: str, *, first: bool) -> int:
    """Say what is effective now and what after a reboot, and tell the state."""
    if run.options.install_type in WITHOUT_MODULES:
        _tell_success(run, word, IMMEDIATE)
        return IMMEDIATE
    status = REBOOT
    resets = bool(run.node.read()["faults"].get("hot_reset")) and not first
    if (resets or (first and not run.modules_loaded)) and not run.options.force:
        if len(system.ready_npus(run.node)) == len(run.node.read()["npus"]):
            status = IMMEDIATE
        else:
            run.voice.report("[WARNING]There are some chips not ready, please check after reboot")
    with run.node.change() as state:
        state["pending"]["driver"] = None if status == IMMEDIATE else run.package.version
        if status == IMMEDIATE:
            state["running"]["driver"] = run.package.version
    device_nodes.refresh(run.node)
    _tell_success(run, word, status)
    run.info.put("Driver_Install_Status", "complete")
    run.session.reach("end")
    return status


def _tell_success(run: DriverRun, word: str, status: int) -> None:
    done = f"{word.rstrip('e')}ed"
    if status == IMMEDIATE:
        text = f"Driver package {done} successfully! The new version takes effect immediately. "
        run.voice.say(f"[INFO]{GREEN}{text}{PLAIN}")
    else:
        text = f"Driver package {done} successfully! "
        reboot = "Reboot needed for installation/upgrade to take effect! "
        run.voice.say(f"[INFO]{GREEN}{text}{PLAIN}{RED}{reboot}{PLAIN}")
    if run.options.install_type == "docker":
        run.session.print(_LIBRARY_HINT.format(run.path))

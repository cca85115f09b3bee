# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the driver package checks before it touches the node (args_parse.sh, env_check.sh)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from npu_simulator.installers import system
from npu_simulator.installers.driver.options import PATH_ERROR
from npu_simulator.installers.driver.run import DEFAULT_PATH
from npu_simulator.installers.files import remove, write
from npu_simulator.installers.session import INSTALL_LOG, PLAIN, RED, SECLOG, YELLOW, Finished

if TYPE_CHECKING:
    from npu_simulator.installers.driver.run import DriverRun

NEEDED_MB = 300
FULL_DISK_MB = 120
USER_ERROR = "[ERROR]ERR_NO:0x0091;ERR_DES:"
SAME_USER = "The user and group are not same with last installation,do not support overwriting installation"
INPUT_ERROR = "[ERROR]ERR_NO:0x0002;ERR_DES:input error, please input again!"
_PATH_PATTERN = re.compile(r"[a-zA-Z0-9_/.~-]+")
_ROTATION = """{log} {{
        su root root
        daily
        size=5M
        rotate 3
        missingok
        create 440 root root
    }}
"""


def prepare_log_folder(run: DriverRun) -> None:
    """Make /var/log/ascend_seclog as root."""
    folder = run.node.path(SECLOG)
    if run.node.is_root and not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o750)


def architecture(run: DriverRun) -> None:
    """Refuse a package for another machine (checkArch)."""
    wanted, found = run.package.arch or "", run.node.read()["arch"]
    if wanted.replace("-", "_") != found:
        text = f"Arch mismatch, src package is {wanted}, cur os is {found} "
        run.voice.say(f"[ERROR]{RED}{text}{PLAIN}")
        raise run.voice.finish(1)


def product(run: DriverRun) -> None:
    """Refuse a package for another chip (checkDriverProduct); it ends without an end time."""
    if run.options.needs_device and not system.fits_device(run.node, run.package.pci_devices):
        run.voice.say("[ERROR]The current installation package and environment is not match, please check.")
        raise Finished(1)


def debug_mode(run: DriverRun) -> None:
    """Ask before a debug installation, which --quiet cannot answer (checkDebugMode)."""
    if run.options.install_type != "debug":
        return
    if run.node.read()["environment"] == "vm":
        run.voice.say("[INFO]Installation in VM env!")
    if not set(run.package.pci_devices) & {"d802", "d803", "d500"}:
        run.voice.say("[ERROR]This product does not support debug install type!")
        raise Finished(1)
    if run.options.quiet:  # transcript 020
        run.voice.say("[ERROR]Risks exist when the install type is debug, quiet parameter is not supported!")
        raise Finished(1)
    question = "Risks exist when the install type is debug, do you want to continue? [y/n]"
    run.voice.say(f"[WARNING]{YELLOW}{question}{PLAIN}")
    if not agrees(run):
        run.voice.say("[INFO]Stop installation!")
        raise run.voice.finish(0)


def agrees(run: DriverRun) -> bool:
    """Read answers until one is `y` or `n`; at the end of stdin it asks without end, as the real one."""
    while True:
        answer = run.session.answer()
        if answer in {"y", "n"}:
            return answer == "y"
        run.voice.say(INPUT_ERROR)


def user_option(run: DriverRun) -> None:
    """Refuse empty names and, without --install-for-all, root."""
    options = run.options
    for name, word, empty in (
        (options.user, "username", "input_install_username"),
        (options.group, "usergroup", "input_install_group"),
    ):
        if name is not None and not name:
            raise run.voice.refuse(f"{USER_ERROR}{empty} is empty")
        if name == "root" and not options.for_all:
            raise run.voice.refuse(f"{USER_ERROR}{word} not permission for root")


def environment(run: DriverRun) -> None:
    """Check type, path, user, space and tools, in the installer's order (env_check.sh, script entry)."""
    _settle_type(run)
    _path_pattern(run)
    _last_user(run)
    write(run.node, "/etc/logrotate.d/tmp", _ROTATION.format(log=INSTALL_LOG))
    if run.options.uninstall:
        return
    _user_exists(run)
    install_path(run)
    _space(run)
    if run.options.install_type not in {"docker", "devel"} and run.installed_type != "docker":
        _tools(run)


def _settle_type(run: DriverRun) -> None:
    options, before = run.options, run.installed_type
    if options.upgrade:
        options.install_type = "full" if before in {"", "debug"} else before
    if options.install_type == "docker" and before not in {"", "docker"}:
        text = "The parameter docker can only be used in the container without no driver mapping."
        raise run.voice.refuse(f"{PATH_ERROR}{text}")


def _path_pattern(run: DriverRun) -> None:
    path = run.options.path
    if path is not None and not _PATH_PATTERN.fullmatch(path):
        allowed = "only characters in [a-z,A-Z,0-9,-,_] are supported."
        text = f"The install-path [{path}] is invalid according to regular-expression, {allowed}"
        raise run.voice.refuse(f"{PATH_ERROR}{text}")


def _last_user(run: DriverRun) -> None:
    """Hold the run user against the last installation's (getUserInfo)."""
    options = run.options
    run.for_all = options.for_all
    if options.user is not None and options.group is not None:
        last = (run.info.get("UserName") or options.user, run.info.get("UserGroup") or options.group)
        if last != (options.user, options.group):
            raise run.voice.refuse(f"[ERROR]ERR_NO:0x0095;ERR_DES:{SAME_USER}")
        run.user, run.group = options.user, options.group
    elif run.user == "root" and not options.upgrade and not options.uninstall:
        text = f"username not permission for root, check {run.info.path}"
        raise run.voice.refuse(f"{USER_ERROR}{text}")
    elif options.upgrade and run.info.get("Driver_Install_For_All") == "yes":
        run.for_all = True


def _user_exists(run: DriverRun) -> None:
    user = system.find_user(run.node, run.user)
    if user is None:
        raise run.voice.refuse(f"{USER_ERROR}{run.user} not exists! Please add {run.user}")
    if run.group not in system.groups(run.node):
        text = f"{run.group} group not exists! Please add {run.group} group"
        raise run.voice.refuse(f"{USER_ERROR}{text}")
    if not system.is_member(run.node, user, run.group):
        text = f"{run.group} not right! Please check the relatianship of {run.user} and {run.group}"
        raise run.voice.refuse(f"[ERROR]ERR_NO:0x0096;ERR_DES:{text}")
    run.voice.say(f"[INFO]set username and usergroup, {run.user}:{run.group}")


def install_path(run: DriverRun) -> None:
    """Settle the installation path and make it, one level deep (isValidPath)."""
    run.path = run.options.path or run.installed_path or DEFAULT_PATH
    if run.path.startswith(("./", "../")):
        run.path = os.path.normpath(f"{os.getcwd()}/{run.path}")
    if not run.path.startswith("/"):
        raise run.voice.refuse(f"{PATH_ERROR}install-path input error, install failed")
    run.path = run.path.rstrip("/")
    made = _make_path(run)
    if not _may_enter(run, run.path):
        if made:
            remove(run.node, run.path)
        raise run.voice.refuse(_no_access(run, run.path))


def _make_path(run: DriverRun) -> bool:
    folder = run.node.path(run.path)
    if folder.is_dir():
        return False
    parent = run.path.rsplit("/", 1)[0] or "/"
    if run.path != DEFAULT_PATH:
        if not run.node.path(parent).is_dir():
            text = f"install path {parent} not exists,runpackage only support create one level of directory,"
            raise run.voice.refuse(f"{PATH_ERROR}{text}need create {parent}.")
        if not _may_enter(run, parent):
            raise run.voice.refuse(_no_access(run, parent))
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return True


def _may_enter(run: DriverRun, path: str) -> bool:
    user = system.find_user(run.node, run.user)
    return user is not None and system.may_enter(run.node, user, path)


def _no_access(run: DriverRun, path: str) -> str:
    reset = "please reset the directory to a right permission."
    return f"{PATH_ERROR}The {run.user} do not have the permission to access {path}, {reset}"


def _space(run: DriverRun) -> None:
    full = run.session.struck("disk_full") is not None
    free = FULL_DISK_MB if full else system.free_megabytes(run.node, run.path)
    run.voice.log(f"[INFO]freeSpace:{free}M")
    if free <= NEEDED_MB:
        need = f"cannot install driver package (greater than {NEEDED_MB}M)"
        ask = "please make sure enough space under the installation path"
        raise run.voice.refuse(f"[ERROR]free space only {free}M, {need}, {ask}")


def _tools(run: DriverRun) -> None:
    missing = system.missing_tools(run.node)
    if missing:  # transcript 013
        raise run.voice.refuse(f"[ERROR]The list of missing tools: {','.join(missing)},")

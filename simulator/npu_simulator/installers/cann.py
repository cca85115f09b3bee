# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CANN packages (toolkit and kernels, layout of 8.3 and older) have in common.

Sources: packages-and-versions.md 3.4; installation logs of the field for 6.3.RC1 (910A), 7.0.0, 8.0.0 and
8.1.RC1 (310B); the vendor's own usage text. What no log shows is marked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from npu_simulator.installers import system
from npu_simulator.installers.files import append, read, write
from npu_simulator.installers.session import SECLOG, Finished

if TYPE_CHECKING:
    from npu_simulator.installers.package import Component, Package
    from npu_simulator.installers.session import Session

DEFAULT_ROOT = "/usr/local/Ascend"
INSTALL_MODES = ("--install", "--devel", "--full", "--upgrade")
OTHER_ACTIONS = ("--uninstall", "--version", "--check")
FLAGS = ("--quiet", "-q", "--install-for-all", "--force", "--nox11")
VALUES = ("--install-path", "--whitelist", "--chip", "--type")
EULA = "Release date: November,9th 2023Do you accept the EULA to install CANN?[Y/N]"
_TIME = "%Y%m%d-%H:%M:%S"
_FREE_PATH_FROM = (8, 2)  # packages-and-versions.md 3.4: since 8.2.RC1 another path resets the record


@dataclass
class Options:
    """The arguments of one call."""

    actions: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    for_all: bool = False
    unknown: str | None = None

    @property
    def action(self) -> str:
        """Return the one action, empty when there is none or more than one."""
        return self.actions[0] if len(self.actions) == 1 else ""


def parse(words: list[str]) -> Options:
    """Read the arguments; the first word that the package does not know stands in ``unknown``."""
    options = Options()
    for word in words:
        key, equals, text = word.partition("=")
        if word in INSTALL_MODES or word in OTHER_ACTIONS:
            options.actions.append(word)
        elif equals and key in VALUES:
            options.values[key[2:]] = text
        elif word not in FLAGS:
            options.unknown = options.unknown or word
    options.quiet = bool({"--quiet", "-q"} & set(words))
    options.for_all = "--install-for-all" in words
    return options


class CannRun:
    """One call of a CANN package: its voice, its log, its folders."""

    def __init__(self, session: Session, package: Package, tag: str, words: list[str]) -> None:
        """Begin a call of ``package`` that speaks as ``tag``."""
        self.session = session
        self.node = session.node
        self.package = package
        self.tag = tag
        self.options = parse(words)
        self.home = "" if self.node.is_root else system.caller_home(self.node)
        self.record_file = f"{self.home or '/etc'}/Ascend/ascend_cann_install.info"
        self.log_file = f"{self.home}{SECLOG}/ascend_{tag.lower()}_install.log"
        self.root = self._settled_root()

    def _settled_root(self) -> str:
        default = f"{self.home}/Ascend" if self.home else DEFAULT_ROOT
        given = self.options.values.get("install-path", "").rstrip("/")
        return given or self.recorded_root or default

    @property
    def recorded_root(self) -> str:
        """Return the path that the first CANN package of this user was installed to, empty when none was."""
        for line in read(self.node, self.record_file).splitlines():
            if line.startswith("Install_Path="):
                return line.split("=", 1)[1]
        return ""

    @property
    def tree(self) -> str:
        """Return the folder of all toolkit versions."""
        return f"{self.root}/ascend-toolkit"

    @property
    def base(self) -> str:
        """Return the folder of this version."""
        return f"{self.tree}/{self.package.version}"

    @property
    def arch(self) -> str:
        """Return the node's architecture."""
        return self.node.read()["arch"]

    @property
    def folder_mode(self) -> int:
        """Return the mode of folders: others may enter only with --install-for-all."""
        return system.MODE_OTHERS if self.options.for_all else system.MODE_GROUP

    def say(self, text: str, level: str = "INFO") -> None:
        """Print one line and write it to the log."""
        line = f"[{self.tag}] [{time.strftime(_TIME)}] [{level}] {text}"
        self.session.print(line)
        append(self.node, self.log_file, line + "\n")

    def refuse(self, text: str) -> Finished:
        """Print an error and return what ends the installer with status 1."""
        self.say(text, "ERROR")
        return Finished(1)

    def open_log(self) -> None:
        """Make the log folder and name the log."""
        folder = self.node.path(self.log_file).parent
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(0o750)
        self.say(f"LogFile:{self.log_file}")

    def record_root(self) -> None:
        """Note the installation path for the CANN packages that follow."""
        text = f"Install_Path={self.root}\nToolkit_InstallPath={self.tree}\n"
        write(self.node, self.record_file, text, 0o644)


def check_call(run: CannRun) -> None:
    """Refuse wrong arguments, a wrong machine, a wrong path and an unaccepted licence."""
    options = run.options
    if options.unknown is not None or not options.action:
        wrong = options.unknown or " ".join(options.actions) or "none"
        raise run.refuse(f"ERR_NO:0x0004;ERR_DES:Unrecognized parameters: {wrong}.")  # inferred
    if options.action in INSTALL_MODES:
        _check_arch(run)
        _check_path(run)
        _ask_licence(run)


def _check_arch(run: CannRun) -> None:
    wanted = run.package.arch
    if wanted is not None and wanted != run.arch:  # text: hicann/runtime, inferred for the outer package
        text = "the architecture of the run package is inconsistent with that of the current environment."
        raise run.refuse(f"ERR_NO:0x0001;ERR_DES:{text}")


def _check_path(run: CannRun) -> None:
    recorded = run.recorded_root
    if recorded and run.root != recorded and _version_numbers(run.package.version) < _FREE_PATH_FROM:
        raise run.refuse(f"{run.record_file} exists ! 'install-path' parameter are not supported.")
    parent = run.root
    while not run.node.path(parent).is_dir():
        parent = parent.rsplit("/", 1)[0] or "/"
    wrong_owner = system.foreign_folder(run.node, parent) and run.node.is_root
    if wrong_owner or (run.node.is_root and system.closed_folder(run.node, parent, run.folder_mode)):
        raise run.refuse("the given dir, or its parents, permission is invalid.")


def _version_numbers(version: str) -> tuple[int, ...]:
    numbers = (part for part in version.split(".") if part.isdigit())
    return tuple(int(number) for number in numbers)


def _ask_licence(run: CannRun) -> None:
    """Ask for the licence unless --quiet accepts it (asked since 6.3.RC3)."""
    if run.options.quiet:
        return
    run.session.stdout.write(EULA)
    run.session.stdout.flush()
    answer = run.session.answer()
    if answer not in {"y", "Y"}:  # inferred: nothing is installed without a yes
        run.session.print("")
        raise run.refuse("The EULA was not accepted, the installation stops.")


def install_components(run: CannRun) -> None:
    """Install the sub-packages one after the other, or fail the way the faults say."""
    run.say("install start")
    share = 1 / max(len(run.package.components), 1)
    middle = len(run.package.components) // 2
    for number, component in enumerate(run.package.components):
        run.say(f"install package {component.file} start")
        run.session.hang_if_told()
        run.session.wait(share)
        if number == middle:
            _break_off(run, component)
        run.say(f"{_command(run, component)} install success")


def _command(run: CannRun, component: Component) -> str:
    for_all = ["--install-for-all"] if run.options.for_all else []
    return " ".join([component.file, *component.flags, *for_all])


def _break_off(run: CannRun, component: Component) -> None:
    """Strike in the middle: half-installed without a word, out of space, or failed (texts inferred)."""
    if run.session.struck("installer_half") is not None:
        run.node.path(f"{run.base}/{component.directory}").mkdir(parents=True, exist_ok=True)
        raise Finished(1)
    if run.session.struck("disk_full") is not None:
        target = f"{run.base}/{component.directory}"
        run.session.complain(f"cp: error writing '{target}': No space left on device")
        raise run.refuse(f"{_command(run, component)} install failed")
    if run.session.struck("installer_fails") is not None:
        run.say(f"{_command(run, component)} install failed", "ERROR")
        raise run.refuse(f"{run.package.stem} install failed, the details can be found in {run.log_file}.")

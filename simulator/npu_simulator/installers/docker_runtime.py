# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ascend Docker Runtime package (Ascend/mind-cluster, ascend-docker-runtime, run_main.sh)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from npu_simulator.installers import containerd_config, installed, system
from npu_simulator.installers.files import append, read, remove, shim, write
from npu_simulator.installers.session import Finished, broken_disk

if TYPE_CHECKING:
    from npu_simulator.installers.package import Package
    from npu_simulator.installers.session import Session

DEFAULT_ROOT = "/usr/local/Ascend"
FOLDER = "Ascend-Docker-Runtime"
NAME = "ascend-docker-runtime"
LOG = f"/var/log/{NAME}/installer.log"
LIST = f"/etc/{NAME}.d/base.list"
INFO = "ascend_docker_runtime_install.info"
CONFIGS = {
    "docker": "/etc/docker/daemon.json",
    "isula": "/etc/isulad/daemon.json",
    "containerd": "/etc/containerd/config.toml",
    "crio": "/etc/crio/crio.conf.d/99-ascend-runtime.conf",
}
TYPES = ("A500", "A500A2", "A200ISoC", "A200IA2", "A200")
PROGRAMS = ("hook", "cli", "plugin-install-helper", "destroy")  # beside the runtime itself
EULA = "Do you accept the EULA to install Ascend-docker-runtime?[Y/N]"
CONTAINERD = "/usr/bin/containerd"
LAST_WITHOUT = [
    26,
    0,
    0,
]  # --injection-mode and the scene crio came after this one (mind-cluster, run_main.sh)
_ACTIONS = ("--install", "--uninstall", "--upgrade")
_SCENE_WORD = 2  # of uninstall.sh, after what recalls the package and the word for isula
_STEPS = {"--install": "install", "--upgrade": "upgrade"}
_CHOICES = {
    "--install-scene": (tuple(CONFIGS), "failed, please check the parameter of --install-scene=<scene>"),
    "--injection-mode": (
        ("cdi", "legacy"),
        "failed, please check the parameter of --injection-mode=<mode>, only cdi or legacy are supported",
    ),
    "--install-type": (TYPES, "failed, please check the parameter of --install-type=<type>"),
}


@dataclass
class Options:
    """The arguments of one call."""

    action: str = ""
    quiet: bool = False
    values: dict[str, str] = field(default_factory=dict)


class RuntimeRun:
    """One call of the package."""

    def __init__(self, session: Session, package: Package) -> None:
        """Begin a call of ``package``."""
        self.session, self.node, self.package = session, session.node, package
        self.options = Options()

    def log(self, level: str, text: str) -> None:
        """Print one line and write it to the log, with user and origin."""
        self.session.print(f"[{level}] {text}")
        folder = self.node.path(LOG).parent
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(0o750)
        now = time.strftime("%Y/%m/%d %H:%M:%S")
        append(self.node, LOG, f"[{level}] [{now}] [uid: {self.node.uid}] [localhost] [{NAME}] {text}\n")

    def refuse(self, text: str) -> Finished:
        """Print and log an error and return what ends the package with status 1."""
        self.log("ERROR", text)
        return Finished(1)

    @property
    def path(self) -> str:
        """Return where the runtime lies."""
        return f"{self.options.values.get('--install-path', DEFAULT_ROOT)}/{FOLDER}"

    @property
    def newer(self) -> bool:
        """Return whether the package knows what came after 26.0.0."""
        return [int(number) for number in re.findall("[0-9]+", self.package.version)] > LAST_WITHOUT

    @property
    def scene(self) -> str:
        """Return the container engine's name."""
        return self.options.values.get("--install-scene", "docker")

    @property
    def config(self) -> str:
        """Return the configuration file of the container engine."""
        return self.options.values.get("--config-file-path") or CONFIGS[self.scene]


def main(session: Session, package: Package, words: list[str]) -> int:
    """Run the package with ``words`` and return its exit status."""
    run = RuntimeRun(session, package)
    try:
        if not session.node.is_root:
            session.print("[ERROR] failed, please run with root permission")
            raise Finished(1)
        _parse(run, words)
        _act(run)
    except Finished as end:
        return int(str(end.code))
    except OSError as error:
        session.complain(broken_disk(error, run.path))
        return 1
    return 0


def _parse(run: RuntimeRun, words: list[str]) -> None:
    run.options.quiet = "--quiet" in words
    for word in words:
        key, _equals, text = word.partition("=")
        if word == "--version":
            run.session.print(f"{NAME} version: {run.package.version}")
            raise Finished(0)
        if word in _ACTIONS:
            if run.options.action == word:
                raise run.refuse(f"{word[2:]} failed, '{word}' Repeat parameter!")
            run.options.action = run.options.action or word
        elif key == "--injection-mode" and not run.newer:
            raise run.refuse(f"failed, unsupported parameters: {word}")
        elif key in _CHOICES or key in {"--install-path", "--config-file-path"}:
            _take(run, key, text)
        elif word not in {"--quiet", "--nox11"}:
            raise run.refuse(f"failed, unsupported parameters: {word}")


def _take(run: RuntimeRun, key: str, text: str) -> None:
    if key in run.options.values:
        raise run.refuse(f"failed, '{key}' Repeat parameter!")
    allowed, error = _CHOICES.get(key, ((), ""))
    if (allowed and text not in allowed) or (text == "crio" and not run.newer):
        raise run.refuse(error)
    if key == "--config-file-path" and not run.node.path(text).exists():
        raise run.refuse(f"failed, file '{text}' does not exist.")
    run.options.values[key] = text.rstrip("/")


def _act(run: RuntimeRun) -> None:
    action = run.options.action
    if not action and run.options.values:
        key = next(iter(run.options.values))
        wanted = "--install or --uninstall or --upgrade"
        raise run.refuse(
            f"failed, only input <{key[2:]}> command. When use {key} you also need input {wanted}"
        )
    if action == "--uninstall":
        _uninstall(run)
    elif action:
        _install(run, _STEPS[action])


def _install(run: RuntimeRun, step: str) -> None:
    _ask_licence(run)
    run.session.print(f"[INFO] {step}ing {NAME}".replace("eing", "ing"))
    _check(run, step)
    run.session.reach("begin")
    run.session.hang_if_told()
    run.session.wait(1)
    if run.session.struck("installer_fails") is not None:
        raise run.refuse(f"{step} failed, {run.path} is invalid")
    if run.session.struck("installer_lies") is None:
        _write(run)
    run.session.print(f"[INFO] {NAME} has been installed in: {run.path}")
    run.session.print(f"[INFO] The version of {NAME} is: {run.package.version}")
    if step == "install":
        run.session.print("[INFO] please reboot daemon and container engine to take effect")
    run.log("INFO", f"{NAME} {step} success")


def _ask_licence(run: RuntimeRun) -> None:
    """Ask until somebody says yes or no, unless --quiet accepts (inferred). A no ends with status 0."""
    if run.options.quiet:
        return
    run.session.print(EULA)
    while True:
        answer = run.session.answer()
        if answer in {"y", "Y"}:
            run.log("INFO", "user accepted EULA")
            return
        if answer in {"n", "N", None}:  # at the end of stdin the real one asks without end
            run.log("INFO", "install cancelled, user declined EULA")
            raise Finished(0)
        run.session.print(EULA)


def _check(run: RuntimeRun, step: str) -> None:
    plat = run.node.read()["arch"]
    if run.package.arch != plat:
        run.session.print(f"[ERROR] platform({plat}) mismatch for {run.package.file}, please check it")
        raise run.refuse(f"{step} failed, run package and os not matched in arch")
    run.session.print(f"[INFO] platform({plat}) matched!")
    if step == "upgrade" and not run.node.path(run.path).is_dir():
        raise run.refuse("upgrade failed, the specified install path does not exist, stopping upgrading")
    parent = run.path
    while not run.node.path(parent).is_dir():
        parent = parent.rsplit("/", 1)[0] or "/"
    if system.foreign_folder(run.node, parent):
        run.session.print(f"[ERROR] user or group of {parent} is not root")
        raise run.refuse(f"{step} failed, {run.path} is invalid")


def _write(run: RuntimeRun) -> None:
    node, path = run.node, run.path
    for program in PROGRAMS:
        write(node, f"{path}/ascend-docker-{program}", "#!/bin/sh\n# stand-in\nexit 70\n", 0o550)
    shim(node, f"{path}/{NAME}", NAME, 0o550)
    run.session.reach("files")
    _break_off(run)
    words = installed.remember(node, run.package, path.rsplit("/", 1)[0])
    shim(node, f"{path}/script/uninstall.sh", f"installers uninstall {words}", 0o500)
    write(node, LIST, "/usr/local/Ascend/driver/lib64\n/usr/local/dcmi\n/usr/local/bin/npu-smi\n", 0o440)
    run.session.reach("scripts")
    if run.options.action == "--install":
        _configure(run, f"{path}/{NAME}")
        run.log("INFO", f"{run.config} modify success")
    run.session.reach("before_version")
    write(node, f"{path}/{INFO}", _info(run), 0o640)
    run.session.reach("end")


def _break_off(run: RuntimeRun) -> None:
    """Strike in the middle: half-installed without a word, or out of space (texts inferred)."""
    if run.session.struck("installer_half") is not None:
        raise Finished(1)
    for fault, reason in (("disk_full", "No space left on device"), ("read_only", "Read-only file system")):
        if run.session.struck(fault) is not None:
            run.session.complain(f"cp: cannot create regular file '{run.path}/README.md': {reason}")
            raise run.refuse(f"install failed, {run.path} is invalid")


def _configure(run: RuntimeRun, program: str) -> None:
    """Register the runtime with the engine: as JSON for docker and isula, as TOML for the others."""
    if run.scene == "containerd" and not run.node.path(run.config).exists():
        run.session.print(
            f"[INFO] containerd config file does not exist, default {run.config} will be created"
        )
        write(run.node, run.config, _default_settings(run), 0o600)
    try:
        text = _registered(run, read(run.node, run.config), program)
    except ValueError:
        call = f"add {run.config} {run.config}.{os.getppid()} {program} no {run.scene} "
        raise run.refuse(
            f"install failed, './ascend-docker-plugin-install-helper {call}' return non-zero"
        ) from None
    _replace(run, text)


def _replace(run: RuntimeRun, text: str) -> None:
    """Put new settings in the place of the old ones at once, as mv does."""
    beside = f"{run.config}.{os.getppid()}"
    write(run.node, beside, text, 0o600)
    run.node.path(beside).replace(run.node.path(run.config))


def _default_settings(run: RuntimeRun) -> str:
    """Return what containerd says of its own settings; a node without it has none."""
    if not run.node.path(CONTAINERD).exists():
        return ""
    argv = [str(run.node.path(CONTAINERD)), "config", "default"]
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout


def _registered(run: RuntimeRun, text: str, program: str) -> str:
    """Return the engine's settings with the runtime in them. Raises ValueError when they are not JSON."""
    if run.scene == "containerd":
        return containerd_config.register(text, program)
    if run.scene == "crio":
        return f'[crio.runtime.runtimes.ascend]\nruntime_path = "{program}"\n'  # the rest is not known
    settings = json.loads(text or "{}")
    settings.setdefault("runtimes", {})["ascend"] = {"path": program, "runtimeArgs": []}
    if run.scene == "docker":
        settings["default-runtime"] = "ascend"
    return json.dumps(settings, indent=1) + "\n"


def _info(run: RuntimeRun) -> str:
    version, arch, values = run.package.version, run.package.arch, run.options.values
    lines = {"version": f"v{version}", "arch": arch, "os": "linux", "path": run.path}
    lines["build"] = f"Ascend-docker-runtime_{version}-{arch}"
    kind = values.get("--install-type", "")
    lines.update({name.lower(): "y" if name == kind else "n" for name in TYPES})
    lines["install-scene"] = values.get("--install-scene", "docker")
    lines["config-file-path"] = values.get("--config-file-path", "")
    if run.newer:
        lines["injection-mode"] = values.get("--injection-mode", _earlier_mode(run))
    return "".join(f"{key}={text}\n" for key, text in lines.items())


def _earlier_mode(run: RuntimeRun) -> str:
    """Return the mode of the installation that is there: an upgrade keeps it."""
    if run.options.action != "--upgrade":
        return ""
    found = re.search("^injection-mode=(.*)$", read(run.node, f"{run.path}/{INFO}"), re.MULTILINE)
    return found[1] if found else ""


def _uninstall(run: RuntimeRun) -> None:
    run.session.print(f"[INFO] uninstalling {NAME} {run.package.version}")
    if not run.node.path(run.path).is_dir():
        run.log("WARNING", "uninstall skipping, the specified install path does not exist")
        raise Finished(0)
    _take_away(run)
    run.log("INFO", f"{NAME} uninstall success")


def _take_away(run: RuntimeRun) -> None:
    if not run.node.path(run.config).is_file():
        run.log("WARNING", f"uninstall skipping, {run.config} does not exist")
        return
    text = read(run.node, run.config)
    if run.scene == "containerd":
        text = containerd_config.withdraw(text)
    else:
        settings = json.loads(text or "{}")
        settings.get("runtimes", {}).pop("ascend", None)
        if settings.get("default-runtime") == "ascend":
            del settings["default-runtime"]
        text = json.dumps(settings, indent=1) + "\n"
    _replace(run, text)
    run.log("INFO", f"{run.config} modify success")
    remove(run.node, LIST.rsplit("/", 1)[0])
    remove(run.node, run.path)
    run.log("INFO", "uninstall.sh exec success")


def uninstall_script(session: Session, root: str, words: list[str]) -> int:
    """Run script/uninstall.sh [none [SCENE]]: without arguments it cleans up after Docker."""
    run = RuntimeRun(session, installed.recall(session.node, words[0]))
    scene = words[_SCENE_WORD] if len(words) > _SCENE_WORD else "docker"
    run.options.values["--install-scene"] = scene
    run.options.values["--install-path"] = root
    session.print("[INFO] You will recover Docker's daemon")
    _take_away(run)
    return 0

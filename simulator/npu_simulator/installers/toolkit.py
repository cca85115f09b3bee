# SPDX-License-Identifier: GPL-3.0-or-later
"""The CANN toolkit package, tree `ascend-toolkit/<version>/<arch>-linux` (8.3 and older)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from npu_simulator.installers.cann import CannRun, check_call, install_components
from npu_simulator.installers.files import InstallInfo, link, remove, remove_if_empty, shim, write
from npu_simulator.installers.package import Package
from npu_simulator.installers.session import Finished

if TYPE_CHECKING:
    from npu_simulator.installers.session import Session
    from npu_simulator.state import Node

TAG = "Toolkit"
LIBRARIES = ("libascendcl.so", "libge_runner.so", "libhccl.so", "libruntime.so")
PARTS = ("compiler", "opp", "runtime", "toolkit")
_ASSETS = Path(__file__).with_name("assets")
_SUMMARY = """

===========
= Summary =
===========
{driver}
Toolkit:  {name} install success, installed in {root}.

Please make sure that the environment variables have been configured.
-  To take effect for all users, you can add "source {script}" to /etc/profile.
-  To take effect for current user, you can exec command below: source {script} or add "source {script}" \
to ~/.bashrc."""


def main(session: Session, package: Package, words: list[str]) -> int:
    """Run the toolkit package with ``words`` and return its exit status."""
    run = CannRun(session, package, TAG, words)
    try:
        run.open_log()
        check_call(run)
        _act(run)
    except Finished as end:
        return int(str(end.code))
    return 0


def info_file(run: CannRun, version: str) -> str:
    """Return the file that says that the toolkit ``version`` is installed."""
    return f"{run.tree}/{version}/{run.arch}-linux/ascend_toolkit_install.info"


def is_installed(run: CannRun, version: str) -> bool:
    """Tell whether the toolkit ``version`` is completely there."""
    return run.node.path(info_file(run, version)).is_file()


def _act(run: CannRun) -> None:
    action = run.options.action
    if action == "--version":
        run.say(f"The version of this package is {run.package.version}.")  # inferred
    elif action == "--uninstall":
        if not is_installed(run, run.package.version):
            raise run.refuse(f"{run.package.stem} is not installed, uninstall failed.")  # inferred
        _take_away(run, run.package.version)
        run.say(f"{run.package.stem} uninstall success")
    elif action != "--check":
        _install(run, replace=action == "--upgrade")


def _install(run: CannRun, *, replace: bool) -> None:
    before = _latest(run)
    if replace and not before:  # inferred: the vendor's own deployer never upgrades what is not there
        raise run.refuse("Ascend-cann-toolkit is not installed, upgrade failed.")
    run.say(f"The installation path is {run.root}.")
    install_components(run)
    if run.session.struck("installer_lies") is None:
        _write_files(run)
        if replace and before != run.package.version:
            _take_away(run, before)
        run.say(f"Write Toolkit_InstallPath to {run.record_file}.")
    run.session.print(_summary(run))


def _latest(run: CannRun) -> str:
    latest = run.node.path(f"{run.tree}/latest")
    return os.path.basename(os.readlink(latest)) if latest.is_symlink() else ""


def _summary(run: CannRun) -> str:
    driver_path = InstallInfo(run.node).get("Driver_Install_Path_Param")
    driver = f"\nDriver:   Installed in {driver_path}/driver." if driver_path else ""
    script = f"{run.tree}/set_env.sh"
    return _SUMMARY.format(driver=driver, name=run.package.stem, root=run.root, script=script)


def _write_files(run: CannRun) -> None:
    node, base, linux = run.node, run.base, f"{run.base}/{run.arch}-linux"
    inner = f"Version={run.package.inner_version}\nversion_dir={run.package.version}\n"
    for part in PARTS:
        write(node, f"{base}/{part}/version.info", inner, 0o444)
    node.path(f"{base}/opp/built-in/op_impl/ai_core/tbe").mkdir(parents=True, exist_ok=True)
    for library in LIBRARIES:
        write(node, f"{linux}/lib64/{library}", "stand-in of a CANN library\n", 0o444)
    link(node, f"{base}/lib64", f"{run.arch}-linux/lib64")
    write(node, f"{base}/python/site-packages/acl.py", _asset("acl.py"), 0o444)
    shim(node, f"{linux}/script/uninstall.sh", f"installers uninstall toolkit {base}")
    script = _asset("set_env.sh").replace("@TREE@", f"{run.tree}/latest")
    write(node, f"{run.tree}/set_env.sh", script, 0o555)
    link(node, f"{run.tree}/latest", run.package.version)
    write(node, f"{linux}/ascend_toolkit_install.info", _info_text(run), 0o444)
    run.record_root()
    set_modes(run)


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _info_text(run: CannRun) -> str:
    """Return ascend_toolkit_install.info in the order that real ones have."""
    first = [("package_name", "Ascend-cann-toolkit"), ("version", run.package.version)]
    last = [("arch", run.arch), ("os", "linux"), ("path", f"{run.base}/{run.arch}-linux")]
    return "".join(f"{key}={text}\n" for key, text in [*first, *run.package.install_info, *last])


def set_modes(run: CannRun) -> None:
    """Close the tree to others unless the call had --install-for-all."""
    base = run.node.path(run.base)
    for folder in (base, *(path for path in base.rglob("*") if path.is_dir() and not path.is_symlink())):
        folder.chmod(run.folder_mode)


def _take_away(run: CannRun, version: str) -> None:
    remove_version(run.node, f"{run.tree}/{version}", run.arch)


def remove_version(node: Node, base: str, arch: str) -> None:
    """Remove the toolkit under ``base``; other packages' files stay, `latest` goes to a neighbour."""
    for part in (*(part for part in PARTS if part != "opp"), "python", f"{arch}-linux", "lib64"):
        remove(node, f"{base}/{part}")
    if not node.path(f"{base}/opp_kernel").exists():
        remove(node, base)
    _settle_links(node, base.rsplit("/", 1)[0], arch)


def _settle_links(node: Node, tree: str, arch: str) -> None:
    """Point `latest` to the highest version that is left, or remove what only a toolkit needs."""
    versions = [one for one in node.path(tree).iterdir() if not one.is_symlink()]
    left = sorted(one.name for one in versions if (one / f"{arch}-linux").is_dir())
    if left:
        link(node, f"{tree}/latest", left[-1])
        return
    for name in ("latest", "set_env.sh"):
        remove(node, f"{tree}/{name}")
    remove_if_empty(node, tree)
    if not node.path(tree).is_dir():
        remove(node, "/etc/Ascend/ascend_cann_install.info")


def uninstall_script(session: Session, path: str, _words: list[str]) -> int:
    """Run the installed script/uninstall.sh of the version folder ``path``."""
    version = path.rsplit("/", 1)[1]
    arch = session.node.read()["arch"]
    name = f"Ascend-cann-toolkit_{version}_linux-{arch}"
    run = CannRun(session, Package("toolkit", version, f"{name}.run"), TAG, ["--uninstall"])
    remove_version(session.node, path, arch)
    run.say(f"{name} uninstall success")
    return 0

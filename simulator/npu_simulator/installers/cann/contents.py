# SPDX-License-Identifier: GPL-3.0-or-later
"""What each CANN package writes beside its version file, and what it needs on the node before that."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from npu_simulator.installers import installed
from npu_simulator.installers.cann.placement import NEW_LAYOUT
from npu_simulator.installers.cann.wheels import cann_wheels, wheel_files
from npu_simulator.installers.files import link, shim, value, write

if TYPE_CHECKING:
    from npu_simulator.installers.cann.run import CannRun

LIBRARIES = ("libascendcl.so", "libge_runner.so", "libhccl.so", "libruntime.so")
KERNEL_FOLDER = "opp/built-in/op_impl/ai_core/tbe/kernel"
WITH_LIBRARIES = ("toolkit", "nnae", "nnrt")
_ASSETS = Path(__file__).parents[1] / "assets"
_STUB = "stand-in of a CANN library\n"
_ATB_VERSION = """    Ascend-cann-atb : {version}
    Ascend-cann-atb Version : {version}.B000
    Platform : {arch}
    branch : simulated
    commit id : 0000000000000000000000000000000000000000
"""


def check_ground(run: CannRun) -> None:
    """Refuse what cannot stand on what is installed: operators and nnal want their toolkit first."""
    part, version = run.package.part, run.package.version
    if part == "kernels" and not run.has_host(run.host):  # packages-and-versions.md 3.4; text inferred
        text = f"toolkit, nnae or nnrt of version {version} is not installed in {run.root}"
        raise run.refuse(f"{text}, please install it first.")
    if part == "ops" and not run.has_host("toolkit"):  # text inferred
        raise run.refuse(f"Ascend-cann-toolkit {version} is not installed in {run.root}.")
    if part in {"kernels", "ops"}:
        _check_owner(run)
        _check_chip(run)
    if part == "nnal" and "ASCEND_HOME_PATH" not in os.environ:  # 3.4: only after set_env.sh; text inferred
        raise run.refuse("ASCEND_HOME_PATH is not set, please source the set_env.sh of CANN first.")
    if part == "toolkit" and run.options.action == "--upgrade":
        _check_whitelist(run)


def _check_owner(run: CannRun) -> None:
    """Refuse operators of another user than the toolkit's (packages-and-versions.md 3.4; text inferred)."""
    base = run.node.path(run.place().base)
    if not run.node.root and base.stat().st_uid != run.node.uid:
        raise run.refuse(f"{run.place().base} belongs to another user, install as the owner of it.")


def _check_chip(run: CannRun) -> None:
    """Refuse the operators of a second chip in one path (packages-and-versions.md 2.1; text inferred)."""
    folder = run.node.path(f"{run.place().base}/{KERNEL_FOLDER}")
    found = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
    if run.package.layout == NEW_LAYOUT and found - {kernel_folder(run)}:
        text = f"the operators of {', '.join(sorted(found))} are installed there"
        raise run.refuse(f"{run.package.name} cannot be installed in {run.place().base}, {text}.")


def _check_whitelist(run: CannRun) -> None:
    """Refuse to make a toolkit of a tree that has the run time only (3.4; text inferred)."""
    conf = f"{run.root}/cann/{run.arch}-linux/install.conf"
    if value(run.node, conf, "whitelist") == "nnrt" and run.options.whitelist != "nnrt":
        raise run.refuse("The installed package has the whitelist nnrt, which does not support the upgrade.")


def kernel_folder(run: CannRun) -> str:
    """Return how the folder of the precompiled operators is called: ascend910b."""
    return f"ascend{run.package.family or run.package.chip}"


def write_contents(run: CannRun) -> None:
    """Write libraries, Python modules and operators."""
    part, placed = run.package.part, run.place()
    if part in WITH_LIBRARIES:
        _write_libraries(run)
    elif part in {"kernels", "ops"}:
        _write_operators(run)
    elif part == "nnal":
        write(run.node, f"{placed.base}/atb/cxx_abi_0/lib/libatb.so", _STUB, 0o444)
        write(run.node, f"{placed.base}/atb/cxx_abi_1/lib/libatb.so", _STUB, 0o444)
    elif part == "toolbox":
        write(run.node, f"{placed.base}/Ascend-DMI/bin/ascend-dmi", asset("ascend-dmi"), 0o555)
    else:
        write(run.node, f"{placed.base}/python/site-packages/npu_bridge/__init__.py", "", 0o444)


def _write_libraries(run: CannRun) -> None:
    node, base = run.node, run.place().base
    folder = f"{base}/lib64" if run.package.part == "nnae" else f"{base}/{run.arch}-linux/lib64"
    node.path(f"{base}/opp/built-in/op_impl/ai_core/tbe").mkdir(parents=True, exist_ok=True)
    for library in LIBRARIES:
        write(node, f"{folder}/{library}", _STUB, 0o444)
    if run.package.part != "nnae":
        link(node, f"{base}/lib64", f"{run.arch}-linux/lib64")
    if run.package.part != "nnrt" and run.package.layout != NEW_LAYOUT:
        for name, content in cann_wheels(run.package.version):
            node.path(f"{folder}/{name}").write_bytes(content)
            for file, text in wheel_files(content):
                write(node, f"{base}/python/site-packages/{file}", text, 0o444)
    if run.options.whitelist != "nnrt":
        write(node, f"{base}/python/site-packages/acl.py", asset("acl.py"), 0o444)
    if run.package.part == "toolkit":  # packages-and-versions.md 8
        write(node, f"{base}/tools/hccl_test/Makefile", asset("hccl_test.mk"), 0o444)
        write(node, f"{base}/tools/hccl_test/all_reduce_test.sh", asset("all_reduce_test.sh"), 0o444)
    if run.package.layout == NEW_LAYOUT:
        conf = f"{base}/{run.arch}-linux/install.conf"
        write(node, conf, f"whitelist={run.options.whitelist}\n", 0o444)


def _write_operators(run: CannRun) -> None:
    folder = f"{run.place().base}/{KERNEL_FOLDER}/{kernel_folder(run)}"
    write(run.node, f"{folder}/binary_info_config.json", "{}\n", 0o444)
    if run.options.action == "--devel":  # guide 003: the static libraries too; the name is inferred
        library = f"{run.place().base}/{run.arch}-linux/lib64/libops_{run.package.chip}_static.a"
        write(run.node, library, _STUB, 0o444)


def write_scripts(run: CannRun) -> None:
    """Write uninstallers and environment script, and point the links to this version."""
    placed, part = run.place(), run.package.part
    words = installed.remember(run.node, run.package, run.root)
    host = f" --type={run.host}" if part == "kernels" else ""
    for script in filter(None, (placed.uninstaller, placed.whole_uninstaller)):
        shim(run.node, script, f"installers uninstall {words}{host}")
    if placed.set_env and part != "ops":
        name, home = _environment(run)
        write(run.node, placed.set_env, asset(name).replace("@TREE@", home), 0o555)
    for path, target in placed.links.items():
        link(run.node, path, target)


def _environment(run: CannRun) -> tuple[str, str]:
    """Return which environment script the package brings, and the folder that it leads to."""
    placed = run.place()
    if run.package.part == "nnal":
        return "atb_set_env.sh", f"{placed.tree}/latest"
    if run.package.layout == NEW_LAYOUT:
        return "cann_set_env.sh", placed.base
    return "set_env.sh", f"{placed.tree}/latest"


def asset(name: str) -> str:
    """Return the text of a file that packages bring along."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def write_info(run: CannRun) -> None:
    """Write the file that proves the installation: from here on the package counts as installed."""
    placed, package = run.place(), run.package
    if package.part == "nnal":
        text = _ATB_VERSION.format(version=package.version, arch=run.arch)
    elif package.part == "kernels":  # its Version is not CANN's: version_dir is
        text = f"Version={package.inner_version}\nversion_dir={package.version}\n"
    else:
        text = _info_text(run)
    write(run.node, placed.info, text, 0o444)


def _info_text(run: CannRun) -> str:
    """Return an info file in the order that real ones have."""
    folder = run.place().info.rsplit("/", 1)[0]
    first = [("package_name", run.package.name), ("version", run.package.version)]
    last = [("arch", run.arch), ("os", "linux"), ("path", folder)]
    return "".join(f"{key}={text}\n" for key, text in [*first, *run.package.install_info, *last])


def set_modes(run: CannRun) -> None:
    """Close the tree to others unless they were let in."""
    base = run.node.path(run.place().base)
    for folder in (base, *(path for path in base.rglob("*") if path.is_dir() and not path.is_symlink())):
        folder.chmod(run.folder_mode)


def base_in_use(run: CannRun) -> str:
    """Return the version folder that the links lead to, whatever its layout; empty when there is none."""
    for path in run.place().links:
        found = run.node.path(path)
        if found.is_symlink() and found.exists():
            return posixpath.normpath(f"{posixpath.dirname(path)}/{os.readlink(found)}")
    return ""

# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a CANN package away: `--uninstall` of the package, and the scripts that it left on the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers import installed
from npu_simulator.installers.cann.checks import version_numbers
from npu_simulator.installers.cann.contents import KERNEL_FOLDER, kernel_folder
from npu_simulator.installers.cann.placement import NEW_LAYOUT
from npu_simulator.installers.files import link, remove, remove_if_empty

if TYPE_CHECKING:
    from npu_simulator.installers.cann.placement import Placement
    from npu_simulator.installers.cann.run import CannRun

_LOOSE = ("opp", "opp_kernel", "python", "lib64", "share", "script", "scripts", "atb", "Ascend-DMI", "tools")
_TREES = ("ascend-toolkit", "nnae", "nnrt", "tfplugin", "nnal", "cann-*")


def uninstall(run: CannRun) -> None:
    """Remove the package and say so. What others put below its folder stays."""
    run.session.reach("begin")
    placed = run.place()
    if run.package.part in {"kernels", "ops"}:
        _remove_operators(run, placed)
    else:
        remove_version(run, placed.base)
    run.session.reach("end")
    new = run.package.layout == NEW_LAYOUT
    run.say(f"{run.tag if new else run.package.stem} uninstall success")


def _remove_operators(run: CannRun, placed: Placement) -> None:
    for path in (placed.info, placed.uninstaller, f"{placed.base}/opp_kernel"):
        remove(run.node, path)
    run.session.reach("files")
    remove(run.node, f"{placed.base}/{KERNEL_FOLDER}/{kernel_folder(run)}")
    remove_if_empty(run.node, f"{placed.base}/{KERNEL_FOLDER}")
    for component in run.package.components:
        remove(run.node, f"{placed.base}/share/info/{component.directory}")


def remove_version(run: CannRun, base: str) -> None:
    """Remove all that packages wrote into the version folder ``base``, operators included, and its links.

    The info file goes first: whatever happens then, the version does not count as installed any more.
    """
    placed = run.place()
    remove(run.node, f"{base}{placed.info[len(placed.base) :]}")
    run.session.reach("files")
    components = installed.components_in(run.node, base)
    own = [placed.info, placed.uninstaller, placed.whole_uninstaller, placed.set_env]
    own_names = [path[len(placed.base) + 1 :] for path in own if path.startswith(f"{placed.base}/")]
    for name in (*_LOOSE, *components, f"{run.arch}-linux", *own_names):
        remove(run.node, f"{base}/{name}")
    remove_if_empty(run.node, base)
    run.session.reach("scripts")
    _settle_links(run, placed)
    trees = ("toolbox",) if run.package.part == "toolbox" else _TREES
    if not any(any(run.node.path(run.root).glob(tree)) for tree in trees):
        remove(run.node, run.record_file)


def _settle_links(run: CannRun, placed: Placement) -> None:
    """Let no link dangle: up to 8.3 it goes to the highest version that is left, from 8.5 on it goes away."""
    vanishes = run.package.layout == NEW_LAYOUT and run.package.part != "nnal"
    left = [] if vanishes else _versions(run, placed)
    for path, target in placed.links.items():
        found = run.node.path(path)
        if not found.is_symlink() or found.exists():
            continue
        if left:
            link(run.node, path, target.replace(run.package.version, left[-1]))
        else:
            remove(run.node, path)
    if vanishes:
        remove_if_empty(run.node, f"{run.root}/ascend-toolkit")
    else:
        _settle_tree(run, placed)


def _settle_tree(run: CannRun, placed: Placement) -> None:
    remove(run.node, placed.uninstaller)
    if not _versions(run, placed):
        if not run.node.path(placed.set_env).is_symlink():
            remove(run.node, placed.set_env)
        remove_if_empty(run.node, placed.tree)
    if run.package.part == "nnal":
        remove_if_empty(run.node, placed.tree.rsplit("/", 1)[0])


def _versions(run: CannRun, placed: Placement) -> list[str]:
    """Return the complete versions of the package that are left, the highest one last."""
    tree = run.node.path(placed.tree)
    info = placed.info[len(placed.base) :]
    folders = [one for one in tree.iterdir() if not one.is_symlink()] if tree.is_dir() else []
    names = [one.name for one in folders if run.node.path(f"{placed.tree}/{one.name}{info}").is_file()]
    return sorted(names, key=lambda name: (version_numbers(name), name))

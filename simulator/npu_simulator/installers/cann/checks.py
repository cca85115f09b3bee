# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CANN package refuses before it touches the node (packages-and-versions.md 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers import system
from npu_simulator.installers.cann.options import HOSTS, WHITELIST
from npu_simulator.installers.cann.placement import NEW_LAYOUT

if TYPE_CHECKING:
    from npu_simulator.installers.cann.run import CannRun

EULA = "Release date: November,9th 2023Do you accept the EULA to install CANN?[Y/N]"
PERMISSION = "the given dir, or its parents, permission is invalid."
_FREE_PATH_FROM = (8, 2)  # since 8.2.RC1 another path resets the record


def check_call(run: CannRun) -> None:
    """Refuse wrong arguments, a wrong machine, a wrong path and an unaccepted licence."""
    options = run.options
    wrong = options.unknown or _wrong_value(run)
    if wrong or not options.action:
        wrong = wrong or " ".join(options.actions) or "none"
        raise run.refuse(f"ERR_NO:0x0004;ERR_DES:Unrecognized parameters: {wrong}.")  # inferred
    if options.installs:
        _check_arch(run)
        _check_record(run)
        check_path(run)
        _check_space(run)
        _ask_licence(run)


def _wrong_value(run: CannRun) -> str:
    options = run.options
    if options.whitelist and run.package.layout == NEW_LAYOUT and options.whitelist not in WHITELIST:
        return f"--whitelist={options.whitelist}"
    host = options.values.get("type", "toolkit")
    return "" if host in HOSTS else f"--type={host}"


def _check_arch(run: CannRun) -> None:
    wanted = run.package.arch
    if wanted is not None and wanted != run.arch:  # text: hicann/runtime, inferred for the outer package
        text = "the architecture of the run package is inconsistent with that of the current environment."
        raise run.refuse(f"ERR_NO:0x0001;ERR_DES:{text}")


def _check_record(run: CannRun) -> None:
    """Refuse another path than the recorded one, as releases before 8.2.RC1 do."""
    recorded = run.recorded_root
    if recorded and run.root != recorded and version_numbers(run.package.version) < _FREE_PATH_FROM:
        raise run.refuse(f"{run.record_file} exists ! 'install-path' parameter are not supported.")


def check_path(run: CannRun) -> None:
    """Refuse a path that belongs to somebody else, or that others may not search when they should."""
    parent = run.root
    while not run.node.path(parent).is_dir():
        parent = parent.rsplit("/", 1)[0] or "/"
    if run.node.is_root:
        wrong = system.foreign_folder(run.node, parent)
        wrong = wrong or system.closed_folder(run.node, parent, run.folder_mode)
    else:
        wrong = not system.may_write(run.node, parent)
    if wrong:
        raise run.refuse(PERMISSION)


def _check_space(run: CannRun) -> None:
    if run.session.struck("read_only") is not None:
        run.session.complain(f"mkdir: cannot create directory '{run.place().base}': Read-only file system")
        raise run.refuse(f"create {run.place().base} fail !")  # text: the 8.5 scripts' make_dir


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: 8.2.RC1 -> (8, 2)."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


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

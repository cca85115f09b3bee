# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of packages as data: how each is installed, what proves it, and what it stands on.

This module util is private to the collection and may change at any time. It is pure.
Sources: the vendor's installation guides of CANN 6.0.1 to 9.0, Ascend/mind-cluster run_main.sh
(docker_runtime), ascend-deployer 26.0.0, transcripts of driver 25.5.1.
"""

from __future__ import annotations

from dataclasses import dataclass

QUIET = "--quiet"  # no questions, and for the vendor's packages: the licence is accepted
_INSTALL = ("--install", QUIET)
_DEVEL = ("--devel", QUIET)
_FULL = ("--full", QUIET)
_UPGRADE = ("--upgrade", QUIET)


@dataclass(frozen=True)
class Kind:
    """One kind of package.

    ``first`` are the arguments of an installation, ``devel`` those with the static libraries, ``change``
    those that lead a complete installation to another version (without them ``first`` do that, too).
    ``takes`` names the options of the module that become further arguments, in this order. ``seconds`` is the
    time that one run may take. ``grows`` is how many times the package's size its files take on the disk
    (estimated from CANN 8.0: 2 GB become 6 GB). ``needs`` are the kinds of the same version of which one must
    be there first, ``of_any_version`` says that any version of them will do. ``proof`` is the file with the
    version, in words.
    """

    first: tuple[str, ...]
    takes: tuple[str, ...]
    seconds: int
    proof: str
    devel: tuple[str, ...] | None = None
    change: tuple[str, ...] | None = None
    needs: tuple[str, ...] = ()
    of_any_version: bool = False
    grows: int = 3
    licence: bool = True
    self_check: bool = True  # knows --check
    says_version: bool = False  # knows --version, and says it in a line "<kind> version :<version>"
    board: bool = False  # effective after a reboot, status 2 says so
    side_by_side: bool = False  # several versions on one node
    linked: bool = False  # one of its versions is in use, by a link
    of_a_chip: bool = False
    root_only: bool = False
    sourced: bool = False  # wants the environment of CANN (set_env.sh)
    remove: tuple[str, ...] | None = ()  # the words for its uninstaller; none at all: it has no uninstaller


KINDS: dict[str, Kind] = {
    "driver": Kind(
        first=_FULL,
        change=_UPGRADE,  # keeps path and users of the first installation, and refuses words for them
        takes=("for_all", "user", "elsewhere"),
        seconds=1800,
        proof="driver/version.info",
        says_version=True,
        board=True,
        root_only=True,
        remove=(QUIET,),
    ),
    "firmware": Kind(
        first=_FULL,
        change=_UPGRADE,
        takes=(),
        seconds=1800,
        proof="firmware/version.info",
        board=True,
        root_only=True,
        remove=(QUIET,),
    ),
    "toolkit": Kind(
        first=_INSTALL,
        devel=_DEVEL,
        takes=("for_all", "path", "whitelist"),
        seconds=3600,
        proof="ascend_toolkit_install.info",
        side_by_side=True,
        linked=True,
    ),
    "kernels": Kind(
        first=_INSTALL,
        devel=_DEVEL,
        takes=("for_all", "elsewhere"),
        seconds=3600,
        proof="version.info of the kernels",
        side_by_side=True,
        of_a_chip=True,
        needs=("toolkit", "nnae", "nnrt"),
    ),
    "ops": Kind(
        first=_INSTALL,
        devel=_DEVEL,
        takes=("for_all", "elsewhere"),
        seconds=3600,
        proof="ascend_ops_install.info",
        side_by_side=True,
        of_a_chip=True,
        needs=("toolkit",),
    ),
    "nnae": Kind(
        first=_INSTALL,
        takes=("for_all", "path"),
        seconds=3600,
        proof="ascend_nnae_install.info",
        side_by_side=True,
        linked=True,
    ),
    "nnrt": Kind(
        first=_INSTALL,
        devel=_DEVEL,
        takes=("for_all", "path"),
        seconds=1800,
        proof="ascend_nnrt_install.info",
        side_by_side=True,
        linked=True,
    ),
    "nnal": Kind(
        first=_INSTALL,
        takes=("for_all", "elsewhere"),
        seconds=1800,
        proof="version.info of nnal/atb",
        side_by_side=True,
        linked=True,
        needs=("toolkit", "nnae"),
        of_any_version=True,
        sourced=True,
    ),
    "tfplugin": Kind(
        first=_INSTALL,
        takes=("for_all", "elsewhere"),
        seconds=900,
        proof="ascend_tfplugin_install.info",
        side_by_side=True,
        linked=True,
    ),
    "toolbox": Kind(
        first=_INSTALL,
        takes=("for_all", "elsewhere"),
        seconds=900,
        proof="ascend_toolbox_install.info",
        side_by_side=True,
        linked=True,
    ),
    "docker_runtime": Kind(
        first=_INSTALL,
        change=_UPGRADE,
        takes=("elsewhere", "scene", "injection"),
        self_check=False,  # whether its --check knows more than the archive's own is not known
        seconds=900,
        proof="Ascend-Docker-Runtime/ascend_docker_runtime_install.info",
        root_only=True,
    ),
    "conda": Kind(
        first=("-b", "-u"),  # without questions, over what is there
        takes=("prefix",),
        seconds=1800,
        proof="conda-meta",
        licence=False,
        self_check=False,
        remove=None,
    ),
}

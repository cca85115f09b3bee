# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One package on this node from the question to the proof: read, judge, fetch, prove, run, read again.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import os
import shlex
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, ModuleRunner
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step, UnsettledError, converge
from ansible_collections.ascend.fleet.plugins.module_utils._package_archive import (
    is_archive,
    unpack,
    verify_signature,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_ground import (
    lacks_base,
    problems,
    read_ground,
    recorded_path,
    usual_path,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_kinds import KINDS
from ansible_collections.ascend.fleet.plugins.module_utils._package_run import (
    LoggedPackage,
    PackageError,
    package_on_node,
    private_directory,
    verify_checksum,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import (
    SourceError,
    check_file_name,
    missing_package,
    parse_source,
)
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import read_conda
from ansible_collections.ascend.fleet.plugins.module_utils._run_package import (
    ABSENT,
    CHECK,
    VERSION,
    Found,
    Wanted,
    evidence,
    find,
    goal,
    plan,
    reboot_needed,
    said_version,
    same,
    successes,
)
from ansible_collections.ascend.fleet.plugins.module_utils._software import read_software
from ansible_collections.ascend.fleet.plugins.module_utils._software_cann import uninstallers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible.module_utils.basic import AnsibleModule
    from ansible_collections.ascend.fleet.plugins.module_utils._converge import Outcome

ROOT = "/"
LOGS = "var/log/ascend_fleet"
NO_LICENCE = (
    "licence_accepted: found no word on the vendor's licence, wanted true; --quiet accepts the licence "
    "(EULA) of the package in your name: read it, then add `npu_fleet_licence_accepted: true` to the "
    "inventory"
)
# The environment of CANN for a package that wants it; set_env.sh is written for bash.
SOURCED = '. "$0" >/dev/null && exec bash "$@"'
# conda brings its own Python, which must not see that of a session; what root installs is for all users.
APART = (
    "unset PYTHONPATH PYTHONHOME; export PYTHONNOUSERSITE=1; "
    '[ "$(id -u)" -ne 0 ] || umask 022; exec bash "$0" "$@"'
)


class Installation:
    """What is to happen with one package on this node."""

    def __init__(self, module: AnsibleModule) -> None:
        """Take the options; raises SourceError for a package that cannot be meant for this node."""
        self.module, self.options = module, module.params
        self.wanted = wanted_of(self.options)
        given = self.options["timeout"]
        self.timeout: int = self.wanted.row.seconds if given is None else given
        self.log = self.options["log"] or default_log(self.options["file"] or f"{self.wanted.kind}-uninstall")
        self.asked_only: bool = module.check_mode or (
            self.options["package"] is None and self.wanted.state != ABSENT
        )
        self.reboot_required = False
        self.proven: dict[str, Any] = {"sha256": None, "signature": None}
        self.package: LoggedPackage | None = None

    def settle(self) -> Outcome[Found]:
        """Lead the node to what is wanted; without a package, or in check mode, only say the way."""
        before = self.read()
        if plan(self.wanted, before):
            self.judge()
        try:
            outcome = converge(self.read, partial(plan, self.wanted), self.apply, self.asked_only)
        except UnsettledError as error:
            if self.package is None:
                raise
            raise self.failed(self.package.failure(self.disbelief()), before) from error
        except PackageError as error:
            raise self.failed(error, before) from error
        if self.asked_only and outcome.changed:
            self.reboot_required = self.wanted.row.board
        return outcome

    def read(self) -> Found:
        """Read what the version files say about this kind of software."""
        path = self.wanted.install_path
        if self.wanted.kind == "conda":
            conda = read_conda(path)
            return find(self.wanted, {"conda": conda})
        return find(self.wanted, read_software(ROOT, path))

    def judge(self) -> None:
        """Refuse before anything is moved what is known to fail, all of it at once."""
        found = [] if self.wanted.kind == "conda" else list(self._problems())
        if self.wanted.state != ABSENT and self.wanted.row.licence and not self.options["licence_accepted"]:
            found.append(NO_LICENCE)
        if len(found) > 1:
            raise SourceError(
                f"{len(found)} problems, nothing was touched:" + "".join(f"\n- {one}" for one in found)
            )
        if found:
            raise SourceError(found[0])

    def _problems(self) -> Iterator[str]:
        software = read_software(ROOT, self.wanted.install_path)
        ground = read_ground(ROOT, self.wanted, self.options["temporary_directory"], software["environment"])
        if self.wanted.state == ABSENT:
            if not self.scripts():
                yield no_uninstaller(self.wanted, self.read())
            return
        size = self.size()
        yield from problems(self.wanted, ground, software, size)
        if not self.module.check_mode:
            yield from lacks_base(self.wanted, software)

    def size(self) -> int | None:
        """Return the size of the package in bytes when it is known; raises CliError when it is not there."""
        source = parse_source(self.options["source"])
        if source.kind == "node":
            require_file(source.place, self.options["file"])
            return os.path.getsize(source.location(self.options["file"]))
        size: int | None = self.options["package_size"]
        return size

    def scripts(self) -> list[str]:
        """Return the uninstallers of what is installed."""
        found = self.read()
        if found.path is None:
            return []
        if self.wanted.row.board:
            script = f"{found.path}/script/uninstall.sh"
            return [script] if os.path.isfile(f"{ROOT}{script}") else []
        return uninstallers(ROOT, {"part": self.wanted.kind, "path": found.path})

    def apply(self, step: Step) -> None:
        """Bring the package here, prove it, check it, run it; or run what removes it."""
        if self.wanted.state == ABSENT:
            script = self.scripts()[0]
            self.package = package = self.logged(f"{ROOT.rstrip('/')}{script}")
            result = package.must(successes(self.wanted.kind), *(self.wanted.row.remove or ()))
        else:
            with self.fetched() as path:
                self.package = package = self.logged(path)
                self.check(package)
                result = package.must(successes(self.wanted.kind), *step.args)
        self.reboot_required = reboot_needed(self.wanted, result.status, result.stdout)

    def logged(self, path: str) -> LoggedPackage:
        """Return the package, or an uninstaller, as it is run here."""
        return LoggedPackage(
            runner=ModuleRunner(self.module, "sh"),
            path=path,
            log=self.log,
            temporary_directory=self.options["temporary_directory"],
            timeout=self.timeout,
            before=self.environment(),
        )

    def environment(self) -> tuple[str, ...]:
        """Return the words before the package, for one that wants CANN's environment or none of Python."""
        if self.wanted.kind == "conda":
            return ("-c", APART)
        if not self.wanted.row.sourced or self.wanted.state == ABSENT:
            return ()
        path = self.wanted.install_path
        latest = read_software(ROOT, path)["cann_latest"]
        places = [f"cann-{latest}", "ascend-toolkit", "cann", "nnae"]
        for script in (f"{ROOT.rstrip('/')}{path}/{place}/set_env.sh" for place in places):
            if os.path.isfile(script):
                return ("-c", SOURCED, script)
        raise CliError(
            f"{self.wanted.name}: found no set_env.sh below {path}, wanted that of CANN; install CANN first"
        )

    @contextmanager
    def fetched(self) -> Iterator[str]:
        """Give the path of the package, proven by checksum and signature as far as those are known."""
        with package_on_node(self.module, self.options["package"]) as path:
            verify_checksum(self.module, path, self.options["sha256"])
            self.proven["sha256"] = self.options["sha256"]
            if not is_archive(path):
                yield path
                return
            with private_directory(self.options["temporary_directory"]) as folder:
                package, signature = unpack(path, self.wanted.kind, self.options["member"], folder)
                self.prove(package, signature, folder)
                yield package

    def prove(self, package: str, signature: str | None, folder: str) -> None:
        """Check the signature when certificates are given."""
        certificates = self.options["ca_certificates"]
        if certificates is None:
            self.proven["signature"] = "not checked, because there is no ca_file" if signature else "none"
            return
        authority = os.path.join(folder, "ca.pem")
        with open(authority, "w", encoding="ascii") as file:
            file.write(certificates)
        verify_signature(ModuleRunner(self.module, "openssl"), package, signature, authority)
        self.proven["signature"] = "verified"

    def check(self, package: LoggedPackage) -> None:
        """Let the package check itself and say which version it holds, as far as it can."""
        row = self.wanted.row
        if row.self_check:
            package.must({0}, CHECK)
        if row.says_version:
            result = package.must({0}, VERSION)
            said = said_version(self.wanted.kind, result.stdout)
            if said is None or not same(said, self.wanted.version):
                raise package.failure(
                    f"found a package that says it holds {self.wanted.kind} {said}, wanted "
                    f"{self.wanted.name}; nothing was installed"
                )

    def disbelief(self) -> str:
        """Return the sentence for a package that claims success while the version files say otherwise."""
        status = self.package.result.status if self.package else None
        return (
            f"exit status {status}, which claims success, but {evidence(self.wanted)} says otherwise: "
            f"found {self.read()}, wanted {goal(self.wanted)}"
        )

    def failed(self, error: PackageError, before: Found) -> PackageError:
        """Add to a failure what the node has now: the version from before, or what is missing."""
        now = self.read()
        kept = "as before" if now == before else f"before it was {before}"
        lack = "" if now.complete else f"; {evidence(self.wanted)} or a file that belongs to it is missing"
        error.message += f"\nThe node has now: {self.wanted.kind} {now} ({kept}){lack}."
        return error


def wanted_of(options: dict[str, Any]) -> Wanted:
    """Return what the options ask for; raises SourceError when that cannot be meant for this node."""
    machine = os.uname().machine
    check_meant(options, machine)
    uid = os.geteuid()
    usual = recorded_path(ROOT, uid)[0] or usual_path(uid)
    names = (
        *("kind", "version", "state", "chip", "install_for_all", "devel"),
        *("whitelist", "scene", "injection_mode", "user", "group"),
    )
    return Wanted(
        arch=machine,
        install_path=options["install_path"] or usual_path(uid),
        usual_path=usual if options["kind"] not in ("driver", "docker_runtime") else usual_path(uid),
        **{name: options[name] for name in names},
    )


def check_meant(options: dict[str, Any], machine: str) -> None:
    """Raise SourceError for a file, a version or a path that this node or this kind cannot have."""
    kind, state = options["kind"], options["state"]
    if state != ABSENT:
        check_file_name(options["file"], machine)
        parse_source(options["source"])
    if options["arch"] not in (None, machine):
        raise SourceError(
            f"arch: found a node with {machine}, wanted {options['arch']}; correct arch or file"
        )
    if KINDS[kind].of_a_chip and state != ABSENT and not options["chip"]:
        raise SourceError(f"chip: found none, wanted the chip whose {kind} are meant, such as 910b; set it")
    free = kind == "conda" or (state == ABSENT and kind in ("driver", "firmware", "docker_runtime"))
    if not free and not options["version"]:
        raise SourceError("version: found none, wanted the version that the node shall have; set it")
    if kind == "conda" and state == ABSENT:
        raise SourceError(
            "state: found absent, wanted present for conda; it has no uninstaller, remove its directory"
        )
    if kind == "conda" and options["install_path"] is None:
        raise SourceError("install_path: found none, wanted a directory for conda; set it")


def default_log(file: str) -> str:
    """Return the log of a package: of the node for root, in the own home for others."""
    home = "" if os.geteuid() == 0 else os.path.expanduser("~")
    return f"{home}/{LOGS}/{file}.log"


def no_uninstaller(wanted: Wanted, found: Found) -> str:
    """Return the sentence for something that cannot be removed because its own uninstaller is gone."""
    return (
        f"{wanted.name}: found {found} at {found.path} without its uninstaller, wanted that script; install "
        "the package again, then remove it. Nothing is deleted by hand"
    )


def require_file(directory: str, file: str) -> None:
    """Raise SourceError when ``file`` is not in ``directory`` of this node."""
    if not os.path.isfile(os.path.join(directory, file)):
        names = os.listdir(directory) if os.path.isdir(directory) else []
        raise SourceError(missing_package(f"{directory} on the node", file, names))


def answer(installation: Installation, outcome: Outcome[Found]) -> dict[str, Any]:
    """Return the result of the module."""
    wanted, before = installation.wanted, outcome.before
    after = goal(wanted) if installation.asked_only and outcome.changed else outcome.after
    words = [(installation.options["file"] or "uninstall.sh", *step.args) for step in outcome.steps]
    return {
        "changed": outcome.changed,
        "actions": outcome.actions,
        "command": shlex.join(words[0]) if words else None,
        "reboot_required": installation.reboot_required,
        "version_before": version_of(wanted, before),
        "version_after": version_of(wanted, after),
        "proven": installation.proven,
        "diff": {"before": {wanted.kind: before.as_diff()}, "after": {wanted.kind: after.as_diff()}},
        "log": installation.log,
    }


def version_of(wanted: Wanted, found: Found) -> str | None:
    """Return the version that a reader wants to see: the one in use, where versions lie side by side."""
    return found.in_use if wanted.kind == "toolkit" and wanted.state != ABSENT else found.version

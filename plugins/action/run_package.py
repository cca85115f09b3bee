# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a vendor package to the node, but only after the module said that it is needed."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import (
    TEMPORARY_DIRECTORY,
    Source,
    SourceError,
    missing_package,
    parse_sources,
    size_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE = "ascend.fleet.run_package"
display = Display()


class ActionModule(ActionBase):
    """Ask the module, bring the package, let the module install it."""

    chosen: Source | None = None

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result."""
        super().run(tmp, task_vars)
        self.task_vars = task_vars or {}
        args = self._task.args
        if args.get("state") == "absent" or not (args.get("file") and args.get("source")):
            return self.with_logs(self.module(package=None))
        file, (source, *others) = str(args["file"]), self.sources()
        self.chosen = source
        plan = self.module(package=None, **self.known(source, file))
        if plan.get("failed") or not plan.get("changed"):
            return plan
        if source.kind == "directory":
            require_package(source, file)
        return (
            plan
            if self._task.check_mode
            else self.with_logs(self.install_from_any([source, *others], file, plan["command"]))
        )

    def module(self, **arguments: Any) -> dict[str, Any]:
        """Run the module on the node with the task's arguments and these."""
        place = {"source": str(self.chosen)} if self.chosen else {}
        result: dict[str, Any] = self._execute_module(
            module_name=MODULE,
            module_args={**self._task.args, **place, **arguments},
            task_vars=self.task_vars,
        )
        return result

    def sources(self) -> list[Source]:
        """Return where the packages are, directories of the controller with their full paths."""
        try:
            sources = parse_sources(str(self._task.args["source"]))
        except SourceError as error:
            raise AnsibleActionFail(str(error)) from error
        return [
            Source(source.kind, self._loader.path_dwim(source.place))
            if source.kind == "directory"
            else source
            for source in sources
        ]

    def install_from_any(self, sources: list[Source], file: str, command: str) -> dict[str, Any]:
        """Install the package from the first source; from the next one when a mirror does not give it."""
        result: dict[str, Any] = {}
        for number, source in enumerate(sources):
            self.chosen = source
            if source.kind == "directory":
                require_package(source, file)
            result = self.install(source, file, command)
            if not result.get("source_lost") or number + 1 == len(sources):
                break
            display.warning(
                f"{self.host}: {result['msg']}. Taking {file} from {sources[number + 1].shown} instead"
            )
        return result

    def known(self, source: Source, file: str) -> dict[str, Any]:
        """Return what only the controller knows: the package's size and the root certificates."""
        location = source.location(file)
        known: dict[str, Any] = {}
        if source.kind == "directory" and os.path.isfile(location):
            known["package_size"] = os.path.getsize(location)
        if self._task.args.get("ca_file"):
            known["ca_certificates"] = self.certificates(str(self._task.args["ca_file"]))
        return known

    def certificates(self, path: str) -> str:
        """Return the PEM certificates in a file of the controller."""
        full = self._loader.path_dwim(path)
        try:
            with open(full, encoding="ascii") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise AnsibleActionFail(f"ca_file: {full} cannot be read ({error}); name a PEM file") from error
        if "-----BEGIN CERTIFICATE-----" not in text:
            raise AnsibleActionFail(
                f"ca_file: found no certificate in {full}, wanted the vendor's root certificates as PEM; "
                "convert them with openssl x509"
            )
        return text

    def with_logs(self, result: dict[str, Any]) -> dict[str, Any]:
        """Fetch the full logs of a failure to the controller when that was asked for."""
        place = self._task.args.get("logs_to")
        if not result.get("failed") or not result.get("logs") or not place:
            return result
        folder = os.path.join(self._loader.path_dwim(str(place)), self.host)
        os.makedirs(folder, exist_ok=True)
        fetched = [self.fetched(log, folder) for log in result["logs"]]
        return {**result, "logs_fetched": [path for path in fetched if path]}

    def fetched(self, log: str, folder: str) -> str | None:
        """Write a file of the node, read with the task's own rights, into ``folder``; return its path."""
        read = self._execute_module(
            module_name="ansible.builtin.slurp", module_args={"src": log}, task_vars=self.task_vars
        )
        target = os.path.join(folder, os.path.basename(log))
        if read.get("failed"):
            display.warning(f"{self.host}: {log} could not be fetched: {read.get('msg')}")
            return None
        with open(target, "wb") as file:
            file.write(base64.b64decode(read["content"]))
        return target

    def install(self, source: Source, file: str, command: str) -> dict[str, Any]:
        """Let the module install the package from where it is, or from where it was brought to."""
        location = source.location(file)
        if source.kind != "directory":
            return self.install_from(location, command)
        checksum = self._task.args.get("sha256") or sha256(location)
        with self.package_on_node(location) as path:
            return self.install_from(path, command, sha256=checksum)

    def install_from(self, package: str, command: str, **arguments: Any) -> dict[str, Any]:
        """Run the module with the package and say how long it took."""
        arguments = {
            **(self.known(self.chosen, str(self._task.args["file"])) if self.chosen else {}),
            **arguments,
        }
        self.say(f"running {command}")
        start = time.monotonic()
        result = self.module(package=package, **arguments)
        outcome = "failed after" if result.get("failed") else "done in"
        self.say(f"{outcome} {time.monotonic() - start:.0f} s")
        return result

    @contextmanager
    def package_on_node(self, location: str) -> Iterator[str]:
        """Copy the file ``location`` of the controller to the node, give its path there, and remove it."""
        file = os.path.basename(location)
        directory = self.make_directory(
            str(self._task.args.get("temporary_directory") or TEMPORARY_DIRECTORY)
        )
        try:
            self.say(f"copying {file} ({size_in_words(os.path.getsize(location))})")
            path = self._connection._shell.join_path(directory, file)
            self._transfer_file(location, path)
            self.let_owner_read(directory, path)
            yield path
        finally:
            self.remove_directory(directory)

    def make_directory(self, parent: str) -> str:
        """Make a directory on the node that only the user of the connection may enter."""
        made = self._low_level_execute_command(
            f"mktemp -d {shlex.quote(f'{parent}/ascend-fleet-XXXXXXXX')}", sudoable=False
        )
        if made["rc"] != 0:
            raise AnsibleActionFail(
                f"temporary_directory: the user of the connection cannot write to {parent} "
                f"({made['stderr'].strip()}); let that user write there"
            )
        return str(made["stdout"].strip().splitlines()[-1])

    def let_owner_read(self, directory: str, path: str) -> None:
        """Let a user other than root, who is to own what is installed, read the package; write it may nobody.

        Ansible's own way wants access control lists (setfacl), which small systems lack.
        """
        if not self._is_become_unprivileged():
            return
        order = f"chmod 0711 {shlex.quote(directory)} && chmod 0644 {shlex.quote(path)}"
        opened = self._low_level_execute_command(order, sudoable=False)
        if opened["rc"] != 0:
            raise AnsibleActionFail(
                f"{path}: found no way to let {self.get_become_option('become_user')} read it "
                f"({opened['stderr'].strip()}), wanted it readable; see that its file system knows chmod"
            )

    def remove_directory(self, directory: str) -> None:
        """Remove the directory of the package; a rest of it is worth a warning."""
        removed = self._low_level_execute_command(f"rm -rf {shlex.quote(directory)}", sudoable=False)
        if removed["rc"] != 0:
            display.warning(f"{self.host}: {directory} could not be removed: {removed['stderr'].strip()}")

    @property
    def host(self) -> str:
        """Return the host's name in the inventory."""
        return str(self.task_vars["inventory_hostname"])

    def say(self, text: str) -> None:
        """Show a line of progress."""
        display.display(f"{self.host}: {text}")


def require_package(source: Source, file: str) -> None:
    """Raise AnsibleActionFail when the controller's directory does not hold ``file``."""
    if os.path.isfile(source.location(file)):
        return
    if not os.path.isdir(source.place):
        raise AnsibleActionFail(
            f"source: found no directory {source.place} on the controller, wanted the one that holds {file}; "
            "correct source, or put the packages there"
        )
    place = f"{source.place} on the controller"
    raise AnsibleActionFail(missing_package(place, file, os.listdir(source.place)))


def sha256(path: str) -> str:
    """Return the sha256 of a file of the controller."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()

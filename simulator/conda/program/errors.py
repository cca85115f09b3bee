# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of conda 25.11, with its names, words and exit statuses (conda/exceptions.py)."""

from __future__ import annotations

from typing import Any, Iterable


class CondaError(Exception):
    """Something that conda refuses. It prints its own ``name``, which not always ends like ours."""

    name = "CondaError"
    status = 1

    def __init__(self, message: str, **facts: Any) -> None:
        """Keep the message and what ``--json`` says besides."""
        super().__init__(message)
        self.facts = facts

    @property
    def text(self) -> str:
        """Return what conda writes to stderr."""
        return f"\n{self.name}: {self}\n\n"

    @property
    def content(self) -> dict[str, Any]:
        """Return what conda writes to stdout when it was called with ``--json``."""
        return {
            **self.facts,
            "caused_by": "None",
            "error": f"{self.name}: {self}",
            "exception_name": self.name,
            "exception_type": f"<class 'conda.exceptions.{self.name}'>",
            "message": str(self),
        }


class ArgumentError(CondaError):
    """Arguments that do not go together."""

    name = "ArgumentError"
    status = 2


class CondaValueError(CondaError):
    """An argument with a value that cannot be."""

    name = "CondaValueError"


class CondaEnvironmentError(CondaError):
    """An environment with which this cannot be done."""

    name = "CondaEnvironmentError"


class InvalidSpecificationError(CondaError):
    """A package specification that cannot be read."""

    name = "InvalidMatchSpec"


class DeclinedError(CondaError):
    """The user said no."""

    name = "CondaSystemExit"
    status = 0

    def __init__(self) -> None:
        """Say what conda says."""
        super().__init__("Exiting.")


class DryRunError(CondaError):
    """The end of a ``--dry-run``."""

    name = "DryRunExit"
    status = 0

    def __init__(self) -> None:
        """Say what conda says."""
        super().__init__("Dry run. Exiting.")


class NoEnvironmentError(CondaError):
    """There is no environment in this folder."""

    name = "EnvironmentLocationNotFound"

    def __init__(self, location: str) -> None:
        """Name the folder."""
        super().__init__(f"Not a conda environment: {location}", location=location)


class NotAnEnvironmentError(CondaError):
    """There is a folder, but it is no environment."""

    name = "DirectoryNotACondaEnvironmentError"

    def __init__(self, directory: str) -> None:
        """Name the folder."""
        super().__init__(
            "The target directory exists, but it is not a conda environment.\n"
            "Use 'conda create' to convert the directory to a conda environment.\n"
            f"  target directory: {directory}\n",
            target_directory=directory,
        )


class NotWritableError(CondaError):
    """The user may not write where conda has to."""

    name = "NotWritableError"

    def __init__(self, path: str, uid: int, gid: int) -> None:
        """Name the path and the user."""
        super().__init__(
            "The current user does not have write permissions to a required path.\n"
            f"  path: {path}\n  uid: {uid}\n  gid: {gid}\n\n"
            "If you feel that permissions on this path are set incorrectly, you can manually\n"
            f"change them by executing\n\n  $ sudo chown {uid}:{gid} {path}\n\n"
            "In general, it's not advisable to use 'sudo conda'.\n",
            path=path,
            uid=uid,
            gid=gid,
        )


class InvalidChannelError(CondaError):
    """A channel that gives no index (conda/conda issue 8612, in the words of newer versions)."""

    name = "UnavailableInvalidChannel"

    def __init__(self, channel: str, url: str, status: int = 404, reason: str = "not found") -> None:
        """Name the channel."""
        super().__init__(
            f"HTTP {status} {reason.upper()} for channel {channel} <{url}>\n\n"
            "The channel is not accessible or is invalid.\n\n"
            "You will need to adjust your conda configuration to proceed.\n"
            "Use `conda config --show channels` to view your configuration's current state,\n"
            "and use `conda config --show-sources` to view config file locations.\n",
            channel_name=channel,
            channel_url=url,
            error_code=status,
        )


class PackagesNotFoundError(CondaError):
    """No channel has such packages. The real one goes on with an advice to search the web."""

    name = "PackagesNotFoundError"

    def __init__(self, packages: Iterable[str], channels: Iterable[str]) -> None:
        """Name the specifications that nothing fits, and the channels that were asked."""
        wanted, asked = list(packages), list(channels)
        super().__init__(
            "The following packages are not available from current channels:\n\n"
            + "".join(f"  - {one}\n" for one in wanted)
            + "\nCurrent channels:\n\n"
            + "".join(f"  - {one}\n" for one in asked),
            packages=wanted,
            channel_urls=asked,
        )

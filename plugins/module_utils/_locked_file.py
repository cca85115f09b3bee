# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and edit a file that another program locks with flock, as hccn_tool does with /etc/hccn.conf.

The edit is made in place, so that the lock, the mode, the owner and a symbolic link stay what they are.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCK_TIMEOUT = 30  # seconds
_PAUSE = 0.1  # seconds between two tries to get the lock
_ENCODING = "utf-8"
_ERRORS = "surrogateescape"  # a comment may be in any encoding; it comes out as it went in


def read_locked(path: str) -> str | None:
    """Return the file's text, line ends as they stand, or None when there is no such file; raise CliError."""
    try:
        with _locked(path, os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
            return _content(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _cannot("read", path, error) from error


def edit_locked(path: str, edit: Callable[[str], str]) -> None:
    """Replace the file's text by ``edit`` of it, in one write under the lock; raise CliError."""
    try:
        with _locked(path, os.O_RDWR, fcntl.LOCK_EX) as descriptor:
            old = _content(descriptor)
            new = edit(old)
            if new != old:
                _overwrite(descriptor, new.encode(_ENCODING, _ERRORS))
    except OSError as error:
        raise _cannot("edit", path, error) from error


def create_empty(path: str, mode: int) -> None:
    """Create the file, empty and with ``mode`` whatever the umask; content that is there already stays."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode)
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _cannot("create", path, error) from error


@contextmanager
def sole_holder(path: str, who: str) -> Iterator[None]:
    """Hold the lock file ``path`` and let nobody else in; raise CliError when ``who`` holds it already."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _cannot("lock", path, error) from error
    try:
        if not _taken(descriptor):
            raise CliError(
                f"found {who} at work (lock {path}), wanted none; wait until it has ended, then run again"
            )
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked(path: str, flags: int, kind: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        _lock(descriptor, kind, path)
        yield descriptor
    finally:
        os.close(descriptor)  # lets go of the lock too


def _lock(descriptor: int, kind: int, path: str) -> None:
    for _turn in range(int(LOCK_TIMEOUT / _PAUSE)):
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(_PAUSE)
    raise CliError(
        f"{path} is locked by another process for more than {LOCK_TIMEOUT} s; see `fuser -v {path}`, "
        "end what hangs, then run again"
    )


def _overwrite(descriptor: int, data: bytes) -> None:
    if os.pwrite(descriptor, data, 0) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def _content(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0).decode(_ENCODING, _ERRORS)


def _cannot(what: str, path: str, error: OSError) -> CliError:
    return CliError(
        f"cannot {what} {path}: {error.strerror}; run as root (become), and see that it is a writable file "
        "(mount options, lsattr)"
    )

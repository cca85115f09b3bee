# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that another program locks: same inode, same mode, never while the other one works on it."""

from __future__ import annotations

import fcntl
import os
import stat

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _locked_file
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._locked_file import (
    create_empty,
    edit_locked,
    read_locked,
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "hccn.conf"
    path.write_bytes(b"address_0=10.20.0.1\r\n# \xe9\n")
    path.chmod(0o640)
    return path


def test_the_text_comes_as_it_stands(file):
    assert read_locked(str(file)).encode("utf-8", "surrogateescape") == file.read_bytes()


def test_a_missing_file_is_none(tmp_path):
    assert read_locked(str(tmp_path / "none")) is None


def test_an_edit_keeps_inode_mode_link_and_foreign_bytes(file, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(file)
    before = file.stat()
    edit_locked(str(link), lambda text: text.replace("\r", ""))
    assert file.read_bytes() == b"address_0=10.20.0.1\n# \xe9\n"
    assert (file.stat().st_ino, file.stat().st_mode) == (before.st_ino, before.st_mode)
    assert link.is_symlink()


def test_an_edit_without_effect_writes_nothing(file):
    os.utime(file, (1, 1))
    edit_locked(str(file), lambda text: text)
    assert file.stat().st_mtime == 1


def test_the_lock_of_another_is_waited_for(file, monkeypatch):
    with file.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        pauses = []

        def pause(seconds):
            pauses.append(seconds)
            if len(pauses) == 3:
                fcntl.flock(other, fcntl.LOCK_UN)

        monkeypatch.setattr(_locked_file.time, "sleep", pause)
        edit_locked(str(file), lambda text: text + "mtu_0=1500\n")
    assert len(pauses) == 3
    assert file.read_bytes().endswith(b"mtu_0=1500\n")


def test_readers_do_not_wait_for_each_other(file):
    with file.open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert read_locked(str(file)).startswith("address_0")


def test_a_lock_that_never_comes_is_an_error(file, monkeypatch):
    monkeypatch.setattr(_locked_file.time, "sleep", lambda seconds: None)
    with file.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CliError, match=r"is locked by another process for more than 30 s; see `fuser -v"):
            read_locked(str(file))


def test_a_new_file_has_its_mode_whatever_the_umask(tmp_path):
    old = os.umask(0o077)
    try:
        create_empty(str(tmp_path / "new"), 0o640)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_creating_keeps_content_that_came_meanwhile(file):
    before = file.read_bytes()
    create_empty(str(file), 0o640)
    assert file.read_bytes() == before


@pytest.mark.parametrize("what", ["read", "edit", "create"])
def test_a_path_that_is_no_file_is_an_error_with_what_to_do(tmp_path, what):
    below = tmp_path / "file"
    below.write_text("")
    path = str(below / "hccn.conf")
    act = {
        "read": lambda: read_locked(path),
        "edit": lambda: edit_locked(path, str.upper),
        "create": lambda: create_empty(path, 0o640),
    }[what]
    with pytest.raises(CliError, match=rf"cannot {what} .*: Not a directory; run as root \(become\)"):
        act()

# SPDX-License-Identifier: GPL-3.0-or-later
"""The attribute that protects the driver's files, on a node whose container may set it."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest
from npu_simulator import immutable


@pytest.fixture
def flags(monkeypatch):
    """Give the flags by file name, kept by a stand-in of the kernel."""
    kept = {}

    def ioctl(descriptor, request, argument):
        name = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))
        if request == immutable._GET:
            return struct.pack("l", kept.get(name, 0x80000))
        kept[name] = struct.unpack("l", argument)[0]
        return argument

    monkeypatch.setattr(immutable.fcntl, "ioctl", ioctl)
    return kept


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "driver/tools").mkdir(parents=True)
    (tmp_path / "driver/tools/upgrade-tool").write_text("")
    (tmp_path / "driver/link").symlink_to("tools")
    return str(tmp_path / "driver")


class RealNode:
    """A node whose files are those of the machine."""

    root = ""

    def path(self, absolute):
        return Path(absolute)


def test_what_lies_in_the_folder_is_protected_and_the_folder_is_not(flags, folder):
    immutable._set(RealNode(), folder, on=True)
    assert flags == {"tools": 0x80010, "upgrade-tool": 0x80010}
    immutable._set(RealNode(), folder, on=False)
    assert flags == {"tools": 0x80000, "upgrade-tool": 0x80000}


def test_where_it_cannot_be_set_the_state_is_all_there_is(node, folder, monkeypatch):
    def ioctl(*_words):
        raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")

    monkeypatch.setattr(immutable.fcntl, "ioctl", ioctl)
    immutable._set(RealNode(), folder, on=True)
    immutable.protect(node, "/usr/local/Ascend/driver")
    assert node.read()["immutable"] == ["/usr/local/Ascend/driver"]
    immutable.release(node, "/usr/local/Ascend/driver")
    assert "immutable" not in node.read()


def test_an_old_kernel_would_keep_docker_from_removing_the_files(flags, folder, monkeypatch):
    monkeypatch.setattr(immutable.os, "uname", lambda: SimpleNamespace(release="4.19.90-24.4"))
    immutable._set(RealNode(), folder, on=True)
    assert flags == {}


def test_other_failures_are_not_hidden(folder, monkeypatch):
    def ioctl(*_words):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(immutable.fcntl, "ioctl", ioctl)
    with pytest.raises(OSError, match="Input/output error"):
        immutable._set(RealNode(), folder, on=True)

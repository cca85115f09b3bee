# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-ins of the simulated nodes declare what the real wheels declare, as far as that was read."""

from __future__ import annotations

import io
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
import yaml
from packaging.utils import parse_wheel_filename
from packaging.version import Version
from real_wheels import index
from wheels.wheelhouse import need

REAL = Path(__file__).resolve().parents[1] / "real_wheels/facts.yml"
FACTS = yaml.safe_load(REAL.read_text(encoding="utf-8"))["arm64"]


def stand_in(name):
    """Return file name and METADATA of the stand-in for Python 3.9."""
    with_python = {one.file: one for one in need(FACTS["release"]).stand_ins}
    made = next(one for file, one in with_python.items() if parse_wheel_filename(file)[:2] == name)
    made = type(made)(**{**vars(made), "python": "3.9"})
    with zipfile.ZipFile(io.BytesIO(made.content())) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return made.file, message_from_bytes(archive.read(member))


@pytest.mark.parametrize("real", FACTS["wheels"], ids=lambda real: real["name"])
def test_a_stand_in_declares_what_the_real_wheel_does(real):
    file, metadata = stand_in(parse_wheel_filename(real["file"])[:2])
    assert file == real["file"]
    assert (metadata["Name"], metadata["Version"]) == (real["name"], real["version"])
    assert metadata["Requires-Python"] == real["requires_python"]
    assert metadata.get_all("Requires-Dist", []) == real["requires"]


def test_the_tags_of_a_files_name_are_among_those_inside():
    for real in FACTS["wheels"]:
        assert {str(tag) for tag in parse_wheel_filename(real["file"])[3]} <= set(real["tags"])


def versions(*words):
    return [Version(word) for word in words]


def test_the_current_pair_is_the_newest_that_belongs_together():
    adapters = versions("2.14.0", "2.13.0", "2.12.0.post3", "2.12.0.post2")
    assert index.pair(versions("2.15.0", "2.12.1", "2.12.0"), adapters) == (
        Version("2.12.0"),
        Version("2.12.0.post3"),
    )
    assert index.pair(versions("2.14.0", "2.13.0+cpu", "2.13.0"), adapters)[0] == Version("2.13.0+cpu")
    assert index.pair(versions("2.15.0"), adapters) is None

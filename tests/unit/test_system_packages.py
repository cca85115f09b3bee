# SPDX-License-Identifier: GPL-3.0-or-later
"""The role npu_driver asks the package manager for what is missing only."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SHELL = shutil.which("sh")
WANTED = ["gcc", "dkms", "gcc-c++", "kmod"]
# Asked for a package that was removed but not purged, dpkg-query succeeds.
DPKG = """#!SHELL
for name do :; done
case $name in gcc|kmod) printf installed ;; dkms) printf config-files ;; *) exit 1 ;; esac
"""
RPM = """#!SHELL
case $2 in gcc|kmod) echo "$2-1.0" ;; *) echo "package $2 is not installed"; exit 1 ;; esac
"""


def missing(folder, **programs):
    """Run what the role runs, on a system with these programs only."""
    tasks = yaml.safe_load((ROOT / "roles/npu_driver/tasks/prepare.yml").read_text(encoding="utf-8"))
    script = tasks[0]["vars"]["__npu_driver_ask"]
    for name, text in programs.items():
        file = folder / name.replace("_", "-")
        file.write_text(text.replace("SHELL", SHELL), encoding="utf-8")
        file.chmod(0o755)
    done = subprocess.run(
        [SHELL, "-c", script, "sh", *WANTED],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("programs", "names"),
    [({"dpkg_query": DPKG}, ["dkms", "gcc-c++"]), ({"rpm": RPM}, ["dkms", "gcc-c++"]), ({}, WANTED)],
    ids=["debian", "redhat", "another"],
)
def test_only_what_is_missing_is_asked_for(tmp_path, programs, names):
    assert missing(tmp_path, **programs) == names

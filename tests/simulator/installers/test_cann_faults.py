# SPDX-License-Identifier: GPL-3.0-or-later
"""Each CANN part fails, lies, stops half-way and is cut off in the same ways, in both trees."""

from __future__ import annotations

import pytest
from npu_simulator import power

OLD_PARTS = ("toolkit", "kernels", "nnae", "nnrt", "nnal", "tfplugin", "toolbox")
NEW_PARTS = ("toolkit", "ops", "nnal", "toolbox")
CASES = [("8.3.RC1", "ascend-toolkit", part) for part in OLD_PARTS] + [
    ("8.5.0", "cann", part) for part in NEW_PARTS
]


class PowerCut(BaseException):
    """Stands for the end of everything, which no program can catch."""


@pytest.fixture(params=CASES, ids=lambda case: f"{case[2]}-{case[0]}")
def install(request, host, make_release, monkeypatch):
    """Give how to install one part of one tree, with what it needs beneath it already there."""
    version, layout, part = request.param
    release = make_release(version, layout)
    monkeypatch.setenv("ASCEND_HOME_PATH", "/usr/local/Ascend")
    if part in {"kernels", "ops"}:
        assert host.run("toolkit", "--install", "--quiet", release=release) == 0

    def run(**faults):
        host.fault(**{fault: [part] for fault in faults})
        return host.run(part, "--install", "--quiet", release=release)

    run.part = part
    run.infos = lambda: {
        str(file)
        for pattern in ("*_install.info", "nnal/atb/*/version.info", "**/opp_kernel/version.info")
        for file in host.node.path("/usr/local/Ascend").rglob(pattern)
        if file.name != "ascend_install.info" and not file.parent.is_symlink()
    }
    return run


def test_no_fault_no_trouble(install):
    before = install.infos()
    assert install() == 0
    assert install.infos() > before


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("installer_fails", 1),
        ("installer_lies", 0),
        ("installer_half", 1),
        ("disk_full", 1),
        ("read_only", 1),
    ],
)
def test_a_fault_leaves_no_proof_of_an_installation(install, fault, status):
    before = install.infos()
    assert install(**{fault: True}) == status
    assert install.infos() == before
    assert install() == 0
    assert install.infos() > before


@pytest.mark.parametrize("stage", [stage for stage in power.STAGES if stage != "removal"])
def test_a_power_cut_leaves_proof_at_the_end_only(install, host, monkeypatch, stage):
    def cut(_node):
        raise PowerCut

    monkeypatch.setattr(power, "cut", cut)
    before = install.infos()
    fault = {"power_off_at": {install.part: stage}}
    host.set(faults=fault)
    monkeypatch.setattr(host, "fault", lambda **_faults: None)
    with pytest.raises(PowerCut):
        install()
    assert (install.infos() > before) == (stage == "end")
    assert install() == 0
    assert install.infos() > before

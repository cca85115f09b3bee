# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preflight says of the node itself: model, memory, space, clock, names, jobs, driver and CANN."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import preflight_problems
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._detection import detect, disagreement

PROBLEMS = preflight_problems.FilterModule().filters()["preflight_problems"]
CATALOG = Catalog()
A2 = CATALOG.product("atlas_800t_a2")
LIMITS = {"memory_gb": 64, "clock_seconds": 30, "space_gb": {"/usr/local/Ascend": 10, "/var/tmp": 5}}
DUE = {"steps": [{"part": "driver"}], "reboot": True, "consents": [], "reasons": []}
HOLDER = {"pid": 4711, "name": "python3", "user": "alice", "devices": ["davinci0"], "container": None}
BILL = {
    "cann": "8.5.0",
    "driver": None,
    "drivers": {"works": ["25.2", "25.5"], "fails": ["24.1"]},
    "notes": [],
    "packages": [],
}


def space(path="/usr/local/Ascend", **changes):
    mounted = {"mount": "/", "device": 1, "read_only": False, "no_exec": False}
    return {"path": path, "free_mb": 100_000, **mounted, **changes}


def node(**changes):
    return {
        "kernel": {"release": "5.10.0", "build": "/lib/modules/5.10.0/build", "headers": True},
        "memory": {"total_mb": 64_000, "available_mb": 60_000},
        "clock": {"ahead_s": 0.5},
        "space": [space(), space("/var/tmp")],
        "resolved": {"node-a": {"addresses": ["10.0.0.1"], "reason": None}},
        "holders": [],
        "containers": [],
        **changes,
    }


def told(changes=None, **ground):
    """Return severity and sentence of each problem of a node."""
    whole = {
        "host": "node-a",
        "facts": {"architecture": "aarch64", "nodename": "node-a"},
        "node": node(**(changes or {})),
        "limits": LIMITS,
        **ground,
    }
    return [(problem["severity"], problem["found"]) for problem in PROBLEMS(whole)]


def detected(device="d802", subsystem="19e5:3000", count=8, **more):
    vendor, number = subsystem.split(":")
    chip = {
        "vendor": "19e5",
        "device": device,
        "subsystem_vendor": vendor,
        "subsystem_device": number,
    } | more
    answer = detect(CATALOG, {"pci_devices": [chip] * count, "arch": "aarch64"})
    problem = disagreement(CATALOG, answer, "atlas_800t_a2")
    severity = "error" if answer["products"] else "warning"
    found = [{"severity": severity, **problem.as_mapping()}] if problem else []
    return {
        "product": A2,
        "found": {"pci_devices": [chip] * count},
        "detected": {**answer, "problems": found},
    }


def test_a_sound_node():
    assert told() == []
    assert told(**detected()) == []
    assert told(limits={}, node={}) == []


def test_another_product_is_one_error_that_names_both():
    ((severity, found),) = told(**detected(subsystem="19e5:3002"))
    assert (severity, found) == ("error", "what looks like Atlas 800I A2")
    ((severity, found),) = told(**detected(device="d801", subsystem="0200:0100"))
    assert severity == "error"
    assert "Atlas 800 (model 9000)" in found


def test_another_product_that_somebody_confirmed_is_a_warning():
    confirmed = told(**detected(subsystem="19e5:3002"), product_confirmed=True)
    assert confirmed == [("warning", "what looks like Atlas 800I A2")]


def test_an_unknown_board_is_a_warning_of_its_family():
    ((severity, found),) = told(**detected(subsystem="19e5:9999"))
    assert severity == "warning"
    assert found.startswith("a board of Ascend 910B (A2)")


def test_a_lost_chip_is_said_once_and_not_taken_for_an_unknown_board():
    assert told(**detected(count=7)) == [("error", "7 NPU chips on the PCI bus")]
    assert told(**detected(count=0)) == [("error", "0 NPU chips on the PCI bus")]


def test_chips_of_another_maker_count():
    assert told(**detected(vendor="20c6")) == []


def test_a_virtual_machine_may_have_some_of_the_chips():
    ground = detected(count=2)
    ground["found"]["software"] = {"environment": "vm"}
    assert told(**ground) == [("warning", "2 NPU chips on the PCI bus of a virtual machine")]


def test_a_board_whose_chips_are_not_on_the_bus():
    assert told(product={**A2, "pci": []}, found={"pci_devices": []}) == []


@pytest.mark.parametrize(("total_mb", "problems"), [(61_036, 0), (61_034, 1), (None, 0)])
def test_memory(total_mb, problems):
    said = told({"memory": {"total_mb": total_mb}})
    assert said == [("warning", "64 GB of memory")] * problems


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (30, []),
        (31, ["a clock 31 s ahead of the controller's"]),
        (-90.6, ["a clock 91 s behind the controller's"]),
    ],
)
def test_the_clock(ahead, said):
    assert told({"clock": {"ahead_s": ahead}}) == [("warning", sentence) for sentence in said]


def packages(size=0):
    return {"a.run": {"path": "/srv/a.run", "exists": True, "sha256": None, "size": size}}


CONSENT = {"licence": True}


def test_space_of_one_filesystem_adds_up():
    spaces = [space(free_mb=14_000), space("/var/tmp", free_mb=14_000)]
    given = {"packages": packages(), "consents": CONSENT}
    assert told({"space": spaces}, **given) == [("warning", "14.7 GB free on the filesystem /")]
    apart = [space(free_mb=14_000), space("/var/tmp", free_mb=14_000, device=2)]
    assert told({"space": apart}, **given) == []
    assert told({"space": spaces}) == []  # nothing is due


def test_no_space_for_what_is_due_is_an_error():
    given = {"packages": packages(2 << 30), "consents": CONSENT, "limits": {}}
    said = told({"space": [space(free_mb=2047)]}, **given)
    assert said == [("error", "2.1 GB free for /usr/local/Ascend (filesystem /)")]
    assert told({"space": [space(free_mb=2048)]}, **given) == []


def test_a_filesystem_that_is_read_only_is_an_error():
    said = told({"space": [space(read_only=True)]}, packages=packages(), consents=CONSENT)
    assert said == [("error", "/usr/local/Ascend (filesystem /) mounted read-only")]


def test_a_place_for_packages_from_which_no_program_runs_is_an_error():
    spaces = [space(), space("/var/tmp", no_exec=True)]
    due = {"packages": packages(), "consents": CONSENT}
    assert told({"space": spaces}, **due) == [("error", "/var/tmp mounted noexec")]
    assert told({"space": spaces}, packages={}) == []
    assert told({"space": [space("/data", no_exec=True)]}, **due) == []


def test_names_that_do_not_resolve():
    nobody = {"addresses": [], "reason": "nobody knows it"}
    own = ("warning", "the host name node-a, which does not resolve on the node itself (nobody knows it)")
    assert told({"resolved": {"node-a": nobody}}) == [own]
    mirror = told({"resolved": {"mirror": nobody}}, names=["mirror"])
    assert mirror == [("error", "no address of mirror (nobody knows it)")]
    assert told({"resolved": {}}, names=["mirror"]) == []


def test_users_whom_the_node_does_not_know():
    assert told({"unknown_users": ["alixe"]}) == [("error", "no user alixe on the node")]
    assert told({"unknown_users": []}) == []


def test_headers_that_the_driver_will_want():
    kernel = {"release": "5.10.0", "build": "/lib/modules/5.10.0/build", "headers": False}
    said = told({"kernel": kernel}, plan=DUE)
    assert said == [("warning", "kernel 5.10.0 without /lib/modules/5.10.0/build")]
    assert told({"kernel": kernel}, plan=DUE, build_needed=False) == []
    assert told({"kernel": kernel}) == []
    problems = PROBLEMS(
        {
            "host": "node-a",
            "node": node(kernel=kernel),
            "plan": DUE,
            "system": {"kernel_packages": ["linux-headers-5.10.0"]},
        }
    )
    assert "linux-headers-5.10.0" in problems[0]["fix"]


def test_jobs_that_consent_or_a_reboot_would_end():
    use = {"holders": [HOLDER]}
    sentence = "NPUs in use: process 4711 (python3, user alice) on davinci0"
    assert told(use, plan=DUE, consents={"kill": True}) == [("warning", sentence)]
    reboot = {"steps": [], "reboot": True, "consents": [], "reasons": []}
    assert told(use, plan=reboot, consents={"reboot": True}) == [("error", sentence)]
    assert told(use, plan=reboot, consents={"reboot": False}) == []
    assert told(use, plan={**reboot, "reboot": False}, consents={"reboot": True}) == []


@pytest.mark.parametrize(
    ("running", "said"),
    [
        ("25.2.0", []),
        ("24.1.0", [("error", "driver 24.1.0, on which CANN 8.5.0 fails, as the vendor says")]),
        ("23.0.3", [("warning", "driver 23.0.3, of which the vendor says nothing for CANN 8.5.0")]),
        (None, []),
    ],
)
def test_a_driver_that_came_with_the_node(running, said):
    assert told(release=BILL, found={"driver_version": running}) == said


def test_a_driver_of_the_release_that_the_vendor_does_not_name_is_noted():
    ((severity, note),) = told(release={**BILL, "driver": "25.3.0"})
    assert severity == "note"
    assert note == (
        "CANN 8.5.0 works on driver 25.2, 25.5, as the vendor says; this release pairs it with 25.3.0."
    )
    assert told(release={**BILL, "driver": "25.5.1", "notes": ["to know"]}) == [("note", "to know")]


@pytest.mark.parametrize(
    "text",
    [
        "The module interpreter '/usr/bin/python3' was not found.",
        "bash: line 1: /usr/bin/python: interpreter not found",
        'File "<stdin>", line 3\n  from __future__ import annotations\nSyntaxError',
    ],
)
def test_a_node_without_a_python(text):
    ((severity, found),) = told(unread=text)
    assert severity == "error"
    assert found.startswith("no Python that can run modules: ")


def test_the_python_that_is_wanted_is_the_one_that_this_ansible_names():
    text = "ansible-core requires a minimum of Python version 3.9. Current version: 3.8.10"
    (problem,) = PROBLEMS({"host": "a", "unread": text})
    assert problem["wanted"] == "Python 3.9 or newer on the node"


def test_a_node_that_cannot_be_looked_at():
    assert told(unread="npu-smi said\n  x") == [("error", "a node that cannot be looked at: npu-smi said x")]


def test_a_host_of_two_products():
    ((severity, found),) = told(products=["atlas_800_9000", "atlas_800t_a2"])
    assert (severity, found[:20]) == ("error", "a host in the groups")
    assert told(products=["atlas_800t_a2"]) == []


def test_what_two_lookups_say_alike_is_said_once_and_as_an_error():
    error = {"found": "no directory", "wanted": "one", "fix": "correct it"}
    assert told(product_error=error, system_error=error) == [("error", "no directory")]
    assert told(system_error=error) == [("warning", "no directory")]

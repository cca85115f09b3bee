# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs cannot build, and which packages of the system bring those that can."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import program_plan
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

PLAN = program_plan.FilterModule().filters()["program_plan"]
GCC = "gcc (Debian 10.2.1-6) 10.2.1 20210110"
TEN = {"gcc": "==10.*", "g++": "==10.*"}


def system_of(distribution, version):
    return Catalog().system(distribution, version)


def says(**programs):
    """Return what programs say; a dash in a name is written as two underscores."""
    lines = []
    for name, text in programs.items():
        program = name.replace("__", "-").replace("xx", "++")
        lines += [f"== {program} {f'/usr/bin/{program}' if text else ''}", *([text] if text else [])]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (says(gcc=GCC, cmake="cmake version 3.18.4"), []),
        (says(gcc=GCC.replace("10.2", "12.2"), cmake="cmake version 3.18.4"), ["gcc 12.2.1"]),
        (says(gcc=GCC, cmake=""), ["no cmake"]),
        (says(gcc="", cmake="cmake version 3.16.3"), ["no gcc", "cmake 3.16.3"]),
        ("", ["no gcc", "no cmake"]),
    ],
)
def test_programs_that_cannot_build_are_named(said, found):
    problems = PLAN(said, {"gcc": "==10.*", "cmake": ">=3.18"})["problems"]
    assert [problem["found"].removesuffix(" on the host that builds") for problem in problems] == found
    assert {problem["fix"].split(",")[0] for problem in problems} <= {
        "install it and put it first on the PATH of a login"
    }


def test_without_a_word_the_input_and_the_package_are_named():
    plan = PLAN(says(gcc="", gxx=""), TEN, system_of("Debian", "11.9"))
    assert (plan["packages"], plan["actions"]) == ([], [])
    assert plan["problems"][1] == {
        "found": "no g++ on the host that builds",
        "wanted": "g++==10.*",
        "fix": "add `torch_npu_compilers_allowed: true` (mindspore_compilers_allowed) to the inventory to "
        "have g++ of Debian 11 installed, or name a container that has it",
    }


def test_a_refused_consent_is_said_plainly():
    (problem,) = PLAN("", {"git": ">=1"}, system_of("Debian", "12"), allowed=False)["problems"]
    assert problem["fix"].startswith(
        "install git of Debian 12 yourself, because torch_npu_compilers_allowed is"
    )


@pytest.mark.parametrize("word", ["true", "yes", "1", True])
def test_a_consent_may_be_a_text(word):
    assert PLAN("", {"git": ">=1"}, system_of("Debian", "12"), allowed=word)["packages"] == ["git"]


@pytest.mark.parametrize("word", ["false", "no", "0", "", "perhaps", False])
def test_a_text_that_is_no_yes_is_no_consent(word):
    plan = PLAN("", {"git": ">=1"}, system_of("Debian", "12"), allowed=word)
    assert (plan["packages"], plan["actions"]) == ([], [])
    assert plan["problems"][0]["fix"].endswith(
        "because torch_npu_compilers_allowed is false, or name a container that has it"
    )


def test_with_consent_packages_are_installed_those_of_a_version_beside_the_plain_ones():
    said, wanted = says(gcc="gcc (Ubuntu 11.4.0) 11.4.0", gxx="", cmake=""), {**TEN, "cmake": ">=3.18"}
    plan = PLAN(said, wanted, system_of("Ubuntu", "22.04"), allowed=True)
    assert plan["packages"] == ["gcc-10", "g++-10", "cmake"]
    assert plan["actions"] == ["install gcc-10, g++-10, cmake with apt for gcc==10.*, g++==10.*, cmake>=3.18"]
    assert plan["problems"] == []


def test_a_system_that_has_no_such_version_is_refused_with_what_it_has():
    said = says(gcc="gcc (Debian 12.2.0-14) 12.2.0")
    (problem,) = PLAN(said, {"gcc": "==10.*"}, system_of("Debian", "12"), allowed=True)["problems"]
    assert problem["found"] == (
        "gcc 12.2.0 on the host that builds, and gcc 12.2, gcc-11 11.3 among the packages of Debian 12"
    )
    assert problem["fix"].startswith("install it and put it first on the PATH")


@pytest.mark.parametrize(("gcc", "packages"), [("", ["gcc"]), ("gcc (GCC) 8.5.0", [])])
def test_a_package_of_an_unknown_version_is_taken_where_there_is_no_program(gcc, packages):
    plan = PLAN(
        says(gcc=gcc), {"gcc": "==10.*"}, system_of("Kylin Linux Advanced Server", "V10"), allowed=True
    )
    assert plan["packages"] == packages
    assert len(plan["problems"]) == 1 - len(packages)


def test_a_compiler_beside_the_plain_one_serves_a_build_and_nothing_else():
    said = says(gcc="gcc 12.2.0", gcc__10=GCC, gcc__9="gcc 9.3.0", gxx="g++ 10.2.1")
    assert PLAN(said, TEN)["links"] == {"gcc": "/usr/bin/gcc-10", "cc": "/usr/bin/gcc-10"}
    assert PLAN(said, TEN)["problems"] == []
    alone = PLAN(said, TEN, beside=False)
    assert alone["links"] == {}
    assert [problem["found"] for problem in alone["problems"]] == ["gcc 12.2.0 on the host"]


def test_what_serves_a_login_is_not_taken_from_beside_packages():
    plan = PLAN("", {"gcc": "==10.*"}, system_of("Ubuntu", "22.04"), allowed=True, beside=False)
    assert plan["packages"] == []

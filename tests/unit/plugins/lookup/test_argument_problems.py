# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong types in the inventory are known before any role runs."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleUndefinedVariable
from ansible_collections.ascend.fleet.plugins.lookup import argument_problems
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG

ROLES = sorted(path.name for path in argument_problems.ROLES.iterdir() if path.is_dir())


class Echo:
    """A templar for values that hold no template."""

    def template(self, value):
        return value


def problems(role, **variables):
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    return [problem["found"] for problem in lookup.run([role], variables)]


@pytest.mark.parametrize("role", ROLES)
def test_a_host_that_says_nothing_has_no_problem(role):
    assert problems(role) == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_the_play_imports_shows_its_defaults_which_are_no_problem(role):
    class Undefined:
        def template(self, value):
            assert "{{" not in str(value), f"{value} was evaluated"
            return value

    lookup = argument_problems.LookupModule(loader=None, templar=Undefined())
    assert lookup.run([role], argument_problems.own_defaults(role)) == []


def test_the_spec_of_a_role_that_gets_no_input_is_not_read(monkeypatch):
    read = []
    monkeypatch.setattr(argument_problems, "options_of", lambda role, _entry: read.append(role) or {})
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    assert lookup.run(["cann", "npu_driver", "torch_npu"], {"cann_parts": [], "torch": "2.1.0"}) == []
    assert read == ["cann"]


@pytest.mark.parametrize(
    ("role", "variables", "word"),
    [
        ("npu_driver", {"npu_driver_reboot_timeout": "soon"}, "npu_driver_reboot_timeout"),
        ("npu_driver", {"npu_driver_reboot_allowed": "perhaps"}, "npu_driver_reboot_allowed"),
        ("npu_network", {"npu_network_plan": {"pattern": "star"}}, "shared_subnet"),
        ("npu_network", {"npu_network_plan": {"patern": "shared_subnet"}}, "patern"),
        ("npu_network", {"npu_network_devices": [{"address": "10.0.0.1"}]}, "id"),
        ("cann", {"cann_install_timeout": "1 h"}, "cann_install_timeout"),
        ("torch_npu", {"torch_npu_requirements": {"numpy": 1}}, "torch_npu_requirements"),
    ],
)
def test_a_wrong_value_is_named(role, variables, word):
    found = problems(role, **variables)
    assert len(found) == 1
    assert word in found[0]


@pytest.mark.parametrize(
    "variables",
    [
        {"npu_driver_reboot_allowed": None},
        {"npu_driver_reboot_allowed": "yes", "npu_driver_reboot_timeout": "300"},
        {"something_else": object()},
    ],
)
def test_what_the_role_would_take_is_no_problem(variables):
    assert problems("npu_driver", **variables) == []


@pytest.mark.parametrize(
    ("variables", "found", "wanted"),
    [
        (
            {"npu_fleet_licence_accepted": "perhaps"},
            "npu_fleet_licence_accepted of the type str (perhaps)",
            "bool",
        ),
        ({"npu_fleet_catalog": {"products": {}}}, "npu_fleet_catalog of the type dict", "list"),
        ({"npu_fleet_waves": ["one"]}, "npu_fleet_waves: ['one']", "numbers of hosts and shares of them"),
        ({"npu_fleet_failure_limit": "lots"}, "npu_fleet_failure_limit: lots", "a number of nodes"),
        ({"npu_fleet_failure_limit": "-1"}, "npu_fleet_failure_limit: -1", "a number of nodes"),
        ({"npu_fleet_python": 3.1}, "npu_fleet_python: 3.1, a number", "YAML takes 3.10"),
    ],
)
def test_a_wrong_input_of_the_whole_fleet_is_found_whatever_role_is_asked(variables, found, wanted):
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    (problem,) = lookup.run(["cann"], variables)
    assert problem["found"] == found
    assert wanted in problem["wanted"]


def test_a_wrong_variable_is_named_once_though_a_mapping_of_the_preflight_is_made_of_it():
    consents = {"licence": "{{ npu_fleet_licence_accepted }}"}
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    given = {"npu_fleet_licence_accepted": "maybe", "npu_preflight_consents": consents}
    (problem,) = lookup.run(["npu_preflight"], given)
    assert problem["found"].startswith("npu_fleet_licence_accepted of the type str")


def test_a_right_input_of_the_whole_fleet_is_no_problem():
    right = {"npu_fleet_waves": [1, "100%"], "npu_fleet_catalog": "/srv/catalog", "npu_fleet_python": 3.9}
    assert problems("cann", **right, npu_fleet_licence_accepted="yes", npu_fleet_failure_limit=3) == []
    assert problems("cann", npu_fleet_failure_limit="12.5%", npu_fleet_python="3.10") == []


class Templar:
    """A templar that knows no variable."""

    def template(self, text):
        raise AnsibleUndefinedVariable(f"nothing in {text} is defined")


def test_a_variable_that_cannot_be_evaluated_is_a_problem():
    lookup = argument_problems.LookupModule(loader=None, templar=Templar())
    found = lookup.run(["cann"], {"cann_version": "{{ nowhere }}"})
    assert [problem["found"] for problem in found] == [
        "cann_version cannot be evaluated: nothing in {{ nowhere }} is defined"
    ]


def test_a_wrong_type_is_one_sentence():
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    (found,) = lookup.run(["npu_driver"], {"npu_driver_reboot_timeout": "soon"})
    assert found["found"] == "npu_driver_reboot_timeout of the type str (soon)"
    assert found["wanted"].startswith("the type int, as the role npu_driver documents")
    (found,) = lookup.run(["npu_network"], {"npu_network_plan": ["10.0.0.0/8"]})
    assert found["found"] == "npu_network_plan of the type list"


def test_an_unknown_key_is_one_sentence():
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    (found,) = lookup.run(["npu_network"], {"npu_network_plan": {"patern": "shared_subnet"}})
    assert found["found"] == "the unknown key npu_network_plan.patern"
    assert found["wanted"].startswith("one of addresses, ")


def test_a_wrong_variable_is_named_once_though_another_role_is_given_it():
    given = {
        "npu_network_plan": ["10.0.0.0/8"],
        "npu_preflight_network_plan": "{{ npu_network_plan | default({}) }}",
    }
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    found = lookup.run(["npu_network", "npu_preflight"], given)
    assert [each["found"] for each in found] == ["npu_network_plan of the type list"]


class Without:
    """A templar of a host that lacks a variable."""

    def template(self, _text):
        raise AnsibleUndefinedVariable("'npu_fleet_release' is undefined")


def test_a_variable_that_is_missing_is_named():
    lookup = argument_problems.LookupModule(loader=None, templar=Without())
    own = {"role_name": "npu_preflight", "npu_preflight_release": "{{ npu_fleet_release }}"}
    (found,) = lookup.run(["npu_preflight"], own)
    assert (found["found"], found["fix"]) == (
        "no variable npu_fleet_release",
        "add npu_fleet_release to the inventory",
    )


@pytest.mark.parametrize(
    ("role", "variables", "found"),
    [
        ("torch_npu", {"torch_npu_requirements": "numpy"}, "torch_npu_requirements of the type str (numpy)"),
        ("torch_npu", {"torch_npu_sources": "x"}, "torch_npu_sources of the type str (x)"),
        ("torch_npu", {"torch_npu_environments": "x"}, "torch_npu_environments of the type str (x)"),
        ("npu_network", {"npu_network_devices": 5}, "npu_network_devices of the type int (5)"),
        (
            "npu_network",
            {"npu_network_plan": "{pattern: x}"},
            "npu_network_plan of the type str ({pattern: x})",
        ),
        ("cann", {"npu_fleet_wheelhouse": ["x"]}, "npu_fleet_wheelhouse of the type list"),
        ("cann", {"npu_fleet_torch": [1]}, "npu_fleet_torch of the type list"),
        ("cann", {"npu_fleet_packages": "packages"}, "npu_fleet_packages: packages"),
        ("npu_preflight", {"npu_preflight_space_gb": {"/x": "a"}}, "npu_preflight_space_gb: a for /x"),
    ],
)
def test_what_ansible_would_make_another_type_of_is_refused_with_its_variable(role, variables, found):
    assert problems(role, **variables) == [found]


def test_a_text_instead_of_a_list_is_answered_with_the_list():
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    (found,) = lookup.run(["torch_npu"], {"torch_npu_requirements": "numpy"})
    assert found["fix"] == "write it as a list: [numpy]"


def test_the_defaults_of_the_role_that_asks_are_checked_also_from_a_playbook():
    lookup = argument_problems.LookupModule(loader=None, templar=Without())
    defaults = argument_problems.own_defaults("npu_preflight")
    own = {"npu_preflight_release": defaults["npu_preflight_release"]}
    assert lookup.run(["npu_preflight"], own) == []
    (found,) = lookup.run(["npu_preflight"], own, asking="npu_preflight")
    assert found["wanted"] == "a value: the input npu_preflight_release needs it"


def test_the_parts_of_cann_are_those_of_the_catalog_and_no_other_is_taken():
    parts = argument_problems.yaml_load((CATALOG / "package_names.yml").read_text(encoding="utf-8"))["parts"]
    elsewhere = {"driver", "firmware", "mcu", "docker_runtime"}  # of other roles
    known = [part for part in parts if part not in elsewhere]
    assert sorted(argument_problems.options_of("cann")["cann_parts"]["choices"]) == sorted(known)
    assert problems("cann", cann_parts=known) == []
    (found,) = problems("cann", cann_parts=["tookit"])
    assert "cann_parts" in found
    assert "tookit" in found


def test_the_inputs_of_another_entry_point_are_held_by_its_name():
    found = problems("package_fetch:bundle", package_fetch_bundle_pythons="3.11")
    assert found == ["package_fetch_bundle_pythons of the type str (3.11)"]
    assert problems("package_fetch", package_fetch_bundle_pythons="3.11") == []


def test_a_variable_that_several_inputs_lack_is_missed_once():
    class Lacking:
        def template(self, _text):
            raise AnsibleUndefinedVariable("'npu_fleet_packages' is undefined")

    lookup = argument_problems.LookupModule(loader=None, templar=Lacking())
    given = {
        "package_fetch_directory": "{{ npu_fleet_packages }}",
        "package_fetch_wheelhouse": "{{ package_fetch_directory }}",
    }
    (found,) = lookup.run(["package_fetch"], given)
    assert found["found"] == "no variable npu_fleet_packages"

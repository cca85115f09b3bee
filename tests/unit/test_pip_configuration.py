# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the private role python_environment tells pip to look: read back as pip reads it."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).resolve().parents[2] / "roles/python_environment"
ALWAYS = {"disable-pip-version-check": "true", "resume-retries": "5"}
PLACE = "/opt/ascend/.ascend-fleet-wheels"


def trusted(file):
    return {
        name: trust_as_template(value) if isinstance(value, str) else value
        for name, value in yaml.safe_load(file.read_text(encoding="utf-8")).items()
    }


def configuration(**inputs):
    """Return the section [global] of the file that the role writes for these inputs."""
    variables = {
        **trusted(ROLE / "defaults/main.yml"),
        **trusted(ROLE / "vars/main.yml"),
        "__python_environment_place": PLACE,
        **{f"python_environment_{name}": value for name, value in inputs.items()},
    }
    text = (ROLE / "templates/pip.conf.j2").read_text(encoding="utf-8")
    rendered = Templar(DataLoader(), variables=variables).template(trust_as_template(text))
    parser = configparser.RawConfigParser()  # pip/_internal/configuration.py
    parser.read_string(rendered)
    return dict(parser["global"])


def test_without_inputs_pip_asks_what_it_is_configured_with():
    assert configuration() == ALWAYS


def test_a_wheelhouse_shuts_every_index_out():
    found = configuration(wheelhouse="/srv/wheels", index_url="https://pypi.example/simple")
    assert found == {**ALWAYS, "no-index": "true", "find-links": PLACE}


@pytest.mark.parametrize("place", ["https://mirror.example/wheels/", "node:/srv/wheels"])
def test_a_wheelhouse_elsewhere_is_left_where_it_is(place):
    assert configuration(wheelhouse=place)["find-links"] == place.removeprefix("node:")


def test_credentials_stand_in_the_address_of_the_index_as_addresses_have_them():
    found = configuration(
        index_url="https://pypi.example/simple", index_username="user@site", index_password="p:/ä%"
    )
    assert found["index-url"] == "https://user%40site:p%3A%2F%C3%A4%25@pypi.example/simple"


def test_further_indexes_and_an_authority_of_the_site_are_named():
    found = configuration(extra_index_urls=["https://a/whl", "https://b/whl"], index_ca="/etc/ca.pem")
    assert found["extra-index-url"].split() == ["https://a/whl", "https://b/whl"]
    assert found["cert"] == "/etc/ca.pem"


def test_no_check_of_a_certificate_is_turned_off():
    texts = [file.read_text(encoding="utf-8") for file in ROLE.rglob("*") if file.is_file()]
    assert not any("trusted-host" in text for text in texts)


def test_credentials_stand_on_no_argument_list():
    tasks = "".join(file.read_text(encoding="utf-8") for file in (ROLE / "tasks").glob("*.yml"))
    assert "index_password" not in tasks
    assert "credentials }}" not in tasks

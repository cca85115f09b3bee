# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of conda's channels go into a configuration, as conda itself finds them there again."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import conda_channels

CHANNELS = conda_channels.FilterModule().filters()["conda_channels"]


@pytest.mark.parametrize(
    ("address", "plain", "name", "location", "secrets"),
    [
        (
            "https://user:p%40ss@mirror.example:8443/a/conda-forge/",
            "https://mirror.example:8443/a/conda-forge",
            "a/conda-forge",
            "https://user:p%40ss@mirror.example:8443",
            ["p%40ss", "p@ss"],
        ),
        (
            "https://mirror.example/conda/t/TOK-123/chan",
            "https://mirror.example/conda/chan",
            "chan",
            "https://mirror.example/conda/t/TOK-123",
            ["TOK-123"],
        ),
        (
            "https://apikey@mirror.example/chan",
            "https://mirror.example/chan",
            "chan",
            "https://apikey@mirror.example",
            ["apikey"],
        ),
        (
            "https://user@mirror.example/t/TOK/chan",
            "https://mirror.example/chan",
            "chan",
            "https://user@mirror.example/t/TOK",
            ["user", "TOK"],
        ),
    ],
)
def test_credentials_stand_in_no_argument(address, plain, name, location, secrets):
    assert CHANNELS(["conda-forge", address]) == {
        "words": ["--override-channels", "--channel=conda-forge", f"--channel={plain}"],
        "configuration": {"custom_channels": {name: location}},
        "secrets": secrets,
    }


@pytest.mark.parametrize(
    "channels",
    [[], ["conda-forge"], ["https://mirror.example/t/", "file:///srv/t/pkgs_1/main", "https://a/conda/main"]],
)
def test_channels_without_credentials_are_as_they_were(channels):
    words = [f"--channel={channel}" for channel in channels]
    found = CHANNELS(channels)
    assert found["words"] == ["--override-channels"] * bool(channels) + words
    assert (found["configuration"], found["secrets"]) == ({}, [])


@pytest.mark.parametrize(
    "channels",
    [["https://user:secret@a"], ["https://a/t/secret"], ["https://u:secret@a/x", "https://u:secret@b/x"]],
)
def test_what_conda_cannot_tell_apart_is_refused_without_the_secret(channels):
    with pytest.raises(AnsibleFilterError, match="credentials") as refused:
        CHANNELS(channels)
    assert "secret" not in str(refused.value)


def test_a_token_that_conda_would_show_is_refused_without_it():
    with pytest.raises(AnsibleFilterError, match="found a token with other characters") as refused:
        CHANNELS(["https://mirror.example/t/se_cret/main"])
    assert "se_cret" not in str(refused.value)


def test_one_place_of_two_channels_is_fine():
    found = CHANNELS(["https://u:p@a/x", "https://u:p@a/y"])
    assert found["configuration"]["custom_channels"] == {"x": "https://u:p@a", "y": "https://u:p@a"}

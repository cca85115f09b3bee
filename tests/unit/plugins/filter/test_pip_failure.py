# SPDX-License-Identifier: GPL-3.0-or-later
"""What pip said, and what it did not say, of a failed installation. The texts are those of pip 23 to 26."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import pip_failure

FAILURE = pip_failure.FilterModule().filters()["pip_failure"]
NONE = [
    "ERROR: Could not find a version that satisfies the requirement torch==2.1.0 (from versions: none)",
    "ERROR: No matching distribution found for torch==2.1.0",
]
RETRY = (
    "WARNING: Retrying (Retry(total={}, connect=None, read=None, redirect=None, status=None)) after "
    "connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0>: "
    "Failed to establish a new connection: [Errno 111] Connection refused')': /simple/torch/"
)
MISSING = (
    "ERROR: HTTP error 404 while getting https://mirror.example/torch-2.1.0-cp39-cp39-linux_aarch64.whl "
    "(from https://mirror.example/)"
)


def said(*lines, rc=1, files=(), stdout=()):
    return FAILURE({"rc": rc, "stderr_lines": list(lines), "stdout_lines": list(stdout)}, 60, files)


def test_an_index_that_is_down_is_named_where_pip_only_finds_no_version():
    text = said(RETRY.format(1), RETRY.format(0), *NONE)
    assert text.startswith(
        f"pip says: {NONE[0]} {NONE[1]} The index did not answer (asked for /simple/torch/: "
    )
    assert text.count("Connection refused") == 1


def test_a_connection_that_broke_meanwhile_is_said():
    broken = {
        "rc": 255,
        "module_stdout": "",
        "module_stderr": "Connection reset\r\n",
        "msg": "MODULE FAILURE",
    }
    said = FAILURE(broken, 60)
    assert said.startswith("nobody knows how pip ended, because Ansible lost the node meanwhile: ")
    assert said.endswith(": Connection reset MODULE FAILURE")


def test_a_file_that_the_index_lacks_is_named():
    assert said(MISSING) == f"pip says: {MISSING}"


def test_a_slow_index_is_stopped_and_the_next_run_goes_on():
    assert "after 60 seconds and was stopped. What it has downloaded stays in its cache" in said(rc=124)


def test_the_resolvers_own_sentence_is_kept():
    line = "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/"
    assert said("Collecting tart", line) == f"pip says: {line}"


def test_unknown_words_are_shown_and_silence_is_said():
    assert said(stdout=["one", "two", " ", "three", "four"]) == "pip says: two three four"
    assert said() == "pip says: nothing"


@pytest.mark.parametrize(
    ("wish", "pythons"),
    [
        ("torch==2.1.0", "The wheels of torch 2.1.0 in the wheelhouse are for Python 3.9, 3.10."),
        ("Torch", "The wheels of Torch in the wheelhouse are for Python 3.8, 3.9, 3.10."),
        ("torch<3,>=2", "The wheels of torch in the wheelhouse are for Python 3.8, 3.9, 3.10."),
        ("te", "The wheels of te in the wheelhouse are for Python 3."),
        ("torch==2.2.0", None),
        ("torchvision", None),
    ],
)
def test_a_python_without_a_wheel_is_told_which_have_one(wish, pythons):
    files = [
        "torch-2.1.0-cp310-cp310-linux_aarch64.whl",
        "torch-2.1.0-cp39-cp39-linux_aarch64.whl",
        "torch-2.0.0-cp38-cp38-linux_aarch64.whl",
        "te-0.4.0-py3-none-any.whl",
        "torch-2.1.0.tar.gz",
        "SHA256SUMS",
    ]
    line = f"ERROR: No matching distribution found for {wish}"
    assert said(line, files=files) == " ".join(filter(None, ["pip says:", line, pythons]))

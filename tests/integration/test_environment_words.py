# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said when a program fails that makes an environment: whose, its own words, and what to do."""

from __future__ import annotations

import shutil
import zipfile

import pytest
from integration import test_python_environment
from integration.test_python_environment import PYTHON, VERSION

site = test_python_environment.site
grape = test_python_environment.grape


def program(site, text):
    """Write a program that is to stand for a Python or for uv, and return its path."""
    file = site.folder / "program"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def said(site, *packages, **more):
    """Bring the environment to the packages, which fails, and return what is said in one line."""
    text = site.run(*packages, **more)
    assert isinstance(text, str), "it did not fail"
    return " ".join(text.replace("|", " ").split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("echo 'No module named ensurepip' >&2; exit 1", "/program, which says: No module named ensurepip"),
        ("printf 'shim: unknown\\n\\nNote: later\\n' >&2; exit 127", "/program, which says: shim: unknown"),
        ("printf 'Traceback\\n  line 1\\nNo module\\n' >&2; exit 1", "/program, which says: No module"),
        ("echo 3.1.4", "/program, which is Python 3.1.4"),
        ("exit 127", "/program, which says: nothing"),
    ],
)
def test_a_python_that_can_make_no_venv_is_refused_before_anything_is_made(site, text, words):
    found = said(site, "apple==1", interpreter=program(site, text))
    assert found.count("Build ") == 0
    for part in (words.split("/program, ")[1], f"a Python {VERSION} with venv", "torch_npu_interpreter"):
        assert all(word in found for word in part.split()), part
    assert not site.path.parent.exists()


def test_a_python_that_is_not_there_is_named(site):
    found = said(site, "apple==1", interpreter="/nowhere/python3")
    assert "/nowhere/python3" in found
    assert "not found" in found
    assert not site.path.parent.exists()


def test_a_venv_that_fails_is_told_in_its_makers_words(site):
    fails = f'[ "$1" = -c ] && exec {PYTHON} "$@"; echo "No space left" >&2; exit 1'
    maker = program(site, fails)
    found = said(site, "apple==1", interpreter=maker)
    assert f"localhost: {site.path}: {maker} says: No space left What was there before is untouched." in found
    assert "torch_npu_interpreter (mindspore_interpreter), and run the playbook again." in found
    maker = program(site, "echo 'No interpreter found for Python' >&2; exit 2")
    found = said(site, "apple==1", uv=maker)
    assert f"localhost: {site.path}: {maker} says: No interpreter found for Python What was there" in found
    assert "torch_npu_uv (mindspore_uv), and run the playbook again." in found


def test_a_pip_that_does_not_run_is_told(site):
    (wheel,) = (site.folder / "wheels").glob("pip-*.whl")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pip/__main__.py", "raise SystemExit('this pip is for another Python')")
    found = said(site, "apple==1")
    assert f"localhost: {site.path}: found a new venv without pip: pip says: this pip is for another" in found
    assert "Let the wheelhouse have a pip" in found


def test_what_pip_does_not_take_out_and_a_damaged_wheel_of_cann_are_told(site):
    site.run("apple==1")
    wanted = {"path": str(site.path), "manager": "venv", "python": VERSION, "packages": []}
    pip = next((site.path / "lib").glob("python3.*/site-packages/pip/__main__.py"))
    pip.write_text("raise SystemExit('it broke')", encoding="utf-8")
    found = said(site, wanted=[{**wanted, "absent": ["apple"]}])
    assert f"localhost: {site.path}: pip says: it broke What is there now is what the next run reads" in found
    assert "Wanted without apple: take out what is in the way of pip" in found
    cann = site.folder / "cann"
    cann.mkdir()
    shutil.copy(site.folder / "wheels/pear-1-py3-none-any.whl", cann)
    more = {"wanted": [{**wanted, "wheels": ["pear"]}], "cann_wheels": [f"{cann}/pear-*.whl"]}
    found = said(site, **more)
    assert (
        f"localhost: {site.path}: pear-1-py3-none-any.whl of CANN: pip says: it broke What is there" in found
    )
    assert "Install that CANN again when its wheel is damaged" in found


def test_a_build_that_fails_is_told_in_its_last_words(site, grape):
    failing = {**grape, "command": ["bash", "-c", "echo first; echo 'no gcc' >&2; exit 3"]}
    found = said(site, "grape==1", sources=[failing], build_allowed=True)
    assert "localhost: found no wheel of grape 1, for `bash -c echo first; echo 'no gcc'" in found
    assert "` ended with the status 3 and last said: first / no gcc Wanted a wheel." in found
    assert "torch_npu_sources" in found

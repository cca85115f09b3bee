# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of conda, on small packages with a Python that is only a name; words as of conda 25.11."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import read_environment
from conda.program import create, installation
from conda.program.command import main
from conda.program.errors import InvalidSpecificationError
from conda.program.installer import Installer
from conda.program.specification import parse

CREATED = """Channels:
 - conda-forge
Platform: linux-aarch64
Collecting package metadata (repodata.json): ...working... done
Solving environment: ...working... done

## Package Plan ##

  environment location: PREFIX

  added / updated specs:
    - python=3.9


The following NEW packages will be INSTALLED:

  pip                conda-forge/noarch::pip-1.0-pyhd8ed1ab_0
  python             conda-forge/linux-aarch64::python-3.9.18-hxxxxxxx_0_cpython
  setuptools         conda-forge/noarch::setuptools-2.0-pyhd8ed1ab_0




Downloading and Extracting Packages: ...working... done
Preparing transaction: ...working... done
Verifying transaction: ...working... done
Executing transaction: ...working... done
#
# To activate this environment, use
#
#     $ conda activate NAME
#
# To deactivate an active environment, use
#
#     $ conda deactivate

"""
NOT_FOUND = """
PackagesNotFoundError: The following packages are not available from current channels:

  - python=3.7

Current channels:

  - conda-forge


"""
ENVIRONMENTS = """
# conda environments:
#
# * -> active
# + -> frozen
base                     ROOT
one                  *   ROOT/envs/one
                         OTHER

"""
PACKAGES = """# packages in environment at ROOT/envs/one:
#
# Name                     Version          Build               Channel
pip                        1.0              pyhd8ed1ab_0        conda-forge
python                     3.9.18           hxxxxxxx_0_cpython  conda-forge
setuptools                 2.0              pyhd8ed1ab_0        conda-forge
torch-npu                  2.1.0            pypi_0              pypi
"""


@pytest.fixture
def root(conda_installer, tmp_path, monkeypatch):
    """Install conda into a folder, for a user with an empty home folder, on a machine that says aarch64."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_SHLVL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(installation.platform, "machine", lambda: "aarch64")
    root = tmp_path / "miniforge3"
    assert Installer(conda_installer, streams()).run(["-b", "-p", str(root)]) == 0
    return root


def streams(answers=""):
    return io.StringIO(answers), io.StringIO(), io.StringIO()


def conda(root, words, answers=""):
    """Run conda and return its exit status and what it printed to stdout and stderr."""
    given = streams(answers)
    status = main(words.split(), root, given)
    return status, given[1].getvalue(), given[2].getvalue()


def plain(text, root):
    """Return a printed text without what is another one in each test."""
    text = re.sub(r"h[0-9a-f]{7}_0_cpython", "hxxxxxxx_0_cpython", text.replace(str(root), "ROOT"))
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_create_says_what_it_does_and_makes_what_the_collection_reads(root):
    status, out, err = conda(root, "create --yes -n torch_npu python=3.9")
    prefix = root / "envs/torch_npu"
    wanted = CREATED.replace("PREFIX", "ROOT/envs/torch_npu").replace("NAME", "torch_npu")
    assert (status, plain(out, root), err) == (0, wanted, "")
    found = read_environment(str(prefix))
    assert (found["manager"], found["python"]) == ("conda", "3.9.18")
    assert found["packages"] == [{"name": "pip", "version": "1.0"}, {"name": "setuptools", "version": "2.0"}]
    history = (prefix / "conda-meta/history").read_text().splitlines()
    assert history[1:3] == [
        f"# cmd: {root}/bin/conda create --yes -n torch_npu python=3.9",
        "# conda version: 25.11.0",
    ]
    assert history[-1] == "# update specs: ['python=3.9']"
    record = json.loads((prefix / "conda-meta/pip-1.0-pyhd8ed1ab_0.json").read_text())
    assert (record["requested_spec"], "bin/pip" in record["files"]) == ("None", True)
    assert not (prefix / "lib/python3.9/site-packages/pip/tests").exists()
    assert not (prefix / "lib/python3.9/site-packages/pip/launcher.exe").exists()


def test_programs_of_an_environment_run_with_its_python(root, tmp_path):
    prefix = tmp_path / "elsewhere"
    assert conda(root, f"create -y --prefix={prefix} python=3.9")[0] == 0
    assert os.readlink(prefix / "bin/python") == "python3.9"
    (package,) = (root / "pkgs").glob("python-3.9.18-*")
    assert (prefix / "bin/python3.9").samefile(package / "bin/python3.9")
    assert not (prefix / "pyvenv.cfg").exists()  # or pip would take it for a virtual environment
    assert (prefix / "bin/pip").read_text().splitlines()[0] == f"#!{prefix}/bin/python3.9"
    environ = {**os.environ, "PYTHONPATH": str(prefix / "lib/python3.9/site-packages")}
    command = [sys.executable, prefix / "bin/pip"]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert run.stdout == "it runs\n"


@pytest.mark.parametrize(
    ("spec", "version"),
    [
        ("python", "3.11.2"),
        ("python=3.9", "3.9.18"),
        ("python=3.9.2", "3.9.2"),
        ("python==3.9.2", "3.9.2"),
        ("python=3.9.*", "3.9.18"),
        ("python==3.9.2.0", "3.9.2"),
        ("python>=3.8,<3.9.5", "3.9.2"),
        ("conda-forge::python!=3.11.2", "3.9.18"),
        ("python<=3.10", "3.9.18"),
        ("pip", "3.11.2"),
        ("python=3", "3.11.2"),
        ("python=3.1", None),
        ("python==3.9", None),
        ("python>3.11.2", None),
        ("numpy", None),
    ],
)
def test_the_newest_python_that_fits_is_taken(root, spec, version):
    status, out, _err = conda(root, f"create -y -n one {spec} --json")
    assert status == (0 if version else 1)
    assert read_environment(str(root / "envs/one"))["python"] == version
    assert json.loads(out).get("exception_name") == (None if version else "PackagesNotFoundError")


@pytest.mark.parametrize("text", ["=3.9", "python=", "python=>3", "python=a", "python=3.9=h1=x"])
def test_what_is_no_specification_is_refused(root, text):
    with pytest.raises(InvalidSpecificationError, match="Invalid spec"):
        parse(text)
    assert "\nInvalidMatchSpec: Invalid spec" in conda(root, f"create -y -n one {text}")[2]


def test_a_python_that_no_channel_has_is_an_error_and_leaves_nothing(root):
    status, out, err = conda(root, "create -y -n one python=3.7")
    assert (status, err) == (1, NOT_FOUND)
    assert out.splitlines()[-1] == "Solving environment: ...working... failed"
    assert not (root / "envs/one").exists()
    status, out, err = conda(root, "create -y -n one python=3.7 --json")
    assert (status, err, json.loads(out)["packages"]) == (1, "", ["python=3.7"])


def test_a_mirror_is_named_as_the_channel(root):
    _status, out, _err = conda(root, "create -y -n one --channel=https://mirror/x --override-channels python")
    assert out.startswith("Channels:\n - https://mirror/x\nPlatform")
    assert " https://mirror/x/noarch::pip-1.0-pyhd8ed1ab_0 \n" in out
    _status, out, _err = conda(root, "create -y -n two -c https://mirror/x python")
    assert out.startswith("Channels:\n - https://mirror/x\n - conda-forge\nPlatform")
    assert " conda-forge/noarch::pip" in out


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        ("create -y python", 2, "ArgumentError: one of the arguments -n/--name -p/--prefix is required"),
        ("create -y -n one --override-channels python", 2, "ArgumentError: At least one -c / --channel flag"),
        ("create -y -n base python", 1, "CondaValueError: The target prefix is the base prefix. Aborting."),
        ("create -y -n a/b python", 1, "CondaValueError: Invalid environment name: 'a/b'"),
        ("env remove -y -n one", 1, "EnvironmentLocationNotFound: Not a conda environment: ROOT/envs/one"),
        ("remove -y -n one --all", 1, "EnvironmentLocationNotFound: Not a conda environment: ROOT/envs/one"),
        ("remove -y -n base --all", 1, "CondaEnvironmentError: cannot remove current environment."),
        ("remove -y -n base", 1, "CondaValueError: no package names supplied,"),
        ("env remove -y -p ROOT/pkgs", 1, "DirectoryNotACondaEnvironmentError: The target directory exists"),
        ("list -n one", 1, "EnvironmentLocationNotFound: Not a conda environment: ROOT/envs/one"),
        ("list -p /nowhere", 1, "EnvironmentLocationNotFound: Not a conda environment: /nowhere"),
        ("run -n one true", 1, "EnvironmentLocationNotFound: Not a conda environment: ROOT/envs/one"),
        ("run", 1, "CondaValueError: No executable call"),
        ("activate one", 1, "CondaError: Run 'conda init' before 'conda activate'"),
    ],
)
def test_what_cannot_be_is_refused_in_conda_s_words(root, words, status, text):
    found = conda(root, words.replace("ROOT", str(root)))
    assert (found[0], found[1]) == (status, "")
    assert found[2].replace(str(root), "ROOT").startswith(f"\n{text}")
    assert found[2].endswith("\n\n")


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        ("bogus", 2, "conda: error: argument COMMAND: invalid choice: 'bogus'"),
        ("create -n a -p b", 2, "conda create: error: argument -p/--prefix: not allowed with argument -n"),
        ("create --bogus", 2, "conda: error: unrecognized arguments: --bogus"),
        ("env", 2, "conda env: error:"),
        ("--version", 0, "conda 25.11.0\n"),
        ("", 0, "usage: conda [-h] [-V] COMMAND ..."),
        ("create --help", 0, "usage: conda create [-h]"),
    ],
)
def test_the_grammar_is_conda_s(root, capsys, words, status, text):
    assert conda(root, words)[0] == status
    printed = capsys.readouterr()
    assert text in (printed.err if status else printed.out)


def test_a_folder_that_may_not_be_written_is_named(root, monkeypatch):
    monkeypatch.setattr(create, "may_write", lambda _path: False)
    status, _out, err = conda(root, "create -y -p /opt/x python")
    assert (status, err.splitlines()[1:3]) == (
        1,
        [
            "NotWritableError: The current user does not have write permissions to a required path.",
            "  path: /opt/x",
        ],
    )


def test_a_user_who_may_not_write_into_conda_gets_named_environments_at_home(root, tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "may_write", lambda path: not path.is_relative_to(root))
    assert conda(root, "create -y -n one python=3.9")[0] == 0
    assert (tmp_path / "home/.conda/envs/one/bin/python").is_symlink()
    assert conda(root, "list -n one")[0] == 0


def test_an_environment_in_the_way_is_removed_only_after_a_yes(root):
    conda(root, "create -y -n one python=3.9.2")
    status, out, err = conda(root, "create -n one python=3.11", "n\n")
    assert (status, err) == (0, "\nCondaSystemExit: Exiting.\n\n")
    assert f"WARNING: A conda environment already exists at '{root}/envs/one'" in out
    assert out.endswith("(y/[n])? \n")
    assert read_environment(str(root / "envs/one"))["python"] == "3.9.2"
    assert conda(root, "create -n one python=3.11", "what\ny\n\n")[0] == 0
    assert read_environment(str(root / "envs/one"))["python"] == "3.11.2"
    assert conda(root, "create -y -n one python=3.9")[0] == 0
    assert read_environment(str(root / "envs/one"))["python"] == "3.9.18"
    assert not (root / "envs/one/lib/python3.11").exists()


def test_a_folder_in_the_way_is_kept_and_asked_about(root, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").touch()
    _status, out, err = conda(root, f"create -p {tmp_path}/mine python", "")
    assert "but it is not a conda environment.\nContinue creating environment (y/[n])? " in out
    assert "CondaSystemExit" in err
    assert conda(root, f"create -y -p {tmp_path}/mine python")[0] == 0
    assert (tmp_path / "mine/file").exists()
    assert read_environment(f"{tmp_path}/mine")["manager"] == "conda"


def test_a_dry_run_plans_and_does_nothing(root):
    status, out, err = conda(root, "create -n one -d python=3.9")
    assert (status, err) == (0, "\nDryRunExit: Dry run. Exiting.\n\n")
    assert "NEW packages will be INSTALLED" in out
    assert "transaction" not in out
    assert not (root / "envs/one").exists()
    status, out, err = conda(root, "create -n one --dry-run python=3.9 --json")
    assert (status, err, json.loads(out)["dry_run"]) == (0, "", True)


def test_environments_are_listed_wherever_they_are(root, tmp_path, monkeypatch):
    other = tmp_path / "other"
    for place in ("-n one", f"-p {other}"):
        conda(root, f"create -y {place} python=3.9")
    (root / "envs/broken").mkdir()
    monkeypatch.setenv("CONDA_PREFIX", str(root / "envs/one"))
    status, out, _err = conda(root, "env list")
    assert (status, plain(out, root).replace(str(other), "OTHER")) == (0, ENVIRONMENTS)
    assert conda(root, "info --envs")[1] == out
    listed = json.loads(conda(root, "env list --json")[1])
    assert listed == {"envs": [str(root), str(root / "envs/one"), str(other)]}
    conda(root, f"env remove -y -p {other}")
    assert str(other) not in conda(root, "env list")[1]
    assert str(other) not in (tmp_path / "home/.conda/environments.txt").read_text()


def test_packages_of_conda_and_pip_are_listed(root):
    conda(root, "create -y -n one python=3.9")
    metadata = root / "envs/one/lib/python3.9/site-packages/torch_npu-2.1.0.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: torch_npu\nVersion: 2.1.0\n\nName: no\n")
    _status, out, _err = conda(root, "list -n one")
    assert plain(out, root) == PACKAGES
    listed = json.loads(conda(root, "list -n one --json")[1])
    assert [row["channel"] for row in listed] == ["conda-forge", "conda-forge", "conda-forge", "pypi"]
    assert listed[0]["dist_name"] == "pip-1.0-pyhd8ed1ab_0"
    assert [line.split()[0] for line in conda(root, "list -n one ^p")[1].splitlines()[3:]] == [
        "pip",
        "python",
    ]


def test_info_says_what_conda_is(root, monkeypatch):
    _status, out, _err = conda(root, "info")
    assert "\n          conda version : 25.11.0\n" in out
    assert f"\n       base environment : {root}  (writable)\n" in out
    assert f"\n       envs directories : {root}/envs\n                          " in out
    assert "\n               platform : linux-aarch64\n" in out
    facts = json.loads(conda(root, "info --json")[1])
    assert (facts["root_prefix"], facts["conda_version"], facts["envs"]) == (
        str(root),
        "25.11.0",
        [str(root)],
    )
    monkeypatch.setattr(installation.platform, "machine", lambda: "x86_64")
    assert "platform : linux-64\n" in conda(root, "info")[1]


def test_run_makes_the_environment_the_active_one(root, tmp_path, monkeypatch):
    conda(root, "create -y -n one python=3.9")
    monkeypatch.setenv("CONDA_PREFIX", str(root))
    monkeypatch.setenv("PATH", f"{root}/bin:{os.environ['PATH']}")
    words = f"run -n one --cwd {tmp_path} printenv PATH CONDA_PREFIX CONDA_DEFAULT_ENV"
    status, out, err = conda(root, words)
    path, prefix, name, end = out.split("\n", 3)
    assert (status, err, end) == (0, "", "\n")
    assert (prefix, name) == (f"{root}/envs/one", "one")
    assert path.split(":")[0] == f"{root}/envs/one/bin"
    assert f"{root}/bin" not in path.split(":")


def test_run_hands_over_output_and_status(root, capfd):
    status, out, err = conda(root, "run -- ls /nowhere")
    assert (status, out) == (2, "")
    assert "/nowhere" in err.splitlines()[0]
    failed = "ERROR conda.cli.main_run:execute(125): `conda run ls /nowhere` failed. (See above for error)"
    assert err.splitlines()[-1] == failed
    status, _out, err = conda(root, "run no-such-program -x")
    assert (status, "no-such-program: command not found" in err) == (127, True)
    assert conda(root, "run --no-capture-output echo live")[1] == ""
    assert capfd.readouterr().out == "live\n"


def test_removing_asks_and_takes_the_whole_folder(root):
    conda(root, "create -y -n one python=3.9")
    status, out, err = conda(root, "env remove -n one")
    assert (status, err) == (0, "\nCondaSystemExit: Exiting.\n\n")
    assert f"Everything found within the environment ({root}/envs/one), including any conda" in out
    assert (root / "envs/one").exists()
    status, out, _err = conda(root, "remove -y -n one --all")
    assert (status, (root / "envs/one").exists()) == (0, False)
    assert "The following packages will be REMOVED:\n\n  pip-1.0-pyhd8ed1ab_0\n" in out


def test_activation_works_in_a_posix_shell(root):
    conda(root, "create -y -n one python=3.9")
    script = (
        f". {root}/etc/profile.d/conda.sh; conda activate one; echo $CONDA_DEFAULT_ENV; command -v python\n"
        "conda deactivate && echo ${CONDA_PREFIX-none}\n"
        f"conda activate {root}/envs/one; echo $CONDA_DEFAULT_ENV; conda activate two || echo $?\n"
    )
    run = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["one", f"{root}/envs/one/bin/python", "none", "one", "1"]
    assert "EnvironmentLocationNotFound" in run.stderr
    script = f". {root}/bin/activate one && echo $CONDA_PREFIX"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == f"{root}/envs/one\n"

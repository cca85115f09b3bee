# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheelhouse: stand-ins of torch and torch_npu under real pip, and the wheels fetched from an index."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from wheels import command
from wheels.package_index import PackageIndex, PackageIndexError, Target
from wheels.stand_in_wheel import StandIn
from wheels.wheelhouse import WheelhouseError, need, releases, target

SIMULATOR = Path(command.__file__).parents[1]
PLATFORMS = ["--platform=manylinux2014_aarch64", "--platform=manylinux_2_17_aarch64"]
HERE = Target(("manylinux2014_aarch64",), {"platform_machine": "aarch64"})
COMPUTE = "import torch, torch_npu; a = torch.ones(2, 2).npu({}); print(a + a)"
TORCH_NPU = "torch_npu-2.1.0-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"
HOME = "/usr/local/Ascend/ascend-toolkit/latest"
KERNELS = f"{HOME}/opp/built-in/op_impl/ai_core/tbe/kernel/ascend910b"


def stand_ins(release: str = "cann-7.0.0") -> dict[str, StandIn]:
    return {one.file: one for one in need(release).stand_ins}


def texts(stand_in: StandIn, folder: Path) -> dict[str, str]:
    file = folder / stand_in.file
    file.write_bytes(stand_in.content())
    with zipfile.ZipFile(file) as wheel:
        return {name: wheel.read(name).decode() for name in wheel.namelist()}


def tiny(folder, name, *requires, version="9"):
    wheel = StandIn(name, version, "3.9", "manylinux2014_aarch64", None, requires)
    (folder / wheel.file).write_bytes(wheel.content())


# The wheels themselves


def test_names_and_requirements_are_those_of_the_real_wheels(tmp_path):
    assert list(stand_ins()) == ["torch-2.1.0-cp39-cp39-manylinux2014_aarch64.whl", TORCH_NPU]
    newest = stand_ins("cann-8.0.0")["torch-2.4.0-cp39-cp39-manylinux2014_aarch64.whl"]
    metadata = message_from_string(texts(newest, tmp_path)["torch-2.4.0.dist-info/METADATA"])
    assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == (
        "torch",
        "2.4.0",
        ">=3.8.0",
    )
    assert metadata.get_all("Requires-Dist") == [
        "filelock",
        "typing-extensions >=4.8.0",
        "sympy",
        "networkx",
        "jinja2",
        "fsspec",
        "opt-einsum >=3.3 ; extra == 'opt-einsum'",
        "optree >=0.11.0 ; extra == 'optree'",
    ]
    assert metadata.get_all("Provides-Extra") == ["opt-einsum", "optree"]


def test_tags_and_record_fit_the_content(tmp_path):
    content = texts(stand_ins()[TORCH_NPU], tmp_path)
    tags = re.findall(r"(?m)^Tag: (.*)$", content["torch_npu-2.1.0.dist-info/WHEEL"])
    assert tags == ["cp39-cp39-manylinux_2_17_aarch64", "cp39-cp39-manylinux2014_aarch64"]
    assert content["torch_npu/version.py"].endswith('__version__ = "2.1.0"\n')
    record = content.pop("torch_npu-2.1.0.dist-info/RECORD").splitlines()
    assert record.pop() == "torch_npu-2.1.0.dist-info/RECORD,,"
    for line, (name, text) in zip(record, content.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        assert line == f"{name},sha256={digest},{len(text.encode())}"


def test_the_same_stand_in_gives_the_same_bytes():
    for release in releases():
        for file, stand_in in stand_ins(release).items():
            assert stand_ins(release)[file].content() == stand_in.content()


# Under pip


def pip(*words, **environment):
    clean = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.run(
        [sys.executable, "-m", "pip", *words],
        env={**clean, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def site(tmp_path):
    """Give a folder into which pip has installed the stand-ins of CANN 7.0.0."""
    for stand_in in stand_ins().values():
        (tmp_path / stand_in.file).write_bytes(stand_in.content())
    choice = ["--only-binary=:all:", "--python-version=3.9", "--implementation=cp", *PLATFORMS]
    site = tmp_path / "site"
    wheels = [str(tmp_path / name) for name in stand_ins()]
    done = pip("install", "--no-deps", f"--target={site}", *choice, *wheels)
    assert done.returncode == 0, done.stderr
    return site


def test_pip_sees_that_torch_npu_wants_its_own_torch(tmp_path):
    for release in releases():
        for stand_in in stand_ins(release).values():
            (tmp_path / stand_in.file).write_bytes(stand_in.content())
    for name in ("filelock", "typing_extensions", "sympy", "networkx", "jinja2", "fsspec"):
        tiny(tmp_path, name)
    choice = ["--only-binary=:all:", "--python-version=3.9", "--implementation=cp", *PLATFORMS]
    wanted = ["torch==2.1.0", "torch_npu==2.4.0.post2"]
    done = pip("download", f"--dest={tmp_path}/x", f"--find-links={tmp_path}", *choice, *wanted)
    assert done.returncode == 1
    assert "torch-npu 2.4.0.post2 depends on torch==2.4.0" in done.stdout + done.stderr


# Computing


class User:
    """Somebody who has the stand-ins installed on a node with driver, CANN and kernels."""

    def __init__(self, node, site):
        self.node, self.site = node, site
        node.path(f"{HOME}/lib64").mkdir(parents=True)
        node.path(f"{HOME}/lib64/libhccl.so").touch()
        node.path(KERNELS).mkdir(parents=True)
        node.path("/usr/local/Ascend/driver/lib64/driver").mkdir(parents=True)
        node.path("/usr/local/Ascend/driver/lib64/driver/libascend_hal.so").touch()
        node.path("/etc/ld.so.conf.d").mkdir(parents=True)
        node.path("/etc/ld.so.conf.d/ascend_driver_so.conf").touch(mode=0)
        node.path("/lib").mkdir()
        node.path("/lib/davinci.conf").write_text("DAVINCI_HOME_PATH=/usr/local/Ascend\n")
        self.environment = {"LD_LIBRARY_PATH": f"{HOME}/lib64", "ASCEND_OPP_PATH": f"{HOME}/opp"}
        with node.change() as state:
            state["running"]["driver"] = "23.0.3"

    def python(self, code, *words):
        own = {"NPU_SIMULATOR_ROOT": self.node.root, "PYTHONPATH": f"{self.site}:{SIMULATOR}"}
        done = subprocess.run(
            [sys.executable, *words, "-c", code],
            env={**os.environ, **own, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout or done.stderr

    def last_line(self, code, *words):
        return self.python(code, *words).splitlines()[-1]

    def fault(self, **faults):
        with self.node.change() as state:
            state["faults"] = faults


@pytest.fixture
def user(node, site):
    return User(node, site)


def test_the_guides_smoke_test_prints_a_tensor_on_the_npu(user):
    shown = user.python("import torch, torch_npu; a = torch.randn(3, 4).npu(); print(a + a)")
    number = r" *-?\d+\.\d{4}"
    row = rf"\[{number}(,{number}){{3}}\]"
    assert re.fullmatch(rf"tensor\(\[{row},\n {{8}}{row},\n {{8}}{row}\], device='npu:0'\)\n", shown), shown


def test_the_collections_smoke_test_is_content(user):
    smoke_test = SIMULATOR.parent / "roles/npu_verify/files/smoke_test.py"
    assert user.python(smoke_test.read_text()) == (
        '{"torch": "2.1.0", "torch_npu": "2.1.0", "available": true, "devices": 8, "wrong": []}\n'
    )


def test_columns_are_aligned_as_torch_aligns_them(user):
    code = "import torch; a = torch.ones(2, 2); a._values[3] = -10.0; print(a)"
    assert user.python(code) == "tensor([[  1.0000,   1.0000],\n        [  1.0000, -10.0000]])\n"


def test_without_cann_in_the_environment_the_import_fails(user):
    del user.environment["LD_LIBRARY_PATH"]
    failure = "ImportError: libhccl.so: cannot open shared object file: No such file or directory"
    assert user.last_line("import torch_npu") == failure


@pytest.mark.parametrize(
    "file",
    [
        "/etc/ld.so.conf.d/ascend_driver_so.conf",
        "/lib/davinci.conf",
        "/usr/local/Ascend/driver/lib64/driver/libascend_hal.so",
    ],
)
def test_without_the_drivers_libraries_the_import_fails(user, file):
    user.node.path(file).unlink()
    assert user.last_line("import torch_npu").startswith("ImportError: libascend_hal.so: cannot open")


def test_without_yaml_the_import_fails(user):
    assert user.last_line("import torch_npu", "-S") == "ModuleNotFoundError: No module named 'yaml'"


def test_before_the_import_torch_knows_no_npu(user):
    assert (
        user.last_line("import torch; torch.npu") == "AttributeError: module 'torch' has no attribute 'npu'"
    )
    assert user.last_line("import torch; torch.ones(1).npu()").startswith("AttributeError: 'Tensor' object")
    assert user.last_line("import torch; torch.ones(1).to('npu')").startswith("RuntimeError: Expected one of")


def test_chips_that_are_gone_or_dead_are_not_counted(user):
    user.fault(npu_gone=[0], npu_dead=[5])
    shown = user.python("import torch, torch_npu; print(torch.npu.device_count(), torch.npu.is_available())")
    assert shown == "6 True\n"
    assert "device='npu:5'" in user.python(COMPUTE.format(5))
    assert "error code is 107001" in user.python(COMPUTE.format(6))


def test_without_a_running_driver_there_is_nothing_to_compute_on(user):
    with user.node.change() as state:
        state["running"]["driver"] = None
    shown = user.python("import torch, torch_npu; print(torch.npu.device_count(), torch.npu.is_available())")
    assert shown == "0 False\n"
    assert user.last_line(COMPUTE.format(0)) == "RuntimeError: No NPUs are available."


def test_without_the_kernels_of_the_chip_no_operator_runs(user):
    user.node.path(KERNELS).rename(user.node.path(KERNELS).with_name("ascend910"))
    assert user.last_line(COMPUTE.format(0)).endswith("please check if the opp_kernel package is installed!")


def test_tensors_on_two_devices_cannot_be_added(user):
    code = "import torch, torch_npu; print(torch.ones(1).npu(1) + torch.ones(1))"
    assert "at least two devices, npu:1 and cpu!" in user.last_line(code)


# What a release needs


def test_releases_of_both_layouts_have_their_stand_ins_and_pins():
    assert {"cann-7.0.0", "cann-8.0.0", "cann-8.1.rc1", "cann-8.3.rc1", "cann-8.5.0"} <= set(releases())
    for release in releases():
        one = need(release)
        assert {stand_in.name for stand_in in one.stand_ins} == {"torch", "torch_npu"}
        assert {"numpy==1.24.0", "protobuf==3.20.0", "pip"} <= set(one.requirements)
        assert any(requirement.startswith("networkx") for requirement in one.requirements)
        assert not any(requirement.startswith("torch") for requirement in one.requirements)


def test_what_is_not_known_is_said(tmp_path, capsys):
    with pytest.raises(
        WheelhouseError, match=r"found release cann-7, wanted one of the catalog's: .*cann-7\.0\.0"
    ):
        need("cann-7")
    with pytest.raises(WheelhouseError, match="found architecture x86_64, wanted aarch64"):
        target("x86_64")
    assert command.main(["--release=cann-7", f"--output={tmp_path}"]) == 1
    assert capsys.readouterr().err.startswith("wheels: found release cann-7")


def test_a_torch_without_stand_in_is_said(tmp_path):
    recipe = (SIMULATOR / "wheels/wheels.yml").read_text().replace('"2.1.0.post10":', '"2.1.0.post11":')
    (tmp_path / "wheels.yml").write_text(recipe)
    with pytest.raises(WheelhouseError, match=r"found no stand-in torch_npu 2\.1\.0\.post10"):
        need("cann-8.0.0", recipe=tmp_path / "wheels.yml")


# Fetching


class Shop:
    """A folder of tiny wheels that pip takes for its index."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        folder.mkdir()
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def offer(self, name, *requires):
        tiny(self.folder, name, *requires)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    return Shop(tmp_path / "shop", monkeypatch)


def names(wheels):
    return [wheel.name.split("-")[0] for wheel in wheels]


def test_what_pip_leaves_out_by_this_machines_markers_is_fetched_too(shop, tmp_path):
    shop.offer(
        "one", "two ; python_version < '3.10'", "four ; platform_machine == 'sparc'", "five ; extra == 'x'"
    )
    shop.offer("two", "three ; platform_machine == 'aarch64'")
    shop.offer("three")
    fetched = PackageIndex(tmp_path / "cache", HERE).fetch(["one", "six ; python_version > '3.9'"], "3.9")
    assert names(fetched) == ["one", "three", "two"]


def test_nothing_is_fetched_twice(shop, tmp_path):
    shop.offer("one")
    index = PackageIndex(tmp_path / "cache", HERE)
    first = index.fetch(["one"], "3.9")
    next(shop.folder.iterdir()).unlink()
    assert index.fetch(["one"], "3.9") == first
    with pytest.raises(
        PackageIndexError, match="pip found no such wheels: No matching distribution found for one"
    ):
        index.fetch(["one"], "3.11")


def test_a_broken_off_fetch_leaves_nothing_to_trust(shop, tmp_path):
    shop.offer("one", "two")
    index = PackageIndex(tmp_path / "cache", HERE)
    with pytest.raises(PackageIndexError):
        index.fetch(["one"], "3.9")
    shop.offer("two")
    assert names(index.fetch(["one"], "3.9")) == ["one", "two"]


def test_an_index_out_of_reach_is_said_in_one_sentence(shop, tmp_path, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "https://127.0.0.1:9/simple")
    with pytest.raises(PackageIndexError) as caught:
        PackageIndex(tmp_path / "cache", HERE).fetch(["one"], "3.9")
    assert str(caught.value) == (
        "the package index that pip is set to cannot be reached; connect this machine to it, or bring "
        f"{tmp_path}/cache from a machine that has it"
    )


def test_a_second_build_does_nothing_and_says_nothing(shop, tmp_path, capsys):
    needed = need("cann-7.0.0")
    for requirement in needed.requirements:
        match = re.match(r"([\w-]+)(?:==([\d.]+))?", requirement)
        tiny(shop.folder, match[1].replace("-", "_"), version=match[2] or "9")
    index, output = PackageIndex(tmp_path / "cache", target("aarch64")), tmp_path / "output"
    command.build([needed], output, index)
    assert f"wheels: {TORCH_NPU} made\n" in capsys.readouterr().out
    before = {file: file.stat().st_mtime_ns for file in output.iterdir()}
    sums = (output / "SHA256SUMS").read_text()
    assert f"{hashlib.sha256((output / TORCH_NPU).read_bytes()).hexdigest()}  {TORCH_NPU}\n" in sums
    command.build([needed], output, index)
    assert capsys.readouterr().out == ""
    assert {file: file.stat().st_mtime_ns for file in output.iterdir()} == before
    (output / TORCH_NPU).unlink()
    command.build([needed], output, index)
    assert capsys.readouterr().out == f"wheels: {TORCH_NPU} made\n"

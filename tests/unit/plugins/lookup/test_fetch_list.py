# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ascend.fleet.fetch_list: each file once, from where, and for whom."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError

PARTS = ["driver", "firmware", "toolkit", "kernels"]
MINIFORGE = "Miniforge3-Linux-aarch64.sh"


@pytest.fixture
def need(look_up):
    def make(host, release="cann-8.2.rc1", product="atlas_800t_a2", **more):
        bill = look_up("release", release, product=product)
        wishes = {"parts": PARTS, "frameworks": ["torch"], "glibc": "2.28"}
        return {"host": host, "answer": {"found": bill, "error": None}, **wishes, **more}

    return make


def test_each_file_is_named_once_with_those_who_need_it(look_up, need):
    found = look_up("fetch_list", [need("b"), need("a", conda_installer="Miniforge3-Linux-{arch}.sh")])
    by_name = {file["file"]: file for file in found["packages"]}
    hdk = by_name["Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip"]
    assert hdk == {
        "file": "Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip",
        "url": "https://ascend-repo.obs.cn-east-2.myhuaweicloud.com/Ascend%20HDK/Ascend%20HDK%2025.2.0/"
        "Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip",
        "sha256": "9629384df11289ea322eb4aa83cd52f65cc08945399a86af909c380e985be459",
        "referer": "https://www.hiascend.com/",
        "unpack": [
            "Ascend-hdk-910b-npu-driver_25.2.0_linux-aarch64.run",
            "Ascend-hdk-910b-npu-firmware_7.7.0.6.236.run",
        ],
        "hosts": ["a", "b"],
        "releases": ["cann-8.2.rc1"],
    }
    assert sorted(by_name) == [
        "Ascend-cann-kernels-910b_8.2.RC1_linux-aarch64.zip",
        "Ascend-cann-toolkit_8.2.RC1_linux-aarch64.zip",
        "Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip",
        MINIFORGE,
    ]
    assert by_name[MINIFORGE]["hosts"] == ["a"]
    assert by_name[MINIFORGE]["referer"] is None
    assert found["by_hand"] == []


def test_what_needs_a_login_is_for_people(look_up, need):
    found = look_up("fetch_list", [need("pod", product="atlas_800t_a3")])
    assert {
        "file": "Atlas-A3-hdk-npu-driver_25.2.1_linux-aarch64.run",
        "origin": "https://www.hiascend.com/hardware/firmware-drivers/community",
        "hosts": ["pod"],
    } in found["by_hand"]


def test_one_environment_for_all_hosts_that_want_the_same(look_up, need):
    other = need("c", release="cann-8.0.0")
    environments = look_up("fetch_list", [need("a"), need("b"), other])["environments"]
    assert [one["hosts"] for one in environments] == [["a", "b"], ["c"]]
    first = environments[0]
    assert "torch_npu==2.6.0" in first["requirements"]
    assert "--platform=manylinux_2_28_aarch64" in first["arguments"]
    assert "--platform=manylinux_2_29_aarch64" not in first["arguments"]
    assert first["markers"]["platform_machine"] == "aarch64"
    assert f"--python-version={first['python']}" in first["arguments"]


def test_frameworks_that_nobody_wants_are_left_out(look_up, need):
    found = look_up("fetch_list", [need("a", frameworks=[])])
    assert (found["environments"], found["wheels"]) == ([], [])
    minded = look_up("fetch_list", [need("a", frameworks=["mindspore"])])
    assert [one for one in minded["environments"][0]["requirements"] if one.startswith("mindspore==")]


def test_wheels_whose_checksums_are_published_come_from_the_vendor(look_up, need):
    wheels = look_up("fetch_list", [need("a")])["wheels"]
    assert [wheel["file"].split("-")[0] for wheel in wheels] == ["torch_npu"]
    assert wheels[0]["referer"] == "https://www.hiascend.com/"
    assert len(wheels[0]["sha256"]) == 64


def test_a_host_without_a_release_is_a_problem_and_the_others_are_worked_out(look_up, need):
    error = {"found": "x", "wanted": "y", "fix": "z"}
    found = look_up("fetch_list", [{**need("a"), "answer": {"found": None, "error": error}}, need("b")])
    assert found["problems"] == [{**error, "host": "a", "severity": "error"}]
    assert found["packages"][0]["hosts"] == ["b"]


def test_an_installer_that_nobody_knows_is_refused(look_up, need):
    with pytest.raises(
        AnsibleLookupError, match=r"found the conda installer Miniforge3-Linux-aarch64\.run of a"
    ):
        look_up("fetch_list", [need("a", conda_installer="Miniforge3-Linux-aarch64.run")])


def test_one_that_was_put_there_by_hand_is_taken_as_it_is(look_up, need):
    mine = need("a", conda_installer="Miniconda3-{arch}.sh", directory=["Miniconda3-aarch64.sh"])
    found = look_up("fetch_list", [mine])
    assert found["by_hand"] == [{"file": "Miniconda3-aarch64.sh", "origin": None, "hosts": ["a"]}]


@pytest.mark.parametrize(
    ("inputs", "hosts"),
    [
        ({}, ["a"]),
        ({"torch": {"manager": "venv"}}, ["a"]),
        ({"torch": {"manager": "venv"}, "mindspore": {"manager": "venv"}}, []),
        ({"torch": {"version": ""}, "mindspore": {"manager": "venv"}}, []),
    ],
)
def test_only_a_host_whose_environments_conda_makes_gets_its_installer(look_up, need, inputs, hosts):
    frameworks = ["torch", "mindspore"]
    one = need("a", conda_installer=MINIFORGE, inputs=inputs, frameworks=frameworks)
    packages = look_up("fetch_list", [one])["packages"]
    assert [host for file in packages if file["file"] == MINIFORGE for host in file["hosts"]] == hosts


def test_the_private_python_comes_for_hosts_that_are_to_have_it(look_up, need):
    python = look_up("interpreter", "aarch64")
    packages = look_up("fetch_list", [need("a", interpreter=True), need("b", interpreter=False)])["packages"]
    (one,) = (file for file in packages if file["file"].startswith("cpython"))
    assert (one["file"], one["url"], one["sha256"]) == (python["file"], python["url"], python["sha256"])
    assert one["hosts"] == ["a"]


def test_one_name_with_two_contents_is_refused(look_up, need):
    other = need("b")
    other["answer"]["found"]["packages"][0]["archive"]["sha256"] = "0" * 64
    with pytest.raises(AnsibleLookupError, match="wanted one content for one name in one directory"):
        look_up("fetch_list", [need("a"), other])


def test_a_site_brings_its_own_installer(look_up, need, tmp_path):
    (tmp_path / "downloads.yml").write_text(
        "sites: {'n.example:8443': {referer: 'https://x/', source: ours}}\n"
        "conda_installers: {own.sh: {url: 'https://n.example:8443/o', sha256: null, source: ours}}\n"
    )
    found = look_up("fetch_list", [need("a", conda_installer="own.sh")], catalog=[str(tmp_path)])
    own = next(file for file in found["packages"] if file["file"] == "own.sh")
    assert own["referer"] == "https://x/"

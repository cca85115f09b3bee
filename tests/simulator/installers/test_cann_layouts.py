# SPDX-License-Identifier: GPL-3.0-or-later
"""The CANN packages of all parts, in the trees of 8.3 and older and of 8.5 and newer."""

from __future__ import annotations

import os

import pytest

ASCEND = "/usr/local/Ascend"
TREE = f"{ASCEND}/ascend-toolkit"
KERNELS = "opp/built-in/op_impl/ai_core/tbe/kernel"


@pytest.fixture
def older(make_release):
    """Give a release of the tree of 8.3, with every part it can have."""
    return make_release("8.3.RC1", "ascend-toolkit")


@pytest.fixture
def newer(make_release):
    """Give a release of the tree of 8.5, with every part it can have."""
    return make_release("8.5.0", "cann")


def target(host, path):
    return os.readlink(host.node.path(path))


def test_the_tree_of_8_5_has_its_links_info_files_and_modes(host, newer):
    assert host.run("toolkit", "--install", "--quiet", release=newer) == 0
    assert (
        "Driver:   Not installed.\nToolkit:  Ascend-cann-toolkit_8.5.0_linux-aarch64 install success"
        in host.out
    )
    assert host.run("ops", "--install", "--quiet", release=newer) == 0
    assert "ops_910b:  Ascend-cann-910b-ops_8.5.0_linux-aarch64 install success" in host.out
    assert "[ops_910b] [20" in host.out
    base, linux = f"{ASCEND}/cann-8.5.0", f"{ASCEND}/cann-8.5.0/aarch64-linux"
    assert target(host, f"{ASCEND}/cann") == "cann-8.5.0"
    assert host.text(f"{TREE}/latest/aarch64-linux/ascend_toolkit_install.info").startswith(
        "package_name=Ascend-cann-toolkit\nversion=8.5.0\n"
    )
    assert host.text(f"{linux}/ascend_ops_install.info").startswith(
        "package_name=Ascend-cann-910b-ops\nversion=8.5.0\n"
    )
    assert host.text(f"{linux}/install.conf") == "whitelist=\n"
    assert host.has(f"{base}/share/info/runtime/version.info")
    assert host.has(f"{base}/{KERNELS}/ascend910b/binary_info_config.json")
    assert target(host, f"{TREE}/set_env.sh") == "../cann-8.5.0/set_env.sh"
    assert (
        host.text("/etc/Ascend/ascend_cann_install.info")
        == f"Install_Path={ASCEND}\nToolkit_InstallPath={base}\n"
    )
    assert host.node.path(linux).stat().st_mode & 0o777 == 0o755
    assert host.has("/var/log/ascend_seclog/ascend_ops_910b_install.log")


@pytest.mark.parametrize(
    ("part", "info", "script"),
    [
        (
            "toolkit",
            "ascend-toolkit/8.3.RC1/aarch64-linux/ascend_toolkit_install.info",
            "aarch64-linux/script/uninstall.sh",
        ),
        ("nnae", "nnae/8.3.RC1/ascend_nnae_install.info", "script/uninstall.sh"),
        ("nnrt", "nnrt/8.3.RC1/aarch64-linux/ascend_nnrt_install.info", "aarch64-linux/script/uninstall.sh"),
        ("tfplugin", "tfplugin/8.3.RC1/ascend_tfplugin_install.info", "script/uninstall.sh"),
        ("toolbox", "toolbox/7.3.0/ascend_toolbox_install.info", "script/uninstall.sh"),
    ],
)
def test_every_part_has_its_own_tree_and_uninstaller(host, older, part, info, script):
    assert host.run(part, "--install", "--quiet", "--install-for-all", release=older) == 0
    tree, version, _rest = info.split("/", 2)
    assert f"version={version}\n" in host.text(f"{ASCEND}/{info}")
    assert target(host, f"{ASCEND}/{tree}/latest") == version
    assert host.node.path(f"{ASCEND}/{tree}/set_env.sh").stat().st_mode & 0o777 == 0o555
    record = "toolbox" if part == "toolbox" else "cann"
    assert host.text(f"/etc/Ascend/ascend_{record}_install.info").startswith(f"Install_Path={ASCEND}\n")
    assert host.script(f"{ASCEND}/{tree}/{version}/{script}") == 0
    assert "uninstall success" in host.out
    assert not host.has(f"{ASCEND}/{tree}")
    assert not host.has(f"/etc/Ascend/ascend_{record}_install.info")


def test_nnal_wants_the_environment_and_tells_its_version(host, older, newer, monkeypatch):
    assert host.run("nnal", "--install", "--quiet", release=older) == 1
    assert "please source the set_env.sh" in host.out
    monkeypatch.setenv("ASCEND_HOME_PATH", f"{TREE}/latest")
    assert host.run("nnal", "--install", "--quiet", release=older) == 0
    assert host.out.endswith("Ascend-cann-nnal_8.3.RC1_linux-aarch64.run install success\n")
    version = host.text(f"{ASCEND}/nnal/atb/latest/version.info").splitlines()
    assert version[:2] == ["    Ascend-cann-atb : 8.3.RC1", "    Ascend-cann-atb Version : 8.3.RC1.B000"]
    assert "ATB_HOME_PATH=/usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_" in host.text(
        f"{ASCEND}/nnal/atb/set_env.sh"
    )
    assert host.run("nnal", "--install", "--quiet", release=newer) == 0
    assert host.script(f"{ASCEND}/nnal/nnal_uninstall.sh") == 0
    assert target(host, f"{ASCEND}/nnal/atb/latest") == "8.3.RC1"
    assert host.script(f"{ASCEND}/nnal/atb/8.3.RC1/scripts/uninstall.sh") == 0
    assert not host.has(f"{ASCEND}/nnal")


@pytest.mark.parametrize("host_part", ["nnae", "nnrt", "toolkit"])
def test_kernels_attach_where_type_says(host, older, host_part):
    folder = {"toolkit": "ascend-toolkit"}.get(host_part, host_part)
    words = (f"--type={host_part}", "--install", "--quiet")
    assert host.run("kernels", *words, release=older) == 1
    assert "please install it first" in host.out
    host.run(host_part, "--install", "--quiet", release=older)
    assert host.run("kernels", *words, release=older) == 0
    assert host.has(f"{ASCEND}/{folder}/8.3.RC1/{KERNELS}/ascend910b")
    assert host.script(f"{ASCEND}/{folder}/8.3.RC1/opp_kernel/script/uninstall.sh") == 0
    assert not host.has(f"{ASCEND}/{folder}/8.3.RC1/opp_kernel")
    assert host.has(f"{ASCEND}/{folder}/8.3.RC1")
    assert host.run("kernels", "--type=cuda", "--install", "--quiet", release=older) == 1
    assert "Unrecognized parameters: --type=cuda." in host.out


def test_devel_brings_the_static_libraries(host, older):
    host.run("toolkit", "--install", "--quiet", release=older)
    host.run("kernels", "--install", "--quiet", release=older)
    static = f"{TREE}/8.3.RC1/aarch64-linux/lib64/libops_910b_static.a"
    assert not host.has(static)
    assert host.run("kernels", "--devel", "--quiet", release=older) == 0
    assert host.has(static)


def test_operators_go_with_the_toolkit(host, older, newer):
    for release, part in ((older, "kernels"), (newer, "ops")):
        host.run("toolkit", "--install", "--quiet", release=release)
        assert host.run(part, "--install", "--quiet", release=release) == 0
    assert host.script(f"{ASCEND}/cann-8.5.0/cann_uninstall.sh") == 0
    assert host.out.endswith("Toolkit uninstall success\n")
    assert not host.has(f"{ASCEND}/cann-8.5.0")
    assert not host.has(f"{ASCEND}/cann")
    assert host.has(f"{TREE}/8.3.RC1/opp_kernel")
    assert host.run("toolkit", "--uninstall", release=older) == 0
    assert not host.has(TREE)


def test_both_trees_lie_side_by_side_and_the_links_go_to_the_last_one(host, older, newer):
    host.run("toolkit", "--install", "--quiet", release=older)
    host.run("toolkit", "--install", "--quiet", release=newer)
    assert target(host, f"{TREE}/latest") == "../cann-8.5.0"
    assert host.has(f"{TREE}/8.3.RC1/aarch64-linux/ascend_toolkit_install.info")
    host.run("toolkit", "--install", "--quiet", release=older)
    assert target(host, f"{TREE}/latest") == "8.3.RC1"
    assert target(host, f"{ASCEND}/cann") == "cann-8.5.0"


def test_an_upgrade_takes_the_older_tree_away(host, older, newer):
    host.run("toolkit", "--install", "--quiet", release=older)
    assert host.run("toolkit", "--upgrade", "--quiet", release=newer) == 0
    assert not host.has(f"{TREE}/8.3.RC1")
    assert target(host, f"{TREE}/latest") == "../cann-8.5.0"


def test_of_several_versions_the_link_that_would_dangle_goes_from_8_5_on(host, newer, make_release):
    newest = make_release("9.0.0", "cann")
    host.run("toolkit", "--install", "--quiet", release=newer)
    host.run("toolkit", "--install", "--quiet", release=newest)
    assert host.run("toolkit", "--uninstall", release=newest) == 0
    assert not host.has(f"{ASCEND}/cann")
    assert host.has(f"{ASCEND}/cann-8.5.0/aarch64-linux/ascend_toolkit_install.info")


def test_what_others_put_into_the_tree_survives_its_removal(host, older):
    host.run("toolkit", "--install", "--quiet", release=older)
    mine = host.node.path(f"{TREE}/8.3.RC1/mine.txt")
    mine.write_text("mine")
    assert host.run("toolkit", "--uninstall", release=older) == 0
    assert [one.name for one in mine.parent.iterdir()] == ["mine.txt"]


def test_the_whitelist_is_recorded_and_keeps_a_run_time_one(host, newer):
    assert host.run("toolkit", "--install", "--quiet", "--whitelist=nnrt", release=newer) == 0
    assert host.text(f"{ASCEND}/cann/aarch64-linux/install.conf") == "whitelist=nnrt\n"
    assert not host.has(f"{ASCEND}/cann/python")
    assert host.run("toolkit", "--upgrade", "--quiet", release=newer) == 1
    assert "does not support the upgrade" in host.out
    assert host.run("toolkit", "--install", "--quiet", "--whitelist=all", release=newer) == 1


def test_sub_packages_refuse_a_word_with_status_0_and_the_outer_one_believes_them(host, older):
    assert host.run("toolkit", "--install", "--quiet", "--whitelist=nnrt", release=older) == 0
    assert "ERR_NO:0x0004;ERR_DES:Unrecognized parameters: --whitelist=nnrt." in host.out
    assert "install success" in host.out
    assert not host.has(TREE)


def test_a_new_path_resets_the_record_and_keeps_the_old_one(host, older):
    host.run("toolkit", "--install", "--quiet", release=older)
    assert host.run("toolkit", "--install", "--quiet", "--install-path=/usr/local/Other", release=older) == 0
    assert host.text("/etc/Ascend/ascend_cann_install.info").startswith("Install_Path=/usr/local/Other\n")
    (kept,) = host.node.path("/etc/Ascend").glob("2*/ascend_cann_install.info")
    assert kept.read_text().startswith(f"Install_Path={ASCEND}\n")


def test_operators_of_a_second_chip_are_refused_in_one_path(host, newer):
    host.run("toolkit", "--install", "--quiet", release=newer)
    host.node.path(f"{ASCEND}/cann-8.5.0/{KERNELS}/ascend310p").mkdir(parents=True)
    assert host.run("ops", "--install", "--quiet", release=newer) == 1
    assert "the operators of ascend310p are installed there" in host.out


def test_a_user_has_tree_links_and_record_below_the_home(host, newer):
    host.run("toolkit", "--install", "--quiet", release=newer)
    host.node.uid = 1000
    assert host.run("toolkit", "--install", "--quiet", release=newer) == 0
    home = "/home/HwHiAiUser"
    assert target(host, f"{home}/Ascend/cann") == "cann-8.5.0"
    assert host.text(f"{home}/Ascend/ascend_cann_install.info").startswith(f"Install_Path={home}/Ascend\n")
    assert host.node.path(f"{home}/Ascend/cann-8.5.0").stat().st_mode & 0o777 == 0o750
    assert host.run("toolkit", "--uninstall", release=newer) == 0
    assert not host.has(f"{home}/Ascend/cann-8.5.0")
    assert host.has(f"{ASCEND}/cann-8.5.0")

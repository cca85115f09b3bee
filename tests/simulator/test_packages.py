# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from npu_simulator.installers.version_check import fits
from packages.command import main
from packages.release_packages import DETAILS, CatalogError, describe
from packages.run_file import Description, write

REPOSITORY = Path(__file__).resolve().parents[2]
DRIVER = "Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run"
A2 = ["--release", "cann-7.0.0", "--product", "atlas_800t_a2"]


@pytest.fixture
def package(tmp_path):
    """Write one driver package and return how to run it: words -> finished process."""
    file = tmp_path / DRIVER
    write(Description("driver", "23.0.3", DRIVER, "910b", "aarch64"), file)
    runner = tmp_path / "run"
    runner.write_text('#!/bin/sh\necho "runner: $*"\ncat "$2/package.json"\necho "$3" >&2\nexit 2\n')
    runner.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "NPU_SIMULATOR_RUN": str(runner)}

    def call(*words, **changes):
        return subprocess.run(
            ["sh", file, *words], env={**environment, **changes}, capture_output=True, text=True, check=False
        )

    call.file, call.home = file, home
    return call


def test_the_same_description_gives_the_same_bytes_and_another_one_others(tmp_path):
    first = Description("driver", "23.0.3", DRIVER, "910b", "aarch64", {"pci_devices": ["d802"]})
    other = Description("driver", "23.0.4", DRIVER, "910b", "aarch64", {"pci_devices": ["d802"]})
    sums = [write(one, tmp_path / name, 100_000) for one, name in ((first, "a"), (first, "b"), (other, "c"))]
    assert sums[0] == sums[1] != sums[2]
    assert (tmp_path / "a").stat().st_size == 100_000


def test_it_verifies_unpacks_and_hands_over_arguments_and_status(package):
    answer = package("--nox11", "--full", "--install-path=/opt/a b", "--install-for-all")
    assert answer.returncode == 2
    first, *rest = answer.stdout.splitlines()
    assert first == "Verifying archive integrity... All good."
    assert rest[0] == "Uncompressing ASCEND DRIVER RUN PACKAGE  100%  "
    assert rest[1].startswith(f"runner: installers {package.home}/selfgz")
    assert rest[1].endswith(f" {DRIVER} --full --install-path=/opt/a b --install-for-all")
    assert json.loads("\n".join(rest[2:]))["version"] == "23.0.3"
    assert " SHA256 checksums are OK." in answer.stderr
    assert list(package.home.iterdir()) == []


def test_quiet_says_nothing_and_comes_first(package):
    answer = package("--upgrade", "--quiet")
    assert answer.stdout.splitlines()[0].endswith(f"{DRIVER} --quiet --upgrade")


def test_check_verifies_twice_and_goes_on_to_the_installer(package):
    answer = package("--check")
    assert answer.stdout.count("All good.") == 2
    assert f"{DRIVER} --check" in answer.stdout


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_a_damaged_package_is_refused(package, damage):
    data = bytearray(package.file.read_bytes())
    if damage == "flip":
        data[-1] ^= 1
    package.file.write_bytes(data if damage == "flip" else data[:-1])
    answer = package("--full", "--quiet")
    wanted = "Error in SHA256 checksums:" if damage == "flip" else " Unexpected archive size."
    assert (answer.returncode, answer.stderr.startswith(wanted)) == (2, True)
    assert "runner" not in answer.stdout


def test_it_can_be_looked_into(package, tmp_path):
    assert package("--list").stdout.splitlines()[-1].endswith("package.json")
    assert package("--info").stdout.startswith("Identification: ASCEND DRIVER RUN PACKAGE")
    target = tmp_path / "unpacked"
    answer = package("--noexec", f"--extract={target}")
    assert (answer.returncode, [one.name for one in target.iterdir()]) == (0, ["package.json"])
    assert "runner" not in answer.stdout


@pytest.mark.parametrize(("words", "status"), [(["--help"], 0), (["--fulll"], 1), (["--install"], 1)])
def test_help_and_unknown_options_print_the_usage(package, words, status):
    answer = package(*words)
    assert (answer.returncode, answer.stdout) == (status, "")
    assert "--nox11                           Do not spawn an xterm" in answer.stderr


def test_away_from_a_simulated_node_it_says_so(package):
    answer = package("--full", NPU_SIMULATOR_RUN="/nowhere/run")
    assert (answer.returncode, "found no /nowhere/run" in answer.stderr) == (1, True)


def test_a_release_is_made_once_with_its_checksums(tmp_path, capsys):
    assert main([*A2, "--output", str(tmp_path)]) == 0
    made = capsys.readouterr().out.splitlines()
    assert made[0] == f"packages: {DRIVER} made"
    assert len(made) == 4
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)
    assert main([*A2, "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    assert main([*A2, "--output", str(tmp_path), "--megabytes", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert (tmp_path / DRIVER).stat().st_size == 1024 * 1024


@pytest.mark.parametrize("release", ["cann-7.0.0", "cann-8.0.0"])
@pytest.mark.parametrize(
    ("product", "chip", "device"), [("atlas_800t_a2", "910b", "d802"), ("atlas_800_9000", "910", "d801")]
)
def test_the_catalog_decides_names_versions_and_devices(release, product, chip, device):
    packages = {one.part: one for one in describe(release, product, "aarch64")}
    assert {"driver", "firmware", "toolkit", "kernels"} <= set(packages)
    assert all(one.version in one.file for one in packages.values())
    assert packages["driver"].details["pci_devices"][0] == device
    assert packages["driver"].details["version_info"]["compatible_version_fw"]
    assert packages["kernels"].chip == chip
    file = packages["kernels"].details["components"][0]["file"]
    assert file.startswith(f"Ascend{chip.upper()}-opp_kernel-7.")


def test_driver_names_spell_x86_64_with_a_hyphen():
    packages = {one.part: one.arch for one in describe("cann-8.0.0", "atlas_800t_a2", "x86_64")}
    wanted = {"driver": "x86-64", "firmware": None, "toolkit": "x86_64", "kernels": "x86_64"}
    assert wanted.items() <= packages.items()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("cann-7.0.9", "atlas_800t_a2", "aarch64"), "found release cann-7.0.9, wanted .*cann-7.0.0"),
        (("cann-7.0.0", "atlas_800t_a9", "aarch64"), "found product atlas_800t_a9, wanted .*atlas_800t_a"),
        (
            ("cann-7.0.0", "atlas_800t_a2", "x86_64"),
            "found no driver, toolkit in .*cann-7.0.0.yml, wanted driver,",
        ),
    ],
)
def test_what_the_catalog_lacks_is_named_with_the_nearest(words, text):
    with pytest.raises(CatalogError, match=text):
        describe(*words)


def test_the_script_runs_from_anywhere(tmp_path):
    script = REPOSITORY / "simulator/packages/build.py"
    subprocess.run([sys.executable, script, *A2, "--output", tmp_path / "out"], cwd=tmp_path, check=True)
    assert (tmp_path / "out" / DRIVER).exists()


def test_driver_and_firmware_of_every_release_fit_each_other():
    details = yaml.safe_load(DETAILS.read_text())
    pairs = set()
    for file in (REPOSITORY / "catalog/releases").glob("*.yml"):
        hdk = yaml.safe_load(file.read_text())["hdk"].values()
        pairs |= {(one["driver"], one["firmware"]) for one in hdk if one["driver"] and one["firmware"]}
    known = {pair for pair in pairs if pair[0] in details["driver"]}
    assert len(known) >= 2
    for driver, firmware in known:
        assert fits(details["driver"][driver]["compatible_version_fw"], firmware), (driver, firmware)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 000: conda, torch 2.1.0 with torchvision and torchaudio."""

from __future__ import annotations

testinfra_hosts = ["ssh://guide-000"]
COMPANIONS = "import torchvision, torchaudio; print(torchvision.__version__, torchaudio.__version__)"


def test_torchvision_and_torchaudio_come_with_their_torch(shells):
    assert shells.run("login", ["python", "-c", COMPANIONS]) == "0.16.0 2.1.0"


def test_conda_knows_the_environment_and_activates_it(host, expected):
    listed = host.check_output("/opt/miniforge3/bin/conda env list").split()
    assert expected["prefix"] in listed or f"{expected['prefix']}/" in listed
    activated = f". /opt/miniforge3/bin/activate {expected['prefix']} && python --version"
    assert host.check_output(f"env -i HOME=/home/fleet bash -c '{activated}'").startswith("Python 3.9.")


def test_nobody_got_into_the_group_of_the_devices_unasked(host):
    assert "HwHiAiUser" not in host.user("fleet").groups

# SPDX-License-Identifier: GPL-3.0-or-later
"""Places and a conda of somebody else stop the role python_environment; shared ones are filled once."""

from __future__ import annotations

import getpass
import os

import pytest
from integration import test_python_environment

site = test_python_environment.site
miniconda = test_python_environment.miniconda
# Root without the capability to write everywhere: what the server of NFS makes of root with root_squash.
SQUASHED = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
OTHER = "nobody"
NUMBER = 65534


def give_away(folder):
    """Let somebody else own ``folder`` and return the owner and the user of the role.

    Only root can give something away. Everybody else stays the owner, and the role is told another user.
    """
    if os.getuid():
        return getpass.getuser(), OTHER
    os.chown(folder, NUMBER, NUMBER)
    return OTHER, getpass.getuser()


def found(said):
    """Return what the table of problems found, without blanks: its lines break where a path is long."""
    rows = [line.split("|") for line in said.splitlines() if line.count("|") == 3]
    return "".join("".join(row[1].split()) for row in rows)


def test_a_conda_of_somebody_else_makes_and_changes_nothing(site, miniconda):
    site.run("apple==1", conda=str(miniconda))
    calls = (miniconda / "calls").read_text(encoding="utf-8")
    owner, user = give_away(miniconda)
    words = {"conda": str(miniconda), "owner": user}
    said = site.run("apple==2", **words)
    assert f"condain{miniconda},whichbelongsto{owner}" in found(said)
    assert "Change its packages" not in said
    assert site.run("apple==1", **words) == []
    assert (miniconda / "calls").read_text(encoding="utf-8") == calls
    assert site.beside() == [".env.a", "env"]


@pytest.fixture
def closed(site):
    """Close the folder of an environment to the user, as a home on NFS is closed to root."""
    site.run("apple==1")
    folder = site.path.parent
    folder.chmod(0o555)
    if not os.getuid():
        os.chown(folder, NUMBER, NUMBER)
        site.launcher = SQUASHED
    yield folder
    folder.chmod(0o755)


def test_a_home_where_root_is_nobody_is_refused_before_anything_is_made(site, closed):
    owner, user = getpass.getuser() if os.getuid() else OTHER, getpass.getuser()
    said = site.run("apple==2")
    assert f"{closed}of{owner}on" in found(said)
    assert f"where{user}maynotwrite" in found(said)
    assert "Prepare where pip finds packages" not in said
    assert site.run("apple==1") == []
    assert site.beside() == [".env.a", "env"]


def test_hosts_of_a_later_wave_find_the_environment_of_a_shared_place_done(site):
    site.hosts = ["one", "two", "three"]
    assert site.run("apple==1") == []  # what the last host did
    makers = site.said.partition("Build | Create the venv]")[2].partition("TASK")[0]
    assert ("[one]" in makers, "[two]" in makers, "[three]" in makers) == (True, False, False)
    assert site.said.count("Build | Create the venv]") == 1
    assert site.beside() == [".env.a", "env"]

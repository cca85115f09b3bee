# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulated racks are made from: inventory, container arguments, images, keys, apt's sources."""

from __future__ import annotations

import fcntl
import io
import ipaddress
import socket
import subprocess
import tarfile
import threading
from pathlib import Path

import node_access
import node_containers
import node_images
import pytest
from apt_sources import Source, deb822_sources, debian_mirror, one_line_sources
from demo import Need, needs
from docker_engine import DockerError
from node_containers import Existing, NodeError
from node_images import Recipe
from racks import command_line, each
from simulated_inventory import InventoryError, inventory_name, read_inventory, simulated_nodes

ROOT = Path(__file__).resolve().parents[2]
SUITES = ["bookworm", "bullseye", "docker"]
NETWORK = ipaddress.IPv4Network("198.19.4.0/22")


def listing(**hosts):
    """Return what ansible-inventory says of hosts: their variables, and each one's product as `product`."""
    groups: dict = {}
    for host, own in hosts.items():
        groups.setdefault(own.pop("product", "atlas_800t_a2"), {"hosts": []})["hosts"].append(host)
    return {"_meta": {"hostvars": hosts}, **groups}


def host(**own):
    return {"simulator_image": "bookworm", "ansible_port": 42201, **own}


def only_node(**own):
    (node,) = simulated_nodes(listing(node1=host(**own)), "lab", SUITES)
    return node


def test_the_demo_inventory_gives_two_racks_of_both_models():
    nodes = simulated_nodes(read_inventory(ROOT / "inventories/demo"), "demo", SUITES)
    assert [(node.container, node.state["product"], node.suite, node.port) for node in nodes] == [
        ("fleet-demo-node-a01-01", "atlas_800t_a2", "bookworm", 42201),
        ("fleet-demo-node-a01-02", "atlas_800t_a2", "bookworm", 42202),
        ("fleet-demo-node-b01-01", "atlas_800_9000", "bullseye", 42203),
        ("fleet-demo-node-b01-02", "atlas_800_9000", "bullseye", 42204),
    ]
    assert len({npu["serial"] for node in nodes for npu in node.state["npus"]}) == 32


def test_packages_are_made_for_what_each_model_is_to_have_now_and_later():
    later = {"simulator_releases": ["cann-8.0.0"]}
    content = listing(
        one=host(npu_fleet_release="cann-7.0.0", **later),
        two=host(npu_fleet_release="cann-7.0.0", ansible_port=2, product="atlas_800_9000"),
        three=host(npu_fleet_release="cann-7.0.0", ansible_port=3, **later),
    )
    assert list(needs(content, simulated_nodes(content, "lab", SUITES))) == [
        Need("cann-7.0.0", "aarch64", ("atlas_800_9000", "atlas_800t_a2")),
        Need("cann-8.0.0", "aarch64", ("atlas_800t_a2",)),
    ]


def test_a_simulated_node_without_a_release_is_refused_before_anything_is_made():
    content = listing(node1=host())
    with pytest.raises(InventoryError, match="node1: found no npu_fleet_release"):
        list(needs(content, simulated_nodes(content, "lab", SUITES)))


def test_an_unreadable_inventory_is_named_with_the_reason(tmp_path):
    (tmp_path / "hosts.yml").write_text("all: [\n", encoding="utf-8")
    with pytest.raises(InventoryError, match="ansible-inventory cannot read it: (?s:.*)hosts.yml"):
        read_inventory(tmp_path / "hosts.yml")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("inventories/demo", "demo"),
        ("inventories/demo/hosts.yml", "demo"),
        ("molecule/site/inventory", "site"),
        ("molecule/site/inventory/hosts.yml", "site"),
        ("lab.yml", "lab"),
    ],
)
def test_an_inventory_is_called_after_its_folder(tmp_path, path, name):
    assert inventory_name(tmp_path / path) == name


def test_hosts_without_an_image_are_not_simulated():
    nodes = simulated_nodes(listing(real={"ansible_port": 22}, played=host()), "lab", SUITES)
    assert [node.name for node in nodes] == ["played"]


def test_the_product_is_found_in_a_group_below_the_product_group():
    content = listing(node1=host(product="racks"))
    content["atlas_800_9000"] = {"children": ["racks"]}
    (node,) = simulated_nodes(content, "lab", SUITES)
    assert node.state["product"] == "atlas_800_9000"


def test_seconds_and_environment_come_from_the_host_s_variables():
    node = only_node(simulator_seconds={"driver": 20}, simulator_environment="vm")
    assert node.state["seconds"]["driver"] == 20
    assert {seconds for part, seconds in node.state["seconds"].items() if part != "driver"} == {1}
    assert node.state["environment"] == "vm"


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"product": "atlas_700"}, r"node1: found product groups \[\], wanted one of .*, atlas_800_9000, .*"),
        (
            {"simulator_image": "trixie"},
            "node1: found simulator_image trixie, wanted one of bookworm, bullseye, docker",
        ),
        (
            {"simulator_environment": "cloud"},
            "node1: found simulator_environment cloud, wanted one of bare_metal",
        ),
        (
            {"simulator_seconds": {"disk": 1}},
            "node1: found simulator_seconds disk, wanted one of conda, docker_runtime, driver",
        ),
        ({"ansible_port": "ssh"}, "node1: found ansible_port 'ssh', wanted a port number"),
    ],
)
def test_a_description_that_cannot_be_simulated_is_refused(own, message):
    with pytest.raises(InventoryError, match=message):
        only_node(**own)


def test_an_inventory_without_simulated_hosts_is_refused():
    with pytest.raises(InventoryError, match="inventory lab: found no host with simulator_image"):
        simulated_nodes(listing(real={}), "lab", SUITES)


def test_two_nodes_cannot_share_a_port():
    with pytest.raises(InventoryError, match="node2: found ansible_port 42201, which node1 has too"):
        simulated_nodes(listing(node1=host(), node2=host()), "lab", SUITES)


def arguments(**own):
    return " ".join(node_containers.create_arguments(only_node(**own), NETWORK))


def test_a_container_keeps_its_address_comes_back_and_listens_on_this_machine_only():
    words = arguments()
    assert "--name fleet-lab-node1 --hostname node1 --network fleet-lab --ip 198.19.4.2" in words
    assert "--publish 127.0.0.1:42201:22 --restart always" in words
    assert "--mount type=volume,source=fleet-lab,target=/var/lib/npu-simulator/fabric" in words
    assert "--label ascend.fleet.inventory=lab" in words
    assert f"--label ascend.fleet.checkout={ROOT}" in words
    assert words.endswith(" ascend-fleet/node:bookworm")


@pytest.mark.parametrize(("image", "may"), [("bookworm", False), ("docker", True)])
def test_only_a_node_with_an_engine_may_make_networks(image, may):
    assert ("NET_ADMIN" in arguments(simulator_image=image)) is may


@pytest.mark.parametrize(
    ("environment", "cgroups"), [("bare_metal", "private"), ("vm", "private"), ("container", "host")]
)
def test_only_a_node_that_plays_a_container_shows_docker_in_its_cgroups(environment, cgroups):
    assert f"--cgroupns {cgroups} " in arguments(simulator_environment=environment)


def existing(node, **changes):
    fields = {"state": "running", "image": "ascend-fleet/node:bookworm", "checkout": str(ROOT)}
    fields.update({"description": node_containers.description(node), **changes})
    return Existing(node.container, **fields)


def test_a_node_of_another_checkout_is_refused_while_that_checkout_exists(tmp_path):
    found = existing(only_node(), checkout=str(tmp_path))
    with pytest.raises(NodeError, match=f"found a node of the checkout {tmp_path}.* run make clean there"):
        node_containers.usable(found)


def test_nodes_that_are_left_over_or_half_made_are_made_anew(tmp_path):
    node = only_node()
    assert node_containers.usable(existing(node, checkout=str(tmp_path / "gone"))) is None
    assert node_containers.usable(existing(node, state="created")) is None
    assert node_containers.usable(None) is None
    assert node_containers.usable(existing(node)) == existing(node)


def test_a_node_that_the_inventory_describes_otherwise_now_is_not_kept():
    found = existing(only_node())
    with pytest.raises(NodeError, match="node1: found a node made from another description.*racks.py fresh"):
        node_containers.keep(only_node(simulator_seconds={"driver": 20}), found)


def test_what_failed_on_any_node_is_told_of_all_of_them():
    nodes = simulated_nodes(listing(node1=host(), node2=host(ansible_port=2)), "lab", SUITES)

    def fail(node):
        raise DockerError("docker start failed") if node.name == "node1" else NodeError("node2: no answer")

    with pytest.raises(NodeError, match="node1: docker start failed\n  node2: no answer"):
        each(fail, nodes)


def test_a_fault_is_set_with_a_value_and_cleared_without():
    parse = command_line().parse_args
    options = parse(["fault", "-i", "inventories/demo", "node-a01-01", "link_down", "[3]"])
    assert (options.node, options.key, options.value) == ("node-a01-01", "link_down", ["[3]"])
    assert parse(["fault", "-i", "inventories/demo", "node-a01-01", "link_down"]).value == []


def test_known_hosts_has_one_line_for_each_address(tmp_path):
    one, two = "[127.0.0.1]:42201", "[127.0.0.1]:42202"
    node_access.know_hosts({one: "ssh-ed25519 AAAA root@one", two: "ssh-ed25519 BBBB"}, tmp_path)
    node_access.know_hosts({one: "ssh-ed25519 CCCC root@two"}, tmp_path)
    assert (tmp_path / "known_hosts").read_text(encoding="utf-8").splitlines() == [
        "[127.0.0.1]:42202 ssh-ed25519 BBBB",
        "[127.0.0.1]:42201 ssh-ed25519 CCCC",
    ]


def test_the_user_s_key_is_made_once_and_is_private(tmp_path):
    key = node_access.public_key(tmp_path / "ssh")
    assert key.startswith("ssh-ed25519 ")
    assert node_access.public_key(tmp_path / "ssh") == key
    assert (tmp_path / "ssh/id_ed25519").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("greeting", "answers"), [(b"SSH-2.0-OpenSSH_9.2\r\n", True), (b"", False)])
def test_only_a_greeting_counts_as_an_answer(greeting, answers):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _address = server.accept()
            connection.sendall(greeting)
            connection.close()

        threading.Thread(target=greet, daemon=True).start()
        assert node_access.answers(server.getsockname(), seconds=0) is answers


def test_a_changed_recipe_changes_the_checksum_and_a_changed_mirror_does_not():
    def checksum(debian="bookworm", packages=("gcc",), python="visible", mirror="http://one", context=b""):
        return node_images.checksum(Recipe("image", debian, packages, python, mirror), context)

    assert checksum(mirror="http://two") == checksum()
    others = [checksum("bullseye"), checksum(packages=("gcc", "make")), checksum(context=b"x")]
    assert len({checksum(), *others, checksum(python="hidden")}) == 5


def test_images_are_made_and_dropped_while_no_other_program_does_so(monkeypatch, tmp_path):
    held = []

    def docker(*_words):
        with (tmp_path / "images.lock").open("w") as lock:
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held.append(True)

    monkeypatch.setattr(node_images, "CACHE", tmp_path)
    monkeypatch.setattr(node_images, "recipes", list)
    monkeypatch.setattr(node_images, "docker", docker)
    node_images.build_all()
    assert held == [True]


def test_the_build_context_has_all_that_the_dockerfile_copies_and_does_not_change_by_itself():
    context = node_images.build_context()
    with tarfile.open(fileobj=io.BytesIO(context)) as tar:
        modes = {member.name: member.mode for member in tar}
    assert modes["node/run"] == modes["node/bin/uname"] == 0o755
    assert modes["npu_simulator/state.py"] == modes["node/init.py"] == 0o644
    assert node_images.build_context() == context


def test_the_build_context_has_no_bytecode(tmp_path, monkeypatch):
    for name in ("node/run", "npu_simulator/__pycache__/state.pyc"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(node_images, "SIMULATOR", tmp_path)
    assert node_images.context_files() == [Path("node/run")]


def test_one_line_sources_may_have_options_and_comments():
    text = """
# deb http://old.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/debian.gpg] http://mirror.example/debian bookworm main contrib # local
"""
    assert one_line_sources(text) == [
        Source("http://mirror.example/debian", ("bookworm",), ("main", "contrib"))
    ]


def test_deb822_sources_may_be_disabled_and_folded():
    text = """# The mirror of the house
Types: deb deb-src
URIs: http://one.example/debian
# a remark in the middle
Suites: bookworm
 bookworm-updates
Components: main

Types: deb
Enabled: no
URIs: http://two.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://three.example/debian
Suites: bookworm
Components: main
"""
    assert deb822_sources(text) == [
        Source("http://one.example/debian", ("bookworm", "bookworm-updates"), ("main",))
    ]


DEBIAN = "ID=debian\nVERSION_CODENAME=bookworm\n"


@pytest.mark.parametrize(
    ("release", "sources", "mirror"),
    [
        pytest.param(
            DEBIAN,
            "deb http://security.example/debian-security bookworm-security main\n"
            "deb cdrom:[Debian]/ bookworm main\n"
            "deb http://tools.example/apt stable main\n"
            "deb http://house.example/debian/ bookworm main\n",
            "http://house.example/debian",
            id="the one of the own release, not security, a disc or a stranger",
        ),
        pytest.param(DEBIAN, "deb file:/srv/debian bookworm main\n", "", id="a folder is out of reach"),
        pytest.param(
            'ID=ubuntu\nVERSION_CODENAME="noble"\n',
            "deb http://archive.example/ubuntu noble main\n",
            "",
            id="not a Debian",
        ),
    ],
)
def test_the_mirror_is_the_one_that_this_debian_itself_uses(tmp_path, release, sources, mirror):
    (tmp_path / "etc/apt/sources.list.d").mkdir(parents=True)
    (tmp_path / "etc/os-release").write_text(release, encoding="utf-8")
    (tmp_path / "etc/apt/sources.list").write_text(sources, encoding="utf-8")
    assert debian_mirror(tmp_path) == mirror


def test_the_mirror_is_found_in_the_deb822_form_too(tmp_path):
    (tmp_path / "etc/apt/sources.list.d").mkdir(parents=True)
    (tmp_path / "etc/os-release").write_text(DEBIAN, encoding="utf-8")
    text = "Types: deb\nURIs: https://house.example/debian\nSuites: bookworm\nComponents: main\n"
    (tmp_path / "etc/apt/sources.list.d/debian.sources").write_text(text, encoding="utf-8")
    assert debian_mirror(tmp_path) == "https://house.example/debian"


def test_ssh_reaches_the_nodes_by_name_and_checks_their_keys(tmp_path):
    file = node_access.name_hosts("rack", {"node-b": 42302, "node-a": 42301}, tmp_path)
    asked = subprocess.run(
        ["ssh", "-F", str(file), "-G", "node-a"], check=True, capture_output=True, text=True
    )
    said = dict(line.split(" ", 1) for line in asked.stdout.splitlines() if " " in line)
    assert (said["hostname"], said["port"], said["user"]) == ("127.0.0.1", "42301", "fleet")
    assert said["stricthostkeychecking"] in {"true", "yes"}
    assert said["userknownhostsfile"] == str(tmp_path / "known_hosts")


def test_naming_one_node_again_keeps_the_others(tmp_path):
    node_access.name_hosts("rack", {"node-a": 42301, "node-b": 42302}, tmp_path)
    text = node_access.name_hosts("rack", {"node-b": 42309}, tmp_path).read_text(encoding="utf-8")
    assert text.startswith("Host node-a\n    Port 42301\nHost node-b\n    Port 42309\nHost *\n")

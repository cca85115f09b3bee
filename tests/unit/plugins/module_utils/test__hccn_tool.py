# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of hccn_tool: argument lists, answers, complaints; the answers of the real program too."""

from __future__ import annotations

import os
import re
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result

ROOT = Path(os.environ.get("ASCEND_TRANSCRIPTS", "../shared/transcripts")) / "hccn_tool"
FILES = [
    file
    for chip in ("910A", "910B")
    for file in sorted((ROOT / chip).glob("*.txt"))
    if re.search(r"hccn_tool -i \d+ -(ip|gateway|netdetect|link|net_health|cfg) ", file.read_text())
]
PARSERS = {
    "-ip -g": tool.parse_address_answer,
    "-gateway -g": tool.parse_gateway_answer,
    "-netdetect -g": tool.parse_detection_answer,
    "-link -g": tool.parse_link_answer,
    "-net_health -g": tool.parse_health_answer,
    "-cfg status": tool.parse_replay_answer,
}
needs_transcripts = pytest.mark.skipif(
    not FILES and os.environ.get("CI") != "true",
    reason="NO TRANSCRIPTS: set ASCEND_TRANSCRIPTS to their directory, else real answers are not tried",
)


def answer(out="", err="", status=0, call="-i 3 -ip -g"):
    return Result(("hccn_tool", *call.split()), status, out, err)


def recorded(file):
    """Read one recording: the arguments, status and both streams."""
    text = file.read_text()
    call = re.search(r"^command: hccn_tool (.+)$", text, re.MULTILINE)[1]
    status = re.search(r"^status: (.+)$", text, re.MULTILINE)[1]
    out, err = re.search(r"--- stdout ---\n(.*?)--- stderr ---\n(.*?)--- ", text, re.DOTALL).groups()
    return Result(("hccn_tool", *call.split()), int(status) if status.isdigit() else 124, out, err)


def named(pattern):
    return [file for file in FILES if re.search(pattern, file.read_text(), re.MULTILINE)]


def name_of(file):
    return f"{file.parent.name}-{file.stem}"


def test_argument_lists():
    address, gateway = IPv4Interface("10.20.1.1/16"), IPv4Address("10.20.0.1")
    assert tool.address_query(7) == ("-i", "7", "-ip", "-g")
    assert tool.gateway_query(7) == ("-i", "7", "-gateway", "-g")
    assert tool.detection_query(7) == ("-i", "7", "-netdetect", "-g")
    assert tool.link_query(7) == ("-i", "7", "-link", "-g")
    assert tool.health_query(7) == ("-i", "7", "-net_health", "-g")
    assert tool.replay_query(7) == ("-i", "7", "-cfg", "status")
    assert " ".join(tool.address_order(7, address)) == "-i 7 -ip -s address 10.20.1.1 netmask 255.255.0.0"
    assert " ".join(tool.gateway_order(7, gateway)) == "-i 7 -gateway -s gateway 10.20.0.1"
    assert " ".join(tool.detection_order(7, gateway)) == "-i 7 -netdetect -s address 10.20.0.1"


@pytest.mark.parametrize(
    ("parser", "out", "value"),
    [
        ("-ip -g", "ipaddr:10.20.0.1\nnetmask:255.255.0.0\n", IPv4Interface("10.20.0.1/16")),
        ("-ip -g", "call drvMng failed\nipaddr:10.20.0.1\nnetmask:0.0.0.0\n", IPv4Interface("10.20.0.1/0")),
        ("-gateway -g", "default gateway:10.20.0.254, Iface:eth1\n", IPv4Address("10.20.0.254")),
        ("-netdetect -g", "netdetect addr: 10.20.0.254\n", IPv4Address("10.20.0.254")),
        ("-netdetect -g", "netdetect address: 11.12.165.1\n", IPv4Address("11.12.165.1")),
        ("-netdetect -g", "netdetect addr: 0.0.0.0\n", None),
        ("-link -g", "link status: UP\n", "UP"),
        ("-net_health -g", "net health status: Receive timeout\n", "Receive timeout"),
        ("-net_health -g", "net health status: Socket failed\n", "Socket failed"),
        ("-cfg status", "config status:START\n", "START"),
    ],
)
def test_answers(parser, out, value):
    assert PARSERS[parser](answer(out)) == value


def test_what_is_not_set():
    assert tool.parse_address_answer(answer(err=tool._NO_ADDRESS, status=13)) is None
    assert tool.parse_gateway_answer(answer(err=tool._NO_GATEWAY, status=2)) is None
    assert tool.parse_replay_answer(answer(err="Get invalid major cmd.", status=3)) is None


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "out",
    [
        "",
        "something new\n",
        "ipaddr:10.20.0.1\n",
        "ipaddr:10.xx.xx.10\nnetmask:255.255.255.0\n",
        "ipaddr:10.20.0.1\nnetmask:255.0.255.0\n",
        "default gateway:10.20.0.254\n",
        "default gateway:none, Iface:eth0\n",
        "netdetect addr: fd00::1\n",
        "link status: MAYBE\n",
        "net health status: Splendid\n",
        "config status:LATER\n",
    ],
)
def test_an_unknown_answer_is_an_error_that_quotes_it(parser, out):
    with pytest.raises(CliError, match="device 3: hccn_tool") as caught:
        PARSERS[parser](answer(out))
    assert caught.value.result.stdout == out


def test_success_is_a_line_of_its_own():
    tool.check_order(answer("Cmd executed successfully!\n"))
    with pytest.raises(CliError):
        tool.check_order(answer("Not: Cmd executed successfully!\n"))


def test_success_is_no_matter_of_the_exit_status():
    with pytest.raises(CliError):
        tool.check_order(answer("", "", 0))


@pytest.mark.parametrize(
    ("err", "advice"),
    [
        ("The ip address configured is conflicted!", "another device of its group uses the address"),
        (
            "Get invalid device id.",
            "this host has no such device, or its driver is not loaded; compare the ids",
        ),
        ("The device is not exist!", "an NPU is off the bus"),
        ("Get device health status failed!", "does not tell its health"),
        ("permission denied: pls check this cmd run permission.", "run as root (become)"),
        ("Read file failed, cmd execute failed! pls check cmd run permission.", "run as root (become)"),
        ("Command execute failed!", "the device refused; look at /var/log/hccn_tool/hccn_config.log"),
    ],
)
def test_a_complaint_comes_with_what_to_do(err, advice):
    sentence = str(tool.failure(answer(err=f"{err}\n", status=1)))
    assert sentence.startswith("device 3: hccn_tool said ")
    assert advice in sentence


def test_silence_names_the_device():
    sentence = str(tool.silence(CliError("hccn_tool gave no answer within 30 s", answer())))
    assert sentence.startswith("device 3: hccn_tool gave no answer within 30 s; either an NPU does not tell")


@needs_transcripts
def test_there_are_recordings():
    assert len(FILES) > 200, f"{ROOT} lacks recordings of 910A and 910B"


@pytest.mark.parametrize(
    "file",
    named(r"hccn_tool -i \d+ (-ip|-gateway|-netdetect|-link|-net_health) -g$|-cfg status$"),
    ids=name_of,
)
def test_every_recorded_query_is_understood_or_refused(file):
    result = recorded(file)
    parse = PARSERS[" ".join(result.argv[3:5])]
    unset = "was preset there" in result.stderr
    if result.status == 0:
        assert parse(result) is not None or "0.0.0.0" in result.stdout
    elif unset:
        assert parse(result) is None
    else:
        with pytest.raises(CliError, match=rf"device {result.argv[2]}: hccn_tool"):
            parse(result)


@pytest.mark.parametrize("file", named(r"hccn_tool -i \d+ (-ip|-gateway|-netdetect) -s "), ids=name_of)
def test_every_recorded_order_is_judged_by_its_text(file):
    result = recorded(file)
    if result.status == 0:
        tool.check_order(result)
        return
    with pytest.raises(CliError, match=rf"device {result.argv[2]}: hccn_tool"):
        tool.check_order(result)
    assert tool.is_busy(result) == (result.status == 11)

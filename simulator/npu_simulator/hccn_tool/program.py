# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: from arguments to exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from npu_simulator.hccn_tool import (
    address,
    arp,
    conf,
    detection,
    gateway,
    grammar,
    history,
    link,
    optical,
    ping,
    port,
    readings,
    recovery,
    routes,
    rules,
    tls,
    traffic,
)
from npu_simulator.hccn_tool.messages import (
    HELP_HINT,
    MESSAGES,
    RECOVERY_FAILED,
    SUCCESS,
    Code,
    HccnError,
)
from npu_simulator.hccn_tool.session import Session, features_of
from npu_simulator.hccn_tool.usage import Usage, usages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from npu_simulator.hccn_tool.session import Action
    from npu_simulator.state import Node

COMMANDS: dict[tuple[str, str], Action] = {
    ("-i", "-ip"): address.command,
    ("-i", "-gateway"): gateway.command,
    ("-i", "-netdetect"): detection.command,
    ("-i", "-net_health"): detection.health,
    ("-i", "-link"): link.command,
    ("-i", "-cfg"): recovery.command,
    ("-a", "-cfg"): recovery.command_for_all,
    ("-i", "-mtu"): port.mtu,
    ("-i", "-mac"): port.mac,
    ("-i", "-tls"): tls.command,
    ("-i", "-route"): routes.command,
    ("-i", "-arp"): arp.command,
    ("-i", "-lldp"): readings.query(readings.lldp),
    ("-i", "-speed"): readings.query(readings.speed),
    ("-i", "-duplex"): readings.query(readings.duplex),
    ("-i", "-fec"): traffic.fec,
    ("-i", "-pfc"): traffic.pfc,
    ("-i", "-dscp_to_tc"): traffic.dscp,
    ("-i", "-udp"): traffic.udp,
    ("-i", "-ip_rule"): rules.rule,
    ("-i", "-ip_route"): rules.route,
    ("-i", "-shaping"): readings.query(readings.shaping),
    ("-i", "-version"): readings.query(readings.version),
    ("-i", "-process"): readings.query(readings.process),
    ("-i", "-vnic"): readings.query(readings.vnic),
    ("-i", "-pci"): readings.query(readings.pci),
    ("-i", "-status"): readings.query(readings.status),
    ("-i", "-hw_stats"): readings.query(readings.hardware_statistics),
    ("-i", "-optical"): optical.command,
    ("-i", "-link_stat"): history.command,
    ("-i", "-stat"): readings.statistics,
    ("-i", "-bandwidth"): readings.bandwidth,
    ("-i", "-ping"): ping.command,
    ("-i", "-hccs_ping"): ping.hccs,
}


def main(argv: list[str], node: Node, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run hccn_tool with ``argv`` (without the program's name) and return its exit status."""
    family = node.read()["chip"]
    known = usages(family)
    session = Session(node, 0, features_of(family), stdin, stdout, stderr)
    try:
        grammar.check_words(argv)
        if tuple(argv) in grammar.HELP:
            stdout.write("".join(usage.in_help() for usage in known.values()))
            return 0
        lines = _run(argv, known, session)
    except HccnError as error:
        _explain(error, argv, known, session)
        return error.status
    for line in [SUCCESS] if lines is None else lines:
        session.say(line)
    return 0


def _run(argv: list[str], known: Iterable[tuple[str, str]], session: Session) -> list[str] | None:
    call = grammar.parse(argv, COMMANDS.keys() & set(known))
    action = COMMANDS[call.scope, call.command]
    if call.scope == "-a":
        return action(session, call.words)
    about = session.of(grammar.physical_id(call, session.node.read()))
    if not call.is_for_host:
        about.device.check_health()
    try:
        return action(about, call.words)
    except conf.RouteSyntaxError as error:
        raise HccnError(Code.RECOVERY) from error


def _explain(
    error: HccnError, argv: list[str], known: dict[tuple[str, str], Usage], session: Session
) -> None:
    message = MESSAGES[error.code]
    (session.say if message.stream == "stdout" else session.complain)(message.text)
    if message.below == "hint":
        session.complain(HELP_HINT)
    if message.below == "usage":
        call = grammar.parse(argv, known)
        session.say(known[call.scope, call.command].below_error().rstrip("\n") + "\n")
    tried = not error.is_about_arguments and error.code != Code.PERMISSION
    if tried and _names_recovery(argv):
        session.say(RECOVERY_FAILED)


def _names_recovery(argv: list[str]) -> bool:
    """Tell whether the first `-cfg` is followed by recovery or status (cmd.c hccn_is_cmd_recovery_type)."""
    if "-cfg" not in argv:
        return False
    return argv[argv.index("-cfg") + 1 :][:1] in (["recovery"], ["status"])

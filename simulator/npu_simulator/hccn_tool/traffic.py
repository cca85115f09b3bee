# SPDX-License-Identifier: GPL-3.0-or-later
"""`-pfc`, `-dscp_to_tc`, `-fec` and `-udp`: how a port treats its traffic.

Texts, checks and keys of the file: hicann/driver ascend910B/hccn_product_ext/tool_cmd.c, tool_ops.c,
tool_ops_ext.c and tool_roce.c. What a port starts with is the simulator's own choice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, ordered_pairs

if TYPE_CHECKING:
    from npu_simulator.live import Live

PRIORITIES = 8
FEC_MODES = {"rs": "rs FEC mode", "off": "no FEC mode", "auto": "auto FEC mode"}
DSCP_VALUES = range(64)
TRAFFIC_CLASSES = range(4)
UDP_PORTS = range(4097, 65536)
AUTO_PORT = "-1"  # what the file says for a port that the device chooses
_BITMAP = re.compile(r"[01](,[01]){7}")
_UDP_DIGITS = re.compile(r"[0-9]{4,5}")
_SMALL_NUMBER = re.compile(r"0|[1-9][0-9]{0,2}")
_HIGHEST_BYTE = 255
_FEC_FIXED = ["This device does not support switching fec mode."]


def pfc(session: Session, words: list[str]) -> list[str] | None:
    """Run `-pfc -g` or `-pfc -s bitmap B`."""
    return session.choose(words, {"-g": _get_pfc, "-s": _set_pfc})


def dscp(session: Session, words: list[str]) -> list[str] | None:
    """Run `-dscp_to_tc -g [dscp N]` or `-dscp_to_tc -s dscp N tc N`."""
    return session.choose(words, {"-g": _get_dscp, "-s": _set_dscp})


def fec(session: Session, words: list[str]) -> list[str] | None:
    """Run `-fec -g` or `-fec -s encoding MODE`; newer families answer everything with one line (199)."""
    if not session.features["fec_can_be_set"]:
        return _FEC_FIXED
    return session.choose(words, {"-g": _get_fec, "-s": _set_fec})


def udp(session: Session, words: list[str]) -> list[str] | None:
    """Run `-udp -g`, `-udp -s port N` or `-udp -s auto`."""
    return session.choose(words, {"-g": _get_udp, "-s": _set_udp})


def order_pfc(session: Session, bitmap: str) -> None:
    """Turn pause frames on and off by priority. Raises HccnError PARAMETER or PFC_NUMBER."""
    if not _BITMAP.fullmatch(bitmap):
        raise HccnError(Code.PARAMETER)
    bits = [int(bit) for bit in bitmap.split(",")]
    if sum(bits) > session.features["most_pfc_priorities"]:
        raise HccnError(Code.PFC_NUMBER)
    with session.device.ordered() as npu:
        npu["live"]["pfc"] = bits


def order_dscp(session: Session, value: str, traffic_class: str) -> None:
    """Map a DSCP value to a traffic class. Raises HccnError PARAMETER, DSCP_RANGE or TC_RANGE."""
    number = _small_number(value, DSCP_VALUES, Code.DSCP_RANGE)
    wanted = _small_number(traffic_class, TRAFFIC_CLASSES, Code.TC_RANGE)
    with session.device.ordered() as npu:
        npu["live"].setdefault("dscp_tc", {})[str(number)] = wanted


def order_fec(session: Session, mode: str) -> None:
    """Choose the forward error correction. Raises HccnError PARAMETER."""
    if mode not in FEC_MODES:
        raise HccnError(Code.PARAMETER)
    with session.device.ordered() as npu:
        npu["live"]["fec"] = mode


def order_udp(session: Session, port: str) -> None:
    """Set the source port of RoCE packets, -1 for one that the device chooses. Raises HccnError PARAMETER."""
    if port != AUTO_PORT and not _UDP_DIGITS.fullmatch(port):
        raise HccnError(Code.PARAMETER)
    if port != AUTO_PORT and int(port) not in UDP_PORTS:
        raise HccnError(Code.EXECUTE)
    with session.device.ordered() as npu:
        npu["live"].pop("roce_port", None)
        if port != AUTO_PORT:
            npu["live"]["roce_port"] = int(port)


def saved_dscp(text: str | None) -> dict[str, str]:
    """Return what `dscp_tc_N=33:1,34:2,` says: traffic class by DSCP."""
    parts = (part.partition(":") for part in (text or "").split(",") if part)
    return {value: traffic_class for value, _colon, traffic_class in parts}


def _get_pfc(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    bits = _live(session).get("pfc", [0] * PRIORITIES)
    return [
        "PFC configuration:",
        "priority   " + " ".join(str(number) for number in range(PRIORITIES)),
        "enabled    " + " ".join(str(bit) for bit in bits),
    ]


def _set_pfc(session: Session, words: list[str]) -> None:
    (bitmap,) = ordered_pairs(words, "bitmap")
    order_pfc(session, bitmap)
    session.file.save("bitmap", session.phy_id, bitmap)


def _get_dscp(session: Session, words: list[str]) -> list[str]:
    asked = list(DSCP_VALUES)
    if words:
        (value,) = ordered_pairs(words, "dscp")
        asked = [_small_number(value, DSCP_VALUES, Code.DSCP_RANGE)]
    mapped = _live(session).get("dscp_tc", {})
    return ["dscp      tc", *(f"{number:4}{mapped.get(str(number), 0):8}" for number in asked)]


def _set_dscp(session: Session, words: list[str]) -> None:
    value, traffic_class = ordered_pairs(words, "dscp", "tc")
    order_dscp(session, value, traffic_class)
    saved = saved_dscp(session.file.value("dscp_tc", session.phy_id))
    saved[value] = traffic_class
    session.file.save("dscp_tc", session.phy_id, "".join(f"{key}:{tc}," for key, tc in saved.items()))


def _get_fec(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    return [f"fec mode: {FEC_MODES[_live(session).get('fec', 'rs')]}"]


def _set_fec(session: Session, words: list[str]) -> None:
    (mode,) = ordered_pairs(words, "encoding")
    order_fec(session, mode)
    session.file.save("encoding", session.phy_id, mode)


def _get_udp(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    port = _live(session).get("roce_port")
    head = ["udp_port:Unknown", "status:auto"] if port is None else [f"udp_port:{port}", "status:custom"]
    if not session.features["pairs_of_udp_ports"]:
        return head
    return [*head, "UDP port list(based on IP pair):", "no entry has been configured."]


def _set_udp(session: Session, words: list[str]) -> None:
    port = AUTO_PORT if words == ["auto"] else ordered_pairs(words, "port")[0]
    order_udp(session, port)
    session.file.save("roce_port", session.phy_id, port)


def _small_number(text: str, wanted: range, refusal: Code) -> int:
    if not _SMALL_NUMBER.fullmatch(text) or int(text) > _HIGHEST_BYTE:
        raise HccnError(Code.PARAMETER)
    if int(text) not in wanted:
        raise HccnError(refusal)
    return int(text)


def _live(session: Session) -> Live:
    with session.device.asked() as npu:
        return npu["live"]

# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi info -t topo`: how the NPUs of a node reach each other. Transcript npu-smi/910B3/054."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.npu_smi.answers import Answer

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Host

_LEGEND = """\

Legend:

  X    = Self
  SYS  = Path traversing PCIe and NUMA nodes. Nodes are connected through SMP, such as QPI, UPI.
  PHB  = Path traversing PCIe and the PCIe host bridge of a CPU.
  PIX  = Path traversing a single PCIe switch.
  PXB  = Path traversing multiple PCIe switches.
  HCCS = Connection traversing HCCS.
"""
_TWO_DIES = """\
  SIO  = Path traversing the SIO bus.
  HCCS_SW = Connection traversing HCCS through a switch.
"""
_LAST = "  NA   = Unknown relationship.\n"


def topology(host: Host) -> Answer:
    """Answer `-t topo`: a full HCCS mesh of the NPUs; their way to the host's network cards is not known."""
    first = host.chips[0]
    two_dies = host.family.one_bus
    npus = [f"Phy-ID{chip.npu['phy_id']}" if two_dies else f"NPU{chip.card}" for chip in host.chips]
    nics = [f"NIC{number}" for number in range(len(first.reading("nics")))]
    text = "\t   " + "".join(f"{name:<11}" for name in npus) + "".join(f"{name:<12}" for name in nics)
    text += "CPU Affinity\n"
    for name in npus:
        text += _line(name, npus, nics, "HCCS") + f"{first.reading('cpu_affinity')}\n"
    for name in nics:
        text += _line(name, npus, nics, "NA") + "\n"
    text += "\n" + "".join(f"{name}: {port}\n" for name, port in zip(nics, first.reading("nics")))
    return Answer(text + _LEGEND + (_TWO_DIES if two_dies else "") + _LAST)


def _line(name: str, npus: list[str], nics: list[str], link: str) -> str:
    cells = [link if other in npus else "NA" for other in npus + nics]
    cells[(npus + nics).index(name)] = "X"
    return "".join(f"{cell:<11}" for cell in [name, *cells])

#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the NPUs of a node and the vendor's software on it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: npu_info
short_description: Read the NPUs of a node and the vendor's software on it
version_added: 0.1.0
description:
  - Returns what runs (the driver and the NPUs, asked with C(npu-smi)), what is installed (driver, firmware
    and CANN, read from their version files) and what is plugged in (the PCI devices in sysfs).
  - A bare node is not an error. Where C(npu-smi) is missing, or the driver is not loaded, RV(npu_smi) says
    so and RV(chips) is empty.
  - A value that the vendor's tool does not have, or could not read, is V(null), never a zero. Chips that do
    not answer are listed with RV(chips[].health) V(null) and the cause in RV(chips[].reason); lost cards
    are counted in RV(lost_cards).
  - An answer of C(npu-smi) that cannot be understood fails the task and is quoted.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.info
options:
  gather_subset:
    description:
      - What to read.
      - V(npus) asks C(npu-smi) for the chips, their health and the processes on them, in three calls, and
        one more per chip that is not healthy.
      - V(boards) asks C(npu-smi) for versions, ids and serial numbers of the cards, in one call per card.
      - V(software) reads the version files, V(pci) reads sysfs. Both start no program.
      - What is not read is V(null) in the result, or an empty list.
    type: list
    elements: str
    choices: [software, npus, boards, pci]
    default: [software, npus, boards, pci]
  install_path:
    description:
      - Where the vendor's software is installed.
      - For driver and firmware C(/etc/ascend_install.info) comes first, if it names another path.
    type: path
    default: /usr/local/Ascend
  files:
    description:
      - Files whose checksums are wanted.
    type: list
    elements: path
    default: []
notes:
  - Run it with C(become). Without root C(npu-smi) does not tell whether driver and firmware fit together,
    and may be refused altogether.
seealso:
  - module: ascend.fleet.run_package
"""

EXAMPLES = r"""
- name: Read everything
  ascend.fleet.npu_info:
  become: true
  register: node

- name: Show the NPUs that need attention
  ansible.builtin.debug:
    msg: "{{ node.chips | rejectattr('health', 'equalto', 'OK') }}"

- name: Read only which software is installed, and whether the package is already there
  ascend.fleet.npu_info:
    gather_subset: [software]
    files: [/srv/ascend/Ascend-cann-toolkit_8.0.0_linux-aarch64.run]
  register: node

- name: Wait until all eight NPUs answer
  ascend.fleet.npu_info:
    gather_subset: [npus]
  become: true
  register: node
  until: node.chips | default([]) | rejectattr('health', 'none') | length == 8
  retries: 30
  delay: 10
"""

RETURN = r"""
driver_version:
  description: The driver that runs. V(null) when none does or O(gather_subset) leaves V(npus) out.
  returned: success
  type: str
  sample: 23.0.3
tool_version:
  description: The version of C(npu-smi), which differs from the driver's in some releases.
  returned: success
  type: str
  sample: 23.0.3
npu_smi:
  description: Whether C(npu-smi) answers. V(null) when it was not asked.
  returned: success
  type: dict
  contains:
    available: {type: bool, description: Whether it is there and the driver behind it is loaded.}
    reason: {type: str, description: "Why it has no answer, V(null) if it has one."}
    warnings: {type: list, elements: str, description: What it warns of below its table.}
  sample:
    available: false
    reason: "dcmi module initialize failed. ret is -8005: the driver is not loaded; install it, or reboot if
      it was installed just now"
    warnings: []
chips:
  description: The NPUs in the order of NPU ID and chip.
  returned: success
  type: list
  elements: dict
  contains:
    npu_id:
      description:
        - The card, as C(npu-smi -i) wants it. It is no index.
        - V(null) for a chip whose row in the table of C(npu-smi) is damaged.
      type: int
      sample: 0
    chip_id: {type: int, sample: 0, description: "The chip on its card, as C(npu-smi -c) wants it."}
    phy_id:
      description:
        - The physical id, as C(hccn_tool -i) wants it.
        - Where C(npu-smi) prints none, the logic id stands for it. On servers of Ascend 910 and 910B both
          are equal.
      type: int
      sample: 0
    logic_id: {type: int, sample: 0, description: The logic id.}
    bus_id: {type: str, sample: "0000:C1:00.0", description: The PCI bus id. V(null) on a system on chip.}
    name: {type: str, sample: 910B3, description: The name of the chip.}
    health:
      description: V(OK), V(Warning), V(Alarm), V(Critical), V(UNKNOWN), or V(null) without an answer.
      type: str
      sample: OK
    error_codes: {type: list, elements: str, sample: [], description: The hexadecimal codes of what is wrong.}
    reason: {type: str, sample: null, description: Why values are missing that a healthy chip has.}
    power_w:
      description: The power in W. V(null) without a sensor, as on the second die of an Atlas A3 NPU.
      type: float
      sample: 91.7
    temperature_c: {type: int, sample: 44, description: The temperature in degrees Celsius.}
    ai_core_percent: {type: int, sample: 0, description: The utilisation of the AI cores in percent.}
    memory_used_mb: {type: int, sample: null, description: The DDR memory in use in MiB. V(null) without.}
    memory_total_mb: {type: int, sample: null, description: The DDR memory in MiB.}
    hbm_used_mb: {type: int, sample: 3390, description: The high-bandwidth memory in use in MiB.}
    hbm_total_mb: {type: int, sample: 65536, description: The high-bandwidth memory in MiB.}
    hugepages_used: {type: int, sample: 0, description: The huge pages in use.}
    hugepages_total: {type: int, sample: 0, description: The huge pages.}
processes:
  description: The processes on the NPUs, at most eight per chip.
  returned: success
  type: list
  elements: dict
  contains:
    npu_id: {type: int, sample: 0, description: The card.}
    chip_id: {type: int, sample: 0, description: The chip on its card.}
    pid: {type: int, sample: 4711, description: The id of the process on the host.}
    name:
      description: The first 15 characters of its name. V(null) when the process is not known here.
      type: str
      sample: python3
    memory_mb: {type: int, sample: 30720, description: The memory of the chip that it holds in MiB.}
cards:
  description: The cards that answer, if O(gather_subset) has V(boards).
  returned: success
  type: list
  elements: dict
  contains:
    npu_id: {type: int, sample: 0, description: "The card, as C(npu-smi -i) wants it."}
    chip_count: {type: int, sample: 1, description: The number of chips on it.}
    product_name: {type: str, sample: null, description: The product's name on the board.}
    model: {type: str, sample: null, description: The model on the board.}
    manufacturer: {type: str, sample: Huawei, description: The manufacturer on the board.}
    serial_number:
      description: The serial number. V(null) on boards without, such as those of an Atlas 800 (model 9000).
      type: str
      sample: 2106030000NXPA000001
    software_version: {type: str, sample: 23.0.3, description: The driver that runs.}
    firmware_version: {type: str, sample: 7.1.0.5.220, description: The firmware that the card runs.}
    compatibility:
      description:
        - Whether driver and firmware fit together, V(OK) or V(NOK).
        - V(UNKNOWN) or, without root, V(NOT SUPPORT) when C(npu-smi) cannot tell.
      type: str
      sample: OK
    board_id: {type: str, sample: "0x30", description: The id of the kind of board.}
    main_board_id: {type: str, sample: null, description: The id of the kind of main board (Atlas A3).}
    pcb_id: {type: str, sample: A, description: The version letter of the circuit board.}
    bom_id: {type: int, sample: 1, description: The variant of parts on the board.}
    slot_id: {type: int, sample: 0, description: The slot.}
    bus_id: {type: str, sample: "0000:C1:00.0", description: The PCI bus id.}
    pci_vendor: {type: str, sample: "19e5", description: The PCI vendor id.}
    pci_device: {type: str, sample: d802, description: The PCI device id.}
    pci_subsystem_vendor: {type: str, sample: "19e5", description: The PCI subsystem vendor id.}
    pci_subsystem_device: {type: str, sample: "3000", description: The PCI subsystem device id.}
    reason: {type: str, sample: null, description: What C(npu-smi) complained about beside its answer.}
lost_cards:
  description: How many cards the driver counts that do not answer. V(null) when it was not asked.
  returned: success
  type: int
  sample: 0
software:
  description: What is installed. V(null) when O(gather_subset) leaves V(software) out.
  returned: success
  type: dict
  contains:
    driver:
      description: The driver. V(null) when nothing of it is installed.
      type: dict
      contains:
        version: {type: str, description: The version. V(null) when the installation broke off.}
        complete: {type: bool, description: Whether the installation came to its end.}
        compatible_firmware:
          description: The ranges of firmware that fit, both ends included.
          type: list
          elements: dict
        path: {type: str, description: Where it is installed.}
      sample:
        version: 23.0.3
        complete: true
        compatible_firmware: [{lowest: 7.0.0, highest: 7.1.99}]
        path: /usr/local/Ascend/driver
    firmware:
      description: The firmware package. V(null) when none is installed.
      type: dict
      contains:
        version: {type: str, description: The version.}
        path: {type: str, description: Where it is installed.}
      sample: {version: 7.1.0.5.220, path: /usr/local/Ascend/firmware}
    cann:
      description: The toolkits and kernels, of which there can be several versions.
      type: list
      elements: dict
      contains:
        part: {type: str, description: "V(toolkit) or V(kernels), which are called ops from CANN 8.5 on."}
        version: {type: str, description: The release.}
        arch: {type: str, description: "The architecture, V(aarch64) or V(x86_64)."}
        path: {type: str, description: Where it is installed.}
        complete: {type: bool, description: Whether the installation came to its end.}
        chips:
          description: For which chips kernels are there, as the vendor's directories are called.
          type: list
          elements: str
      sample:
        - part: kernels
          version: 7.0.0
          arch: aarch64
          path: /usr/local/Ascend/ascend-toolkit/7.0.0/opp_kernel
          complete: true
          chips: [ascend910b]
    cann_latest:
      description: The release that C(latest) (from CANN 8.5 on C(cann)) leads to.
      type: str
      sample: 7.0.0
pci_devices:
  description: The processing accelerators (PCI class 0x1200), if O(gather_subset) has V(pci).
  returned: success
  type: list
  elements: dict
  contains:
    bus_id: {type: str, sample: "0000:C1:00.0", description: The PCI bus id.}
    vendor: {type: str, sample: "19e5", description: The vendor id.}
    device: {type: str, sample: d802, description: The device id.}
    subsystem_vendor: {type: str, sample: "19e5", description: The subsystem vendor id.}
    subsystem_device: {type: str, sample: "3000", description: The subsystem device id.}
files:
  description: The O(files) in their order.
  returned: success
  type: list
  elements: dict
  contains:
    path: {type: str, description: The path as given.}
    sha256: {type: str, description: The checksum. V(null) when there is no such file.}
  sample:
    - path: /srv/ascend/Ascend-cann-toolkit_8.0.0_linux-aarch64.run
      sha256: null
"""

from dataclasses import asdict, replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils._cli import (
    CliError,
    MissingProgramError,
    ModuleRunner,
    Runner,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    CardList,
    NotReadyError,
    board_query,
    health_query,
    list_query,
    mapping_query,
    overview_query,
    parse_card_board,
    parse_chip_health,
    parse_list,
    parse_mapping,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import (
    Chip,
    merge_chips,
    parse_overview,
)
from ansible_collections.ascend.fleet.plugins.module_utils._pci import read_pci_devices
from ansible_collections.ascend.fleet.plugins.module_utils._software import VersionFileError, read_software

ROOT = "/"
SUBSETS = ["software", "npus", "boards", "pci"]
NOTHING: dict[str, Any] = {"driver_version": None, "tool_version": None, "npu_smi": None, "lost_cards": None}
NOTHING.update(chips=[], processes=[], cards=[])


def ask_npu_smi(smi: Runner, subset: list[str]) -> dict[str, Any]:
    """Ask for what ``subset`` wants; a host without a running driver gives a reason instead of an error."""
    if not {"npus", "boards"} & set(subset):
        return NOTHING
    try:
        return {**NOTHING, **_answers(smi, subset)}
    except (MissingProgramError, NotReadyError) as error:
        return {**NOTHING, "npu_smi": {"available": False, "reason": error.message, "warnings": []}}


def _answers(smi: Runner, subset: list[str]) -> dict[str, Any]:
    npus = (
        _npus(smi) if "npus" in subset else {"npu_smi": {"available": True, "reason": None, "warnings": []}}
    )
    listed = parse_list(smi.run(*list_query()))
    cards = _cards(smi, listed) if "boards" in subset else []
    return {**npus, "lost_cards": listed.lost, "cards": cards}


def _npus(smi: Runner) -> dict[str, Any]:
    overview = parse_overview(smi.run(*overview_query()))
    chips = merge_chips(overview.chips, parse_mapping(smi.run(*mapping_query())))
    return {
        "driver_version": overview.driver_version,
        "tool_version": overview.tool_version,
        "npu_smi": {"available": True, "reason": None, "warnings": list(overview.warnings)},
        "chips": [asdict(_with_error_codes(smi, chip)) for chip in chips],
        "processes": [asdict(process) for process in overview.processes],
    }


def _with_error_codes(smi: Runner, chip: Chip) -> Chip:
    """Ask a chip that is not healthy for its error codes; if it refuses, the chip's reason says so."""
    if chip.health in (None, "OK") or chip.npu_id is None or chip.chip_id is None:
        return chip
    try:
        answer = parse_chip_health(smi.run(*health_query(chip.npu_id, chip.chip_id)))
    except CliError as error:
        return replace(chip, reason=f"its error codes could not be read: {error.message}")
    return replace(chip, error_codes=answer.error_codes)


def _cards(smi: Runner, listed: CardList) -> list[dict[str, Any]]:
    return [parse_card_board(smi.run(*board_query(card.npu_id))) for card in listed.cards]


def read_host(module: AnsibleModule) -> dict[str, Any]:
    """Return everything that is read without the vendor's programs."""
    subset = module.params["gather_subset"]
    return {
        "software": read_software(ROOT, module.params["install_path"]) if "software" in subset else None,
        "pci_devices": read_pci_devices(ROOT) if "pci" in subset else [],
        "files": [{"path": path, "sha256": module.sha256(path)} for path in module.params["files"]],
    }


def main() -> None:
    """Read what is wanted and return it."""
    module = AnsibleModule(
        argument_spec={
            "gather_subset": {"type": "list", "elements": "str", "choices": SUBSETS, "default": SUBSETS},
            "install_path": {"type": "path", "default": "/usr/local/Ascend"},
            "files": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    try:
        host = read_host(module)
        npus = ask_npu_smi(ModuleRunner(module, "npu-smi"), module.params["gather_subset"])
    except CliError as error:
        module.fail_json(**error.as_failure())
    except VersionFileError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename} cannot be read: {error.strerror}; run with become: true")
    module.exit_json(changed=False, **host, **npus)


if __name__ == "__main__":
    main()

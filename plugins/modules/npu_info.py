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
  - Understands C(npu-smi) of the drivers from 20.2 to 26.0, for Ascend 310, 310B, 310P, 910, 910B, 910_93
    (Atlas A3) and 950.
  - A bare node is not an error. Where C(npu-smi) is missing, or the driver is not loaded, RV(npu_smi) says
    so and RV(chips) is empty.
  - A value that the vendor's tool does not have (C(NA), C(-) or nothing) is V(null), never a zero. What it
    should have, but could not read or masks, is V(null) and stands in RV(unread) with the reason. Chips that
    do not answer are listed with RV(chips[].health) V(null) and the cause in RV(chips[].reason); lost cards
    are counted in RV(lost_cards).
  - An answer of C(npu-smi) that cannot be understood fails the task and is quoted. So does one that is not
    complete, or that does not come within O(timeout).
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.info
options:
  gather_subset:
    description:
      - What to read. What is not read is V(null) in the result, or an empty list.
      - V(npus) asks C(npu-smi) for the chips, their health and the processes on them, in three calls, and
        one more per chip that is not healthy.
      - V(boards) asks C(npu-smi) for versions, ids and serial numbers of the cards, in one call per card,
        V(chip_boards) for those of the chips, in one call per chip.
      - V(software) reads the version files, V(pci) reads sysfs. Both start no program.
      - V(common), V(usages), V(memory), V(ecc), V(power), V(temp) and V(product) ask C(npu-smi info -t) for
        that type, in one call per card. V(health) does, too, and asks for the error codes in one call per
        chip. V(topo) takes one call, V(phyid_remap) one per device file, which tells the physical id in a
        container, too.
      - A type that the product, the user or the driver does not have leaves an entry in RV(unread).
    type: list
    elements: str
    choices: [software, npus, boards, pci, chip_boards, common, usages, memory, health, ecc, power, temp,
              product, topo, phyid_remap]
    default: [software, npus, boards, pci]
  install_path:
    description:
      - Where the vendor's software is installed.
      - For driver and firmware C(/etc/ascend_install.info) comes first, if it names another path.
    type: path
    default: /usr/local/Ascend
  files:
    description: Files whose checksums are wanted.
    type: list
    elements: path
    default: []
  timeout:
    description: How many seconds one call of C(npu-smi) may take. One call takes less than a second.
    type: int
    default: 30
    version_added: 0.2.0
notes:
  - Run it with C(become). Without root C(npu-smi) does not tell whether driver and firmware fit together,
    and may be refused altogether.
seealso:
  - module: ascend.fleet.run_package
"""

EXAMPLES = r"""
- name: Read everything that roles need
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
  register: installed

- name: Wait until all eight NPUs answer
  ascend.fleet.npu_info:
    gather_subset: [npus]
  become: true
  register: node
  until: node.chips | default([]) | rejectattr('health', 'none') | length == 8
  retries: 30
  delay: 10

- name: Count the errors of the memory, and read how the NPUs are connected
  ascend.fleet.npu_info:
    gather_subset: [npus, ecc, topo]
  become: true
  register: node

- name: Refuse chips whose memory had errors that could not be corrected
  ansible.builtin.assert:
    that: node.chips | map(attribute='ecc.hbm_double_bit_errors_ever') | select | length == 0
"""

RETURN = r"""
driver_version: {type: str, returned: success, sample: 23.0.3,
  description: The driver that runs. V(null) when none does or O(gather_subset) leaves V(npus) out.}
tool_version: {type: str, returned: success, sample: 23.0.3,
  description: "The version of C(npu-smi), which differs from the driver's in some releases."}
npu_smi:
  description: Whether C(npu-smi) answers. V(null) when it was not asked.
  returned: success
  type: dict
  contains:
    available: {type: bool, description: Whether it is there and the driver behind it is loaded.}
    reason: {type: str, description: "Why it has no answer, V(null) if it has one."}
    warnings: {type: list, elements: str, description: What it warns of below its table.}
  sample: {available: true, reason: null, warnings: []}
node:
  description: The node as a whole. V(null) when C(npu-smi) was not asked or does not answer.
  returned: success
  type: dict
  contains:
    families: {type: list, elements: str, description: The families of its chips.}
    card_count: {type: int, description: How many cards answer.}
    chip_count: {type: int, description: "How many chips there are, with O(gather_subset=npus)."}
    healthy_chip_count: {type: int, description: "How many of them are V(OK), with O(gather_subset=npus)."}
  sample: {families: [910b], card_count: 8, chip_count: 8, healthy_chip_count: 8}
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
          are equal; in a container O(gather_subset=phyid_remap) tells it.
      type: int
      sample: 0
    logic_id: {type: int, sample: 0, description: The logic id.}
    bus_id: {type: str, sample: "0000:C1:00.0", description: The PCI bus id. V(null) on a system on chip.}
    name: {type: str, sample: 910B3, description: The name of the chip.}
    family: {type: str, sample: 910b, description: "V(310) V(310b) V(310p) V(910) V(910b) V(910_93) V(950)."}
    health: {type: str, sample: OK, description: "V(OK), V(Warning), V(Alarm), V(Critical), V(UNKNOWN)."}
    error_codes: {type: list, elements: str, sample: [], description: The hexadecimal codes of what is wrong.}
    error_information: {type: list, elements: str, sample: [], description: The codes' meaning (V(health)).}
    reason: {type: str, sample: null, description: Why values are missing that a healthy chip has.}
    power_w: {type: float, sample: 91.7, description: The power in W. V(null) on the second die of an A3 NPU.}
    temperature_c: {type: int, sample: 44, description: The temperature in degrees Celsius.}
    ai_core_percent: {type: int, sample: 0, description: The utilisation of the AI cores in percent.}
    memory_used_mb: {type: int, sample: null, description: The DDR memory in use in MiB. V(null) without.}
    memory_total_mb: {type: int, sample: null, description: The DDR memory in MiB.}
    hbm_used_mb: {type: int, sample: 3390, description: The high-bandwidth memory in use in MiB.}
    hbm_total_mb: {type: int, sample: 65536, description: The high-bandwidth memory in MiB.}
    hugepages_used: {type: int, sample: 0, description: The huge pages in use.}
    hugepages_total: {type: int, sample: 0, description: The huge pages.}
    product_type: {type: str, sample: null, description: "The product, with O(gather_subset=product)."}
    board:
      description: Ids and versions, with O(gather_subset=chip_boards); C(die_id) is on the 310P only.
      type: dict
      sample: {board_id: "0x31", bus_id: "0000:C1:00.0", chip_name: 910B3, chip_type: Ascend,
               chip_version: V1, ddie_id: null, die_id: null, firmware_version: 7.1.0.5.220, npu_name: null,
               ndie_id: 0A1B2C3D 00000001 00000002 00000003 00000004, position_id: 0,
               vdie_id: 0A1B2C3D 00000001 00000002 00000003 00000004}
    common:
      description: Clocks in MHz and utilisation in percent, with O(gather_subset=common).
      type: dict
      sample: {ai_core_count: 20, ai_core_mhz: 1800, ai_core_percent: 0, ai_core_rated_mhz: 1800,
               hbm_percent: 5, memory_percent: 0, power_w: 91.7, temperature_c: 44}
    usages:
      description: Utilisation in percent, sizes in MiB and pages, with O(gather_subset=usages).
      type: dict
      sample: {ai_core_percent: 0, ai_cpu_percent: 0, ai_cube_percent: 0, ai_vector_percent: 0,
               control_cpu_percent: 3, dvpp_jpegd_percent: null, dvpp_jpege_percent: null,
               dvpp_vdec_percent: null, dvpp_venc_percent: null, dvpp_vpc_percent: null,
               hbm_bandwidth_percent: 0, hbm_percent: 5, hbm_total_mb: 65536, hugepages_percent: 0,
               hugepages_total: 0, memory_bandwidth_percent: 0, memory_percent: 0, memory_total_mb: null,
               npu_percent: 0, vector_core_percent: null}
    memory:
      description: Sizes in MiB, clocks in MHz, temperature in degrees Celsius, with O(gather_subset=memory).
      type: dict
      sample: {hbm_manufacturer: "0x56", hbm_mhz: 1600, hbm_temperature_c: 39, hbm_total_mb: 65536,
               memory_fitted_mb: null, memory_mhz: null, memory_total_mb: null}
    ecc:
      description:
        - Errors and isolated pages of the memory, with O(gather_subset=ecc). C(errors_ever) is the aggregate.
        - The keys are C(MEMORY_BITS_bit_WHAT), with V(ddr) or V(hbm), V(single) or V(double), and V(errors),
          V(errors_ever), V(isolated_pages) or V(next_isolated_pages).
      type: dict
      sample: {hbm_double_bit_errors: 0, hbm_double_bit_errors_ever: 0, hbm_double_bit_isolated_pages: 0}
processes:
  description: The processes on the NPUs, at most eight per chip.
  returned: success
  type: list
  elements: dict
  contains:
    npu_id: {type: int, sample: 0, description: The card.}
    chip_id: {type: int, sample: 0, description: The chip on its card.}
    pid: {type: int, sample: 4711, description: The id of the process on the host.}
    name: {type: str, sample: python3, description: "Its name, cut after 15 characters. V(null) if unknown."}
    memory_mb: {type: int, sample: 30720, description: The memory of the chip that it holds in MiB.}
cards:
  description: The cards, if O(gather_subset) has V(boards). Others only say what their controller tells.
  returned: success
  type: list
  elements: dict
  contains:
    npu_id: {type: int, sample: 0, description: "The card, as C(npu-smi -i) wants it."}
    chip_count: {type: int, sample: 1, description: The number of chips on it.}
    faulty_chips: {type: int, sample: null, description: The number of faulty ones (310 and 310P).}
    product_name: {type: str, sample: null, description: The product's name on the board.}
    model: {type: str, sample: null, description: The model on the board.}
    manufacturer: {type: str, sample: Huawei, description: The manufacturer on the board.}
    serial_number: {type: str, sample: 2106030000NXPA000001, description: V(null) on boards without.}
    software_version: {type: str, sample: 23.0.3, description: The driver that runs.}
    firmware_version: {type: str, sample: 7.1.0.5.220, description: The firmware that the card runs.}
    compatibility:
      description: Whether driver and firmware fit together; V(UNKNOWN) or V(NOT SUPPORT) if it cannot tell.
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
    mcu:
      description: What its management controller says in V(common), V(health) and V(power).
      type: dict
      sample: {health: OK, power_w: 65.0, temperature_c: 45}
    reason: {type: str, sample: null, description: "Why it does not answer, or what it complained about."}
lost_cards:
  description:
    - How many cards the driver counts that do not answer. V(null) when it was not asked.
    - It does not count lost inference cards (310P); compare RV(chips) with RV(pci_devices).
  returned: success
  type: int
  sample: 0
topology:
  description: How the NPUs are connected, if O(gather_subset) has V(topo) and the product tells.
  returned: success
  type: dict
  contains:
    nodes: {type: list, elements: dict, description: "Name, id, CPUs, and the links by the other's name."}
    nics: {type: dict, description: The names of network cards by the name that they have in the links.}
  sample:
    nodes: [{name: NPU0, id: 0, cpu_affinity: 0-23, links: {NPU1: HCCS, NIC0: PXB}}]
    nics: {NIC0: mlx5_0}
unread:
  description: What C(npu-smi) should have told and did not.
  returned: success
  type: list
  elements: dict
  contains:
    npu_id: {type: int, sample: 3, description: "The card, or V(null)."}
    chip_id: {type: int, sample: 0, description: "The chip on the card, or V(null)."}
    what: {type: str, sample: temperature_c, description: "The value or the type, such as V(usages)."}
    reason: {type: str, sample: "npu-smi printed 32766, which stands for a failed query", description: Why.}
software:
  description: What is installed. V(null) when O(gather_subset) leaves V(software) out.
  returned: success
  type: dict
  contains:
    driver:
      description:
        - The driver with the ranges of firmware that fit, both ends included, and the driver versions that it
          names as compatible. V(null) when nothing of it is installed.
        - C(version) is V(null) and C(complete) is V(false) when the installation broke off.
      type: dict
      sample: {version: 23.0.3, complete: true, path: /usr/local/Ascend/driver, compatible_versions: [],
               compatible_firmware: [{lowest: 7.0.0, highest: 7.1.99}]}
    firmware: {type: dict, sample: {version: 7.1.0.5.220, path: /usr/local/Ascend/firmware},
               description: The firmware package. V(null) when none is installed.}
    cann:
      description:
        - The packages of CANN, of which there can be several versions. C(part) is V(toolkit), V(kernels)
          (called ops from CANN 8.5 on) and so on, C(chips) the vendor's directories of kernels.
        - C(in_use) tells whether C(latest) leads to it, C(owner) is the user's id, C(inner_version) the
          vendor's number, C(whitelist) the part of the toolkit, V(null) for all of it.
      type: list
      elements: dict
      sample: [{part: kernels, version: 7.0.0, arch: aarch64, complete: true, chips: [ascend910b],
                path: /usr/local/Ascend/ascend-toolkit/7.0.0/opp_kernel, in_use: true, owner: 0,
                inner_version: null, whitelist: null}]
    cann_latest: {type: str, sample: 7.0.0, description: "Where C(latest) (from 8.5 on C(cann)) leads to."}
    toolbox: {type: list, elements: dict, sample: [], description: "The toolboxes, described like C(cann)."}
    docker_runtime: {type: dict, sample: {version: 6.0.0, complete: true, injection_mode: null,
                     path: /usr/local/Ascend/Ascend-Docker-Runtime}, description: "The Ascend Docker Runtime.
                     C(injection_mode) is V(legacy) or V(cdi), V(null) where its installation was told none."}
    environment: {type: str, sample: bare_metal, description: "V(bare_metal), V(vm) or V(container)."}
pci_devices:
  description:
    - The processing accelerators (PCI class 0x1200), if O(gather_subset) has V(pci).
    - Where no NPU is among them, bridges (0x0604) with the ids of an NPU, too.
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
  sample: [{path: /srv/ascend/Ascend-cann-toolkit_8.0.0_linux-aarch64.run, sha256: null}]
"""

import os
import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, ModuleRunner
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_ask import SUBSETS, ask_npu_smi
from ansible_collections.ascend.fleet.plugins.module_utils._pci import read_pci_devices
from ansible_collections.ascend.fleet.plugins.module_utils._software import VersionFileError, read_software

ROOT = "/"
DEFAULT = ["software", "npus", "boards", "pci"]
EVERYTHING = [*DEFAULT, *(name for name in SUBSETS if name not in DEFAULT)]


def read_host(module: AnsibleModule) -> dict[str, Any]:
    """Return everything that is read without the vendor's programs."""
    subset = module.params["gather_subset"]
    return {
        "software": read_software(ROOT, module.params["install_path"]) if "software" in subset else None,
        "pci_devices": read_pci_devices(ROOT) if "pci" in subset else [],
        "files": [{"path": path, "sha256": module.sha256(path)} for path in module.params["files"]],
    }


def device_numbers() -> list[int]:
    """Return the physical ids of the NPUs that this host or container has a device file of."""
    folder = os.path.join(ROOT, "dev")
    found = [re.fullmatch(r"davinci([0-9]+)", name) for name in os.listdir(folder)]
    return sorted(int(match.group(1)) for match in found if match)


def ask(module: AnsibleModule) -> dict[str, Any]:
    """Return everything that npu-smi tells."""
    subset, timeout = module.params["gather_subset"], module.params["timeout"]
    if timeout < 1:
        module.fail_json(msg=f"timeout: found {timeout}, wanted at least 1 second; leave it out for 30 s")
    devices = device_numbers() if "phyid_remap" in subset else []
    return ask_npu_smi(ModuleRunner(module, "npu-smi"), subset, devices, timeout)


def main() -> None:
    """Read what is wanted and return it."""
    module = AnsibleModule(
        argument_spec={
            "gather_subset": {"type": "list", "elements": "str", "choices": EVERYTHING, "default": DEFAULT},
            "install_path": {"type": "path", "default": "/usr/local/Ascend"},
            "files": {"type": "list", "elements": "path", "default": []},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, **read_host(module), **ask(module))
    except CliError as error:
        module.fail_json(**error.as_failure())
    except VersionFileError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename} cannot be read: {error.strerror}; run with become: true")


if __name__ == "__main__":
    main()

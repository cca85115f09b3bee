# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage texts and repeated messages of npu-smi, as transcripts npu-smi/910B3 and npu-smi/910A have them."""

from __future__ import annotations

MAIN_USAGE = """\
Usage: npu-smi <Command|-h|-v> [Options...]

npu-smi Command:
\t-h            This command's help information
\t--help        This command's help information
\t-v            Show npu-smi version information
\tinfo          Show hardware details
\tset           Modify device configuration properties
\tclear         Clear device information
\tupgrade       Upgrade MCU firmware
"""

INFO_USAGE = """\
Usage: npu-smi info <watch|proc|-h|-m|-l|-t type> [Options...]

Commands:
       watch          Show all device's status in scrolling format
       proc           Show device's matrix process status in scrolling format
       -h, --help     Show this help text and exit
       -m             Show all device's mapping information
       -l             Show all device's topology information
       -t type        Show information for type
                      type: board, flash, memory, usages, sensors, temp, power, volt, mac-addr,
                            common, health, product, ecc, ip, sys-time, i2c_check, work-mode,
                            ecc-enable, p2p-enable, ssh-enable, license, customized-info, device-share,
                            device-share-cfg-recover, nve-level, aicpu-config, pcie-err, mcu-monitor,
                            err-count, boot-area, vnpu-mode, info-vnpu, vnpu-svm, cpu-num-cfg,
                            first-power-on-date, proc-mem, phyid-remap, vnpu-cfg-recover, key-manage,
                            template-info, pkcs-enable, p2p-mem-cfg, pwm-mode, pwm-duty-ratio,
                            boot-select, topo, hccs, sio-info, spod-info, tls-csr-get, tls-cert,
                            tls-cert-period, rootkey, hccs-bw, cpu-freq-up, sys-log-info, hccs-credit,
                            custom-op, custom-op-cfg-recover, custom-op-secverify-enable,
                            custom-op-secverify-mode, op-timeout, current-fault-event,
                            custom-op-secverify-cert, multi-die-policy, multi-die-policy-cfg-recover.

Options:
       -i %d          Card ID
       -c %d          Chip ID
       -p %d          Chip Physical ID
"""

HCCS_USAGE = """\
Usage: npu-smi info -t hccs [Options...]

Options:
       -i %d          Card ID
       -c %d          Chip ID
       -lane %d       Lane ID
"""

HCCS_BANDWIDTH_USAGE = """\
Usage: npu-smi info -t hccs-bw [Options...]

Options:
       -i %d          Card ID
       -c %d          Chip ID
       -time %d       Profiling Time
"""

INFO_USAGES = {"hccs": HCCS_USAGE, "hccs-bw": HCCS_BANDWIDTH_USAGE}

SET_USAGE = """\
Usage: npu-smi set <-h|-t type> [Options...]

Commands:
       -h, --help     Show this help text and exit
       -t type        The set type for device
                      type: ecc-enable, collect-log, reset, device-share, nve-level, clear-ecc-info,
                            license, ssh-enable, customized-info, clear-pcie-err, revocate, mac-addr,
                            mcu-monitor, boot-area, aicpu-config, disk-power, ip, errcount-clear,
                            vnpu-mode, create-vnpu, destroy-vnpu, vnpu-svm, cpu-num-cfg, vnpu-cfg-recover,
                            key-manage, pkcs-enable, p2p-mem-cfg, pwm-mode, pwm-duty-ratio, power-state,
                            boot-select, reset-vnpu, tls-cert, tls-cert-period, cpu-freq-up, custom-op,
                            sys-log-dump, clear-syslog-cfg, sys-log-enable, custom-op-cfg-recover,
                            custom-op-secverify-enable, custom-op-secverify-mode, op-timeout-cfg,
                            device-share-cfg-recover, custom-op-secverify-cert, qos-master-config,
                            multi-die-policy, multi-die-policy-cfg-recover.

Options:
       -i %d          Card ID
       -c %d          Chip ID
       -d %d          Config value
       -s             String format configuration
       -f             License (1-255) or path of SoC certificate files
                      or path of all device logs are continuously collected
       -m             By in-band reset, only can input 1
"""

SET_SHARE_USAGE = """\
Usage: npu-smi set -t device-share [Options...]

Options:
       -i %d          Card ID
       -c %d          Chip ID
       -d %d          Enable value, only can input 0 or 1
                       (0: False, 1: TRUE)
"""

SET_KEY_MANAGE_USAGE = """\
Usage: npu-smi set -t key-manage [Options...]

Options:
       -s             Manage service statuses. Enter start or stop.
                      start: starts the service and enables auto startup.
                      stop: stops the service and disables auto startup.
"""

RESET_DIES_QUESTION = "It will reboot all devices, do you want to continue reboot? [y/n]\n"
RESET_CARD_QUESTION = (
    "It's SMP mode, it will reboot all devices in this SMP system, do you want to continue reboot? [y/n]\n"
)
NO_BMC = (
    "\nChip reset is not supported. Please check BMC version and IPMI driver.\n"
    "Please reboot OS to reset chip if there is no BMC.\n"
)
SHARE_CHIP_QUESTION = (
    "Setting device sharing for single chip is not allowed for this product, "
    "all chips belong to the npu card will keep same device-share status!\n"
    "There are security risks when enabling or disabling the device sharing, "
    "Please ensure that only a single user operating the card at the same time.\n"
    "Are you sure you want to continue setting?(Y/N)\n"
)
SET_SHARE_RECOVERY_USAGE = """\
Usage: npu-smi set -t device-share-cfg-recover [Options...]

Options:
       -d %d          Persistence config recover mode, only can input 0 or 1
                       (0: Disable, 1: Enable)
"""
SHARE_RECOVERY_QUESTION = (
    "Device share config recover will be allowed when opening device share enable, "
    "Please ensure that the custom code is secure and trustworthy.\n"
    "Are you sure you want to continue setting?(Y/N)\n"
)
# The types that show the general usage; the others have one of their own (hicann/driver npu_set.c).
SET_USAGES = {
    "": SET_USAGE,
    "reset": SET_USAGE,
    "clear-ecc-info": SET_USAGE,
    "device-share": SET_SHARE_USAGE,
    "key-manage": SET_KEY_MANAGE_USAGE,
}

CLEAR_USAGE = """\
Usage: npu-smi clear <-h|-t type> [Options...]

Commands:
       -h, --help     Show this help text and exit
       -t type        The clear type for device
                      type: ecc-info, tls-cert-period.

Options:
       -i %d          Card ID
       -c %d          Chip ID
"""

UPGRADE_USAGE = """\
Usage: npu-smi upgrade <-h|-t type|-q type|-b type|-a type> [Options...]

Commands:
       -h, --help     Show this help text and exit
       -t type        Upgrade device firmware
       -q type        Query the upgrade status
       -b type        Query the firmware version
       -a type        Active the firmware version
                      type: mcu bootloader vrd

Options:
       -i ID          Upgrade for this card ID
       -f file        The firmware file path
"""

ROOT_ONLY = "This command can be executed only by the root user.\n"
HOST_ONLY = "This command cannot be executed on a VM or container.\n"
NOT_ON_VM = "This command cannot be executed on a VM.\n"
NOT_IN_CONTAINER = "This command cannot be executed on a container.\n"
NO_OPTIONS = "\nThere has no options.\n\n"
CARD_WANTED = "\nThis command must input card id.\n\n"
CARD_AND_CHIP_WANTED = "\nThis command must input card id and chip id.\n\n"
CHIP_WANTED = "Must input parameter of chip id.\n"
TYPE_WANTED = "Must input parameter of type.\n"
PHY_ID_WANTED = "This command must input phy id. Input parameter of -p\n"
INCOMPLETE_DRIVER = (
    "[WARNING]The driver package may not be completely installed, which may cause function abnormal. "
    "Please reinstall it.\n"
)
SHARE_QUESTION = (
    "There are security risks when opening device sharing, "
    "Please ensure that only a single user uses the chip.\n"
    "Are you sure you want to continue setting?(Y/N)\n"
)
RESET_QUESTION = (
    "Resetting the standard PCIe card or NPU chip may cause a system hang or abnormal reset "
    "during service running.\n"
    "Are you sure you want to continue resetting?(Y/N)\n"
)
RESET_ALL_QUESTION = (
    "It's AMP mode, but hccs is on, it will reboot all devices, do you want to continue reboot? [y/n]\n"
)


def error_parameter(word: str) -> str:
    """Return the line that names the argument at fault."""
    return f"Error parameter of {word}\n"


def unsupported(verb: str, what: str) -> str:
    """Return the line with which a device declines, ``verb`` being querying, setting, clearing, ..."""
    return f"This device does not support {verb} {what}.\n"

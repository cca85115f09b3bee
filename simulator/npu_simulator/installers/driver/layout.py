# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a driver installation writes, in the order it writes them (run_driver_install.sh).

Names and modes are those of the transcripts driver-run/910B.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from npu_simulator import immutable
from npu_simulator.installers.files import append, link, remove, shim, write

if TYPE_CHECKING:
    from npu_simulator.installers.driver.run import DriverRun

LIBRARIES = ("lib64", "lib64/common", "lib64/driver")
PROGRAMS = ("npu-smi", "hccn_tool", "upgrade-tool")
MODULES = ("asdrv_dms.ko", "drv_pcie_host.ko", "drv_seclib_host.ko")
NPU_SMI_LINK = "/usr/local/bin/npu-smi"
HCCN_TOOL_LINK = "/usr/bin/hccn_tool"
DAVINCI_CONF = "/lib/davinci.conf"
LIBRARY_CONF = "/etc/ld.so.conf.d/ascend_driver_so.conf"
PCIVNIC_CONF = "/etc/d-pcivnic.conf"
FILE_LIST = "/etc/ascend_filelist.info"
INIT_SCRIPT = "/etc/init.d/host_sys_init.sh"
CUSTOM_PROCESS_CONF = "/etc/custom_process.cfg"
HCCN_CONF = "/etc/hccn.conf"
VNPU_CONF = "/etc/vnpu.cfg"
VNPU_TEXT = "vnpu_config_recover:enable\n[vnpu-config start]\n[vnpu-config end]\n"
WITH_CUSTOM_PROCESS = {"d802", "d803"}
SYSTEM_FILES = (
    NPU_SMI_LINK,
    HCCN_TOOL_LINK,
    DAVINCI_CONF,
    LIBRARY_CONF,
    PCIVNIC_CONF,
    FILE_LIST,
    INIT_SCRIPT,
)
_SETENV = "bin/setenv.bash"
_LIBRARY_STUB = "stand-in of a driver library\n"


def copy_files(run: DriverRun) -> None:
    """Copy the package's files: folders, libraries, programs, scripts, and the link to npu-smi."""
    base, node = f"{run.path}/driver", run.node
    immutable.release(node, base)
    for folder in ("device", "host", "kernel", *LIBRARIES, "script", "tools"):
        node.path(f"{base}/{folder}").mkdir(parents=True, exist_ok=True)
    write(node, f"{base}/lib64/driver/libascend_hal.so", _LIBRARY_STUB, 0o444)
    write(node, f"{base}/lib64/driver/libdcmi.so", _LIBRARY_STUB, 0o444)
    run.session.reach("files")
    for program in PROGRAMS:
        shim(node, f"{base}/tools/{program}", program)
    shim(node, f"{base}/script/uninstall.sh", f"installers uninstall driver {run.path}")
    if _SETENV not in run.package.lacks:
        write(node, f"{base}/{_SETENV}", "# stand-in of the driver's environment script\n", 0o444)
    if run.options.install_type != "devel":
        link(node, NPU_SMI_LINK, f"{base}/tools/npu-smi")


def write_home(run: DriverRun) -> None:
    """Say in /lib/davinci.conf where the driver lies."""
    write(run.node, DAVINCI_CONF, f"DAVINCI_HOME_PATH={run.path}\n", run.mode(0o444))


def register_modules(run: DriverRun) -> None:
    """Note the kernel modules in the file list."""
    remove(run.node, FILE_LIST)
    for module in MODULES:
        line = f"[driver_ko] /lib/modules/{os.uname().release}/updates/{module}\n"
        append(run.node, FILE_LIST, line, 0o644)


def set_up_services(run: DriverRun) -> None:
    """Register boot script, hccn_tool and library folders (host_servers_setup.sh)."""
    write(
        run.node, INIT_SCRIPT, "#!/bin/sh\n# The boot of the simulated node does this script's work.\n", 0o755
    )
    link(run.node, HCCN_TOOL_LINK, f"{run.path}/driver/tools/hccn_tool")
    folders = "".join(f"{run.path}/driver/{folder}\n" for folder in LIBRARIES)
    write(run.node, LIBRARY_CONF, folders, 0o440)


def write_network_files(run: DriverRun) -> None:
    """Give the virtual network card a random address (pcivnic_mac_set)."""
    address = f"10:1b:54:{random.randrange(256):02x}:{random.randrange(256):02x}:d3"
    text = f"# Pcie vnic mac address config file\n# Format : device_id mac_address\n0 {address}\n"
    write(run.node, PCIVNIC_CONF, text, 0o644)


def settle_hccn_conf(run: DriverRun) -> None:
    """Make /etc/hccn.conf if need be and reset its mode on every run; its content stays (changeMode, D8)."""
    file = run.node.path(HCCN_CONF)
    file.touch()
    file.chmod(run.mode(0o640))


def write_vnpu_conf(run: DriverRun) -> None:
    """Make /etc/vnpu.cfg once; nothing ever removes it."""
    if not run.node.path(VNPU_CONF).exists():
        write(run.node, VNPU_CONF, VNPU_TEXT, 0o600)


def drop_module_folder(run: DriverRun) -> None:
    """Remove the folder that held the kernel modules during the installation."""
    remove(run.node, f"{run.path}/driver/host")


def write_version(run: DriverRun) -> None:
    """Write version.info: from here on the driver counts as installed."""
    write(run.node, f"{run.path}/driver/version.info", run.package.version_text, run.mode(0o444))


def protect(run: DriverRun) -> None:
    """Let nobody but the uninstaller remove the files."""
    run.voice.log("[INFO]add chattr for driver package")
    immutable.protect(run.node, f"{run.path}/driver")


def write_custom_process_conf(run: DriverRun) -> None:
    """Make /etc/custom_process.cfg for the chips that have one (create_white_proc_cfg)."""
    file = run.node.path(CUSTOM_PROCESS_CONF)
    if set(run.package.pci_devices) & WITH_CUSTOM_PROCESS and not file.exists():
        write(run.node, CUSTOM_PROCESS_CONF, "", 0o644)

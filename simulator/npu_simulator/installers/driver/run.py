# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of one call of the driver package share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers.driver.options import Options
from npu_simulator.installers.files import InstallInfo, value
from npu_simulator.installers.session import HdkVoice

if TYPE_CHECKING:
    from npu_simulator.installers.package import Package
    from npu_simulator.installers.session import Session

DEFAULT_PATH = "/usr/local/Ascend"
DEFAULT_USER = "HwHiAiUser"


class DriverRun:
    """One call of the driver package: options, record of the last installation, run user, path."""

    def __init__(self, session: Session, package: Package) -> None:
        """Begin a call of ``package``; options come later."""
        self.session = session
        self.package = package
        self.node = session.node
        self.voice = HdkVoice(session, "Driver")
        self.info = InstallInfo(self.node)
        self.options = Options([])
        self.user = self.info.get("UserName") or DEFAULT_USER
        self.group = self.info.get("UserGroup") or DEFAULT_USER
        self.path = DEFAULT_PATH
        self.for_all = False
        self.dkms = False
        self.modules_loaded = self.node.read()["running"]["driver"] is not None

    @property
    def installed_path(self) -> str:
        """Return where the last installation went, empty when there is none."""
        return self.info.get("Driver_Install_Path_Param")

    @property
    def installed_version(self) -> str:
        """Return the installed version, `none` when version.info is absent."""
        return value(self.node, f"{self.installed_path}/driver/version.info", "Version") or "none"

    @property
    def installed_type(self) -> str:
        """Return the type of the last installation."""
        return self.info.get("Driver_Install_Type")

    def tell_base_version(self) -> None:
        """Name the installed version, when there is an installation (logBaseVersion)."""
        if self.installed_path:
            self.voice.report(f"[INFO]base version is {self.installed_version}.")
        else:
            self.voice.log("[INFO]base version was destroyed or not exist.")

    def record(self, result: str) -> None:
        """Write this call into operation.log."""
        options = self.options
        details = f"cmdlist={options.command_line}"
        if not (options.upgrade or options.uninstall):
            details = f"install_type={options.install_type}; {details}"
        self.voice.record(options.operation, self.package.file, result, details)

    def mode(self, mode: int) -> int:
        """Return ``mode`` as setFileChmod does: with --install-for-all others get the group's bits."""
        return (mode & ~0o7) | ((mode >> 3) & 0o7) if self.for_all else mode

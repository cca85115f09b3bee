# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which hccn_tool fails: its code, its text, the stream and what is printed below it.

Codes and texts: hicann/driver ascend910B/hccn_tool cmd.c, ossl_user_linux.h. The exit status is the low byte.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

SUCCESS = "Cmd executed successfully!"
RECOVERY_FAILED = "Recovery failed. Check '/var/log/hccn_tool/hccn_config.log' for details."
LINK_UP_RECOVERY_FAILED = (
    "Link up executed, but recovery failed, please check '/var/log/hccn_tool/hccn_config.log' for details."
)
HELP_HINT = "Enter [ hccn_tool -h ] for more details."
_ARGUMENT_FAMILIES = frozenset({0x1000, 0x2000})
_LOW_BYTE = 0xFF
_FAMILY = 0xF000


class Code(IntEnum):
    """The vendor's 16 bit result codes, as far as they are simulated."""

    MAJOR_TYPE = 0x1001
    MAJOR_NUMBER = 0x1002
    MAJOR_INVALID = 0x1003
    DEVICE_ID = 0x1004
    WORD_LENGTH = 0x1005
    PARAMETER = 0x2001
    UNKNOWN_OPTION = 0x2003
    COUNT = 0x2004
    MAC_INVALID = 0x2005
    IP_INVALID = 0x2006
    CONFLICT = 0x2007
    GATEWAY_SEGMENT = 0x2008
    DSCP_RANGE = 0x2009
    TC_RANGE = 0x200A
    MTU_RANGE = 0x200D
    NO_CERTIFICATE = 0x200E
    ALARM_TIME = 0x200F
    ENABLE_VALUE = 0x2010
    HOST_NOT_LAST = 0x201D
    VIA_SEGMENT = 0x2023
    RECOVERY = 0x3001
    FILE_OPEN = 0x3003
    FILE_WRITE = 0x3004
    FILE_READ = 0x3005
    FILE_DELETE = 0x3007
    BUSY = 0x300B
    PERMISSION = 0x300C
    UNSUPPORTED = 0x300D
    ROUTE_MISSING = 0x3015
    USER_ABORT = 0x3016
    PFC_NUMBER = 0x3019
    NO_IP_FOR_GATEWAY = 0x301A
    MTU_TOO_SMALL = 0x301B
    IP_ROUTE_EXISTS = 0x301C
    FILE_ACCESS = 0x301D
    NOT_CONFIGURED = 0x3020
    NET_MASK = 0x3022
    DEFAULT_ROUTE = 0x3023
    TABLE_MISSING = 0x3024
    BROADCAST = 0x3025
    EXECUTE = 0x4001
    NO_GATEWAY = 0x4002
    HEALTH_TIMEOUT = 0x4003
    DEVICE_MISSING = 0x4004
    NO_ADDRESS = 0x400D
    VM_UNSUPPORTED = 0x4015
    LINK_DOWN = 0x4016


class Message(NamedTuple):
    """What is printed for a code; ``below`` is "hint" (second line on stderr), "usage" (stdout) or empty."""

    text: str
    stream: str = "stderr"
    below: str = ""


MESSAGES = {
    Code.MAJOR_TYPE: Message(
        'Get invalid major cmd type. The valid major cmd type should be "-a" or "-i".', below="hint"
    ),
    Code.MAJOR_NUMBER: Message("Get invalid major cmd number. Please check your input.", below="hint"),
    Code.MAJOR_INVALID: Message("Get invalid major cmd.", below="hint"),
    Code.DEVICE_ID: Message("Get invalid device id."),
    Code.WORD_LENGTH: Message("Get invalid input param len."),
    Code.PARAMETER: Message("Get invalid parameters!", below="usage"),
    Code.UNKNOWN_OPTION: Message("Get unknown option!", below="usage"),
    Code.COUNT: Message("The total count of input parameters is wrong!", below="usage"),
    Code.MAC_INVALID: Message("The mac address you configured is invalid or saved by system"),
    Code.IP_INVALID: Message("The ip address you configured is invalid!"),
    Code.CONFLICT: Message("The ip address configured is conflicted!"),
    Code.GATEWAY_SEGMENT: Message(
        "The segment of configured gateway doesn't match that of the configured ip adress!"
    ),
    Code.DSCP_RANGE: Message("The value of dscp you input is out of the valid range!", below="usage"),
    Code.TC_RANGE: Message("The value of tc you input is out of the valid range!", below="usage"),
    Code.MTU_RANGE: Message("The value of mtu you input is out of the valid range!", below="usage"),
    Code.NO_CERTIFICATE: Message("No certificate found, please set certs firstly!"),
    Code.ALARM_TIME: Message("Get invalid alarm time!", below="usage"),
    Code.ENABLE_VALUE: Message("Get invalid enable value!", below="usage"),
    Code.HOST_NOT_LAST: Message("The host flag should be the last config item!", below="usage"),
    Code.VIA_SEGMENT: Message(
        "The segment of configured via doesn't match that of the configured ip adress!"
    ),
    Code.RECOVERY: Message("Cmd execute failed!"),
    Code.FILE_OPEN: Message(
        "Open file failed, cmd execute failed! pls check the conf path or cmd run permission."
    ),
    Code.FILE_WRITE: Message(
        "Write configurations to config file failed. User configurations cannot be persisted!"
        " pls check cmd run permission."
    ),
    Code.FILE_READ: Message("Read file failed, cmd execute failed! pls check cmd run permission."),
    Code.FILE_DELETE: Message(
        "Delete configurations from config file failed. User configurations cannot be persisted!"
        " pls check cmd run permission."
    ),
    Code.BUSY: Message("hccn_tool is busy, please try again.", "stdout"),
    Code.PERMISSION: Message("permission denied: pls check this cmd run permission."),
    Code.UNSUPPORTED: Message("The command is not supported on this product.", "stdout"),
    Code.ROUTE_MISSING: Message("Route not exist in routing table, can not delete!", "stdout"),
    Code.USER_ABORT: Message("User aborts command.", "stdout"),
    Code.PFC_NUMBER: Message("The number of pfc priority queues exceeds the maximum value(4).", "stdout"),
    Code.NO_IP_FOR_GATEWAY: Message("Unable to configure gateway, because ip is not configured!"),
    Code.MTU_TOO_SMALL: Message("Unable to configure IPV6 address, because mtu is less than 1280!"),
    Code.IP_ROUTE_EXISTS: Message("IP route table already exists."),
    Code.FILE_ACCESS: Message(
        "The hccn.conf can't access, cmd execute failed! pls check the conf file or cmd run permission."
    ),
    Code.NOT_CONFIGURED: Message("The confuguraion does not exist! Please preset firstly!"),
    Code.NET_MASK: Message("Inconsistent address and mask!"),
    Code.TABLE_MISSING: Message("FIB table does not exist!"),
    Code.DEFAULT_ROUTE: Message("Can not add or delete default route! Please use hccn_tool gateway cfg cmd!"),
    Code.BROADCAST: Message("Can not config broadcast address!"),
    Code.EXECUTE: Message("Command execute failed!"),
    Code.NO_GATEWAY: Message("Get gateway failed, because no gateway was preset there!"),
    Code.HEALTH_TIMEOUT: Message("Get device health status failed!"),
    Code.DEVICE_MISSING: Message("The device is not exist!"),
    Code.NO_ADDRESS: Message("Get ipconf failed, because no ip was preset there!"),
    Code.VM_UNSUPPORTED: Message("The VM does not support this command."),
    Code.LINK_DOWN: Message("Execute failed: Link status is down."),
}


class HccnError(Exception):
    """The call ends here with ``code``."""

    def __init__(self, code: Code) -> None:
        """Keep the vendor's code."""
        super().__init__(MESSAGES[code].text)
        self.code = code

    @property
    def status(self) -> int:
        """Return the exit status that the shell sees."""
        return self.code & _LOW_BYTE

    @property
    def is_about_arguments(self) -> bool:
        """Tell whether the arguments were wrong, so that nothing was tried."""
        return self.code & _FAMILY in _ARGUMENT_FAMILIES

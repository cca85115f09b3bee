# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver package: what its installer prints, refuses, writes and leaves (hicann/driver, 910B layout)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers.driver import checks, removal
from npu_simulator.installers.driver.installation import install
from npu_simulator.installers.driver.options import PARAMETER, OptionError, parse, refusal
from npu_simulator.installers.driver.run import DriverRun
from npu_simulator.installers.session import (
    BUSY,
    INSTALL_LOG,
    OPERATION_LOG,
    PLAIN,
    RED,
    YELLOW,
    Finished,
    broken_disk,
)
from npu_simulator.installers.version_check import check_versions

if TYPE_CHECKING:
    from npu_simulator.installers.package import Package
    from npu_simulator.installers.session import Session

_DENIED = "./driver/script/log_common.sh: line {line}: {log}: Permission denied"


def main(session: Session, package: Package, words: list[str]) -> int:
    """Run the driver package with ``words`` and return its exit status."""
    run = DriverRun(session, package)
    try:
        _start(run, words)
        _read_options(run, words)
        _introduce(run)
        _act(run)
    except Finished as end:
        return int(str(end.code))
    except OSError as error:  # the node's own disk: full, or read-only
        return _tell_broken_disk(run, error)
    except SystemExit:
        run.record("failed")  # the installer's own trap, transcript 023 and its line in operation.log
        raise
    finally:
        session.release()
    return 0


def _tell_broken_disk(run: DriverRun, error: OSError) -> int:
    run.session.complain(broken_disk(error, run.path))
    run.voice.say(f"[ERROR]{RED}Drv_file_copy failed, details in : {INSTALL_LOG} {PLAIN}")
    return 1


def _start(run: DriverRun, words: list[str]) -> None:
    voice = run.voice
    if not words:  # transcript 001
        voice.say(f"{PARAMETER} Unrecognized parameters. Try './xxx.run --help' for more information.")
        raise Finished(1)
    checks.prepare_log_folder(run)
    voice.log("[INFO]runPackagePath =/root")
    voice.stamp("Start")
    voice.say(f"[INFO]LogFile: {INSTALL_LOG}")
    voice.say(f"[INFO]OperationLogFile: {OPERATION_LOG}")
    voice.log(f"[INFO]UserCommand: {run.package.file} {' '.join(words)}")
    if not run.session.node.is_root:  # transcript 012
        for line in (16, 54, 16):
            run.session.complain(_DENIED.format(line=line, log=INSTALL_LOG))
        voice.say(
            "[ERROR]ERR_NO:0x0093;ERR_DES:do not have root permission, operation failed, "
            "please use root permission!"
        )
        raise Finished(1)


def _read_options(run: DriverRun, words: list[str]) -> None:
    try:
        run.options = parse(words)
    except OptionError as error:
        tell = (
            run.voice.say if "Unrecognized" in str(error) else run.voice.report
        )  # as the recorded log has it
        tell(str(error))
        raise run.voice.finish(1) from None


def _introduce(run: DriverRun) -> None:
    """Do what args_parse.sh does after the arguments: machine, chip, debug mode, other installers, rules."""
    checks.architecture(run)
    checks.product(run)
    checks.debug_mode(run)
    if not run.session.occupy():
        raise run.voice.refuse(BUSY)
    run.tell_base_version()
    if run.options.installs:
        warning = "Do not power off or restart the system during the installation/upgrade"
        run.voice.say(f"[WARNING]{YELLOW}{warning}{PLAIN}")
    lines = refusal(run.options)
    if lines:
        run.voice.report(lines[0])
        for line in lines[1:]:
            run.voice.say(line)
        raise run.voice.finish(1)


def _act(run: DriverRun) -> None:
    checks.user_option(run)
    if run.options.check:
        check_versions(run.voice, run.package)
        raise run.voice.finish(0)
    if run.options.version:
        run.voice.say(f"[INFO]driver version :{run.package.version}")
        raise Finished(0)
    checks.environment(run)
    if run.options.uninstall:
        removal.uninstall(run)
    else:
        install(run)

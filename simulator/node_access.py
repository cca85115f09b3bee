# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH to the simulated nodes: the user's key, the file of known hosts, and the wait for an answer.

All of it lies in .demo/ssh of the checkout and is made when the first nodes are.
"""

from __future__ import annotations

import re
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from shared_files import alone, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

_NAMED = re.compile(r"^Host (\S+)\n    Port (\d+)$", re.MULTILINE)
FOLDER = Path(__file__).resolve().parents[1] / ".demo/ssh"


def public_key(folder: Path = FOLDER) -> str:
    """Return the user's public key; the pair is made when there is none."""
    private = folder / "id_ed25519"
    with _private(folder):
        if not private.exists():
            comment = "simulated nodes of ascend.fleet"
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(private)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return private.with_suffix(".pub").read_text(encoding="utf-8")


def know_hosts(keys: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Let known_hosts say that an address answers with this host key; other addresses stay."""
    file = folder / "known_hosts"
    with _private(folder):
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        kept = [line for line in lines if line.split()[0] not in keys]
        # without the key's comment
        made = [" ".join([address, *key.split()[:2]]) for address, key in sorted(keys.items())]
        write_whole(file, "".join(f"{line}\n" for line in [*kept, *made]).encode())


def name_hosts(inventory: str, ports: Mapping[str, int], folder: Path = FOLDER) -> Path:
    """Write how to reach the nodes of an inventory by name: ``ssh -F .demo/ssh/<inventory>.conf <node>``."""
    common = f"""Host *
    HostName 127.0.0.1
    User fleet
    IdentityFile "{folder / "id_ed25519"}"
    IdentitiesOnly yes
    UserKnownHostsFile "{folder / "known_hosts"}"
    StrictHostKeyChecking yes
"""
    file = folder / f"{inventory}.conf"
    known = dict(_NAMED.findall(file.read_text(encoding="utf-8"))) if file.exists() else {}
    nodes = sorted({**known, **ports}.items())
    lines = [f"Host {name}\n    Port {port}\n" for name, port in nodes]
    file.write_text("".join([*lines, common]), encoding="utf-8")
    return file


def answers(place: tuple[str, int], seconds: float) -> bool:
    """Wait until an SSH server greets at this host and port; return False when the time is up."""
    end = time.monotonic() + seconds
    while not (greeted := _greets(place)) and time.monotonic() < end:
        time.sleep(0.1)
    return greeted


def _greets(place: tuple[str, int]) -> bool:
    """Tell whether an SSH server greets; Docker accepts a connection before the node's sshd runs."""
    try:
        with socket.create_connection(place, timeout=5) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def _private(folder: Path) -> AbstractContextManager[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return alone(folder)

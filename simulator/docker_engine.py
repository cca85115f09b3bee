# SPDX-License-Identifier: GPL-3.0-or-later
"""Call the Docker engine through its command line: the only place of the simulator that does."""

from __future__ import annotations

import subprocess
from typing import IO

RECIPE_LABEL = "ascend.fleet.recipe"  # on images: the checksum of what they were made from
INVENTORY_LABEL = "ascend.fleet.inventory"  # on nodes and networks: the name of their inventory
CHECKOUT_LABEL = "ascend.fleet.checkout"  # on nodes and networks: the checkout whose keys they know
DESCRIPTION_LABEL = "ascend.fleet.description"  # on nodes: the checksum of what the inventory says of them

REASON_LINES = 5  # what a build did before it failed says nothing


class DockerError(Exception):
    """The Docker engine refused something or did not answer; the message quotes it."""


def docker(
    *words: str, data: bytes | None = None, source: IO[bytes] | None = None, seconds: float = 600
) -> str:
    """Run ``docker WORD ...`` and return what it printed, without the last newline. Raises DockerError.

    Its standard input is ``data``, or the stream ``source``, or empty; it is given up after ``seconds``.
    """
    try:
        run = _run(["docker", *words], data, source, seconds)
    except FileNotFoundError as error:
        raise DockerError("found no docker command: run tools/setup docker") from error
    except subprocess.TimeoutExpired as error:
        raise DockerError(f"docker {words[0]} did not end within {seconds:.0f} s") from error
    if run.returncode:
        reason = "\n".join(run.stderr.decode().strip().splitlines()[-REASON_LINES:])
        raise DockerError(f"docker {words[0]} failed with status {run.returncode}: {reason}")
    return run.stdout.decode().rstrip("\n")


def last_words(container: str) -> str:
    """Return the last lines that a container printed, on whichever stream."""
    argv = ["docker", "logs", "--tail", str(REASON_LINES), container]
    run = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    return run.stdout.decode().strip()


def _run(
    argv: list[str], data: bytes | None, source: IO[bytes] | None, seconds: float
) -> subprocess.CompletedProcess[bytes]:
    if data is not None:
        return subprocess.run(argv, input=data, capture_output=True, check=False, timeout=seconds)
    stdin = source or subprocess.DEVNULL
    return subprocess.run(argv, stdin=stdin, capture_output=True, check=False, timeout=seconds)

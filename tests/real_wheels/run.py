# SPDX-License-Identifier: GPL-3.0-or-later
"""Run play.yml on one host and return what it noted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from real_wheels import index

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDER = ROOT / ".build/wheels"
LIMIT = 1000  # seconds, all of pip's work under emulation included


def play(host: str, connection: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Bring ``host`` to the wheels that ``variables`` of the role name; what is printed lies in FOLDER.

    Raises RuntimeError with the end of the output when the run fails.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    note, given, log = (FOLDER / f"{host}.{kind}" for kind in ("note.json", "variables.json", "log"))
    note.unlink(missing_ok=True)
    common = {
        "ansible_become": False,
        "real_wheels_note": str(note),
        "real_wheels_authority": "",
        "npu_fleet_packages": "",
        "torch_npu_manager": "venv",
        **pip_inputs(),
    }
    given.write_text(json.dumps({**common, **variables}), encoding="utf-8")
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [program, HERE / "play.yml", "-i", f"{host},", "-c", connection, "-e", f"@{given}"]
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=LIMIT,
        )
    if done.returncode:
        raise RuntimeError(f"the run on {host} failed, see {log}: {log.read_text(encoding='utf-8')[-3000:]}")
    noted: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return noted


def import_error(noted: dict[str, Any]) -> str:
    """Return the line that names the error; torch_npu puts a line with time and process below it."""
    lines = noted["error"].splitlines()
    return next((line for line in reversed(lines) if line.startswith("ImportError: ")), noted["error"])


def pip_inputs() -> dict[str, Any]:
    """Return the role's inputs that let a node ask the index that pip asks here. Folders stay here."""
    others = index.setting("extra-index-url").split()
    return {
        "torch_npu_index_url": index.setting("index-url"),
        "torch_npu_extra_index_urls": [url for url in others if url.startswith("http")],
    }

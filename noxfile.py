# SPDX-License-Identifier: GPL-3.0-or-later
"""One session per kind of check; `make test` runs them all and adds up what they counted.

Each session leaves its counts in .build/results: JUnit XML of pytest, or one line for a command that
has no tests of its own. A session that leaves nothing there did not run, and tests/totals.py says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.stop_on_first_error = False
nox.options.sessions = [
    "style",
    "types",
    "lint",
    "docs",
    "unit",
    "simulator",
    "sanity",
    "artifact",
    "integration",
    "molecule",
]

ROOT = Path(__file__).parent
RESULTS = ROOT / ".build/results"
LOGS = ROOT / ".build/logs"
BIN = ROOT / ".venv/bin"
GLOB = "molecule/*/molecule.yml"
# The longest first, so that the last ones end together.
SCENARIOS = (
    *("families", "packages", "guide_002", "container", "guide_001", "rollback"),
    *("guide_000", "guide_004", "faults", "site", "guide_003", "upgrade", "mcu", "mirror"),
)
# What tests of integration are about, by their names; the others are about nodes.
OF_PIP = {"environments": "^test_environment", "python": "python_environment", "wheels": "conda|wheel|fetch"}
os.environ["PATH"] = f"{BIN}:{os.environ['PATH']}"
os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")


def passed(session: nox.Session, checks: int) -> None:
    """Note how many commands of a session passed; a failing command ends the session before this."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{session.name}.count").write_text(f"{checks}\n", encoding="utf-8")


def pytest(session: nox.Session, *arguments: str, name: str = "") -> None:
    """Run pytest and keep its counts."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    session.run("pytest", "-q", f"--junitxml={RESULTS}/{name or session.name}.xml", *arguments)


@nox.session
def style(session: nox.Session) -> None:
    """Check the form of Python and YAML."""
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("yamllint", "--strict", ".")
    passed(session, 3)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of what runs on controllers and nodes, of the simulator, and of the benchmark."""
    session.run("mypy", "plugins")
    session.run("mypy", "simulator")
    session.run("mypy", "tests/bench", env={"MYPYPATH": "tests"})
    passed(session, 3)


@nox.session
def lint(session: nox.Session) -> None:
    """Check playbooks and roles against ansible-lint's production profile."""
    session.run("ansible-lint", env={"ANSIBLE_LINT_NODEPS": "1"})
    passed(session, 1)


@nox.session
def docs(session: nox.Session) -> None:
    """Check the documentation of plugins and roles, and the changelog fragments."""
    session.run(
        "antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=all", "."
    )
    session.run("antsibull-changelog", "lint")
    passed(session, 2)


@nox.session
def unit(session: nox.Session) -> None:
    """Test the pure parts, the modules against tapes, and the contracts between parts."""
    pytest(session, "tests/unit", *session.posargs)


@nox.session
def simulator(session: nox.Session) -> None:
    """Test the simulator: against the transcripts of the vendor's programs, and by itself."""
    pytest(session, "tests/simulator", "-s", *session.posargs)


def copy_of_collection(where: Path) -> Path:
    """Copy what git knows of the checkout to where ansible-test accepts it."""
    target = where / "ansible_collections/ascend/fleet"
    shutil.rmtree(where, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


@nox.session
def sanity(session: nox.Session) -> None:
    """Run ansible-test sanity on a copy of the collection."""
    tree = copy_of_collection(ROOT / ".build/sanity")
    session.run("tests/run_sanity", str(tree), *session.posargs)
    passed(session, 1)


@nox.session
def artifact(session: nox.Session) -> None:
    """Build the collection, install it somewhere else, and use it from there."""
    session.run("tests/run_artifact", str(ROOT / ".build/artifact"))
    passed(session, 1)


def passes(name: str, command: list[str]) -> bool:
    """Run a command and keep what it prints; print all of it when it fails, else how long it took."""
    started = time.monotonic()
    log = LOGS / f"{name}.log"
    with log.open("wb") as output:
        done = subprocess.run(
            command, cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=False
        )
    if done.returncode:
        print(log.read_text(encoding="utf-8", errors="replace"), flush=True)
    word = "failed" if done.returncode else "passed"
    print(f"{name}: {word} after {time.monotonic() - started:.0f} s, see {log}", flush=True)
    return done.returncode == 0


def side_by_side(session: nox.Session, commands: dict[str, list[str]]) -> None:
    """Run the commands two at a time: what waits for pip or for a node that reboots needs no processor."""
    LOGS.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        passing = dict(zip(commands, pool.map(passes, commands, commands.values()), strict=True))
    failed = [name for name, fine in passing.items() if not fine]
    if failed:
        session.error(f"failed: {', '.join(failed)}")


@nox.session
def integration(session: nox.Session) -> None:
    """Run the modules on simulated nodes: check, run, run again, with every fault; make real environments."""
    if session.posargs:
        pytest(session, *session.posargs)
        return
    parts = ("environments", "nodes", "python", "wheels")  # the longest first
    chosen: dict[str, list[str]] = {part: [] for part in parts}
    for file in sorted(ROOT.glob("tests/integration/test_*.py")):
        kinds = (kind for kind, words in OF_PIP.items() if re.search(words, file.name))
        chosen[next(kinds, "nodes")].append(str(file))
    side_by_side(
        session,
        {
            f"integration-{part}": ["pytest", "-q", f"--junitxml={RESULTS}/integration-{part}.xml", *files]
            for part, files in chosen.items()
        },
    )


@nox.session
def molecule(session: nox.Session) -> None:
    """Run the roles on simulated racks."""
    os.environ["MOLECULE_GLOB"] = GLOB
    scenarios = session.posargs or SCENARIOS
    test = ["molecule", "test", "--scenario-name"]
    side_by_side(session, {f"molecule-{scenario}": [*test, scenario] for scenario in scenarios})


@nox.session
def mutations(session: nox.Session) -> None:
    """Damage 100000 answers of the vendor's programs: no parser may say a wrong number."""
    tests = "tests/unit/plugins/module_utils"
    files = (f"{tests}/test__npu_smi_mutations.py", f"{tests}/test__hccn_facts_mutations.py")
    session.env["ASCEND_FLEET_MUTATIONS"] = "100000"
    pytest(session, *files)


@nox.session
def search(session: nox.Session) -> None:
    """Let the property tests look at other examples than those of every change."""
    pytest(session, "tests/unit", "--hypothesis-profile=default", "-m", "hypothesis")


@nox.session
def products(session: nox.Session) -> None:
    """Bring a bare node of every product to its release, and print what became of each."""
    pytest(session, "tests/products", "-s", *session.posargs)


@nox.session
def resume(session: nox.Session) -> None:
    """Cut runs at every stage and in every installer; the same command must finish them."""
    pytest(session, "tests/resume", "-s", *session.posargs)


@nox.session
def airgap(session: nox.Session) -> None:
    """Pack a bundle, and run site.yml from it where controller and nodes have no network but their own."""
    pytest(session, "tests/airgap", *session.posargs)


@nox.session
def wheels(session: nox.Session) -> None:
    """Install the real wheels of torch and torch_npu: on an emulated arm64 node, and on this machine."""
    session.run("tools/setup", "emulation", external=True)
    session.run("python", "simulator/emulated_image.py")
    pytest(session, "tests/real_wheels", "-s", *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """Run the pure parts, and a rack from bare to verified, with the newest ansible-core there is."""
    place = str(ROOT / ".build/newest")
    RESULTS.mkdir(parents=True, exist_ok=True)
    pytest_of_it = ("python", "-m", "pytest", "-q", f"--junitxml={RESULTS}/newest.xml")
    session.run("tests/run_newest", place, *pytest_of_it, "tests/unit")
    scenario = {"MOLECULE_GLOB": GLOB}
    session.run("tests/run_newest", place, "molecule", "test", "--scenario-name", "site", env=scenario)

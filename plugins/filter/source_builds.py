# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which wheels have to be built from source, and what stands against it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: source_builds
short_description: Say which wheels have to be built from source
version_added: 0.2.0
description:
  - Completes sources with what the catalog's C(python_rules.yml) knows of their builds, and leaves out those
    whose wheel is in the wheelhouse already, so that each is built once.
author:
  - The ascend.fleet contributors (@ascend-fleet)
positional: environments, files, arch
options:
  _input:
    description:
      - The sources, each with C(name), and with C(git) and C(ref), or C(archive) and C(sha256).
      - They may also have C(container), C(command), C(wheel), C(requirements), C(programs) and
        C(repositories), which win over the catalog's, and C(mirrors), addresses of C(repositories) to others.
    type: list
    elements: dict
    required: true
  environments:
    description: The wanted environments, with C(python), C(manager) and C(packages).
    type: list
    elements: dict
    required: true
  files:
    description: Names of the files of the wheelhouse.
    type: list
    elements: str
    required: true
  arch:
    description: Architecture of the host, as C(uname -m) says it.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say what has to be built
  ansible.builtin.debug:
    msg: "{{ sources | ascend.fleet.source_builds(wanted, files, 'aarch64') | map(attribute='why') }}"
  vars:
    sources: [{name: torch_npu, git: https://git.example/pytorch.git, ref: v2.1.0-6.0.rc3}]
"""

RETURN = r"""
_value:
  description:
    - One entry per build, with C(name), C(version), C(python), C(manager), C(packages) (of the build
      environment), C(command), C(wheel), C(programs), C(why), and C(git), C(ref), C(archive), C(sha256),
      C(container), and C(fetched), the name under which P(ascend.fleet.package_fetch#role) keeps the source.
    - C(clones) are the repositories that it clones itself, each with C(git), C(mirror) and C(fetched).
  type: list
  elements: dict
"""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import major_minor, normalised
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_PIN = re.compile(r"\s*([A-Za-z0-9._-]+)\s*==\s*([^\s,;]+)\s*")
_PLACES = {"git": "ref", "archive": "sha256"}


def source_builds(
    sources: Iterable[Mapping[str, Any]],
    environments: Sequence[Mapping[str, Any]],
    files: Sequence[str],
    arch: str,
) -> list[dict[str, Any]]:
    """Return the builds that are due; see the documentation above. A bad source is an AnsibleFilterError."""
    sources = [completed(source) for source in sources]
    built = {normalised(source["name"]) for source in sources}
    builds: dict[tuple[str, ...], dict[str, Any]] = {}
    for source in sources:
        for environment in environments:
            version = pinned(source["name"], environment["packages"])
            python = major_minor(environment["python"])
            if version and not there(source["name"], version, python, arch, files):
                due = one_build(source, environment, version, built)
                builds.setdefault((source["name"], version, python), due)
    return list(builds.values())


def completed(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return a source with what the catalog knows of its build."""
    given = {key: value for key, value in source.items() if value is not None}
    plain = {"container": "", "repositories": [], "mirrors": {}}
    whole = {**plain, **Catalog().python_builds.get(source["name"], {}), **given}
    absent = [key for key in ("command", "wheel", "requirements", "programs") if key not in whole]
    if absent:
        raise AnsibleFilterError(
            f"{source['name']}: the catalog knows no build of it; add {', '.join(absent)}"
        )
    places = [place for place in _PLACES if whole.get(place)]
    if len(places) != 1 or not whole.get(_PLACES[places[0]]):
        raise AnsibleFilterError(
            f"{source['name']}: found {' and '.join(places) or 'no source'}, wanted git with ref (a branch "
            "or tag), or archive with sha256"
        )
    return {place: "" for pair in _PLACES.items() for place in pair} | whole


def pinned(name: str, packages: Iterable[str]) -> str | None:
    """Return the one version of a distribution that the requirements name."""
    for match in filter(None, map(_PIN.fullmatch, packages)):
        if normalised(match[1]) == normalised(name):
            return match[2]
    return None


def there(name: str, version: str, python: str, arch: str, files: Iterable[str]) -> bool:
    """Tell whether a wheel of this version lies there; what follows a + is the build's own."""
    for file in files:
        project, its_version, *_build, tag, _abi, platform = f"{file.removesuffix('.whl')}----".split("-")[:5]
        same = normalised(project) == normalised(name) and version in {its_version, its_version.split("+")[0]}
        if (
            same
            and tag in {f"cp{python.replace('.', '')}", "py3", "py2.py3"}
            and (arch in platform or platform == "any")
        ):
            return True
    return False


def one_build(
    source: Mapping[str, Any], environment: Mapping[str, Any], version: str, built: set[str]
) -> dict[str, Any]:
    """Return one build; its environment has what the wanted one has, without what is built itself."""
    own = {normalised(re.split(r"[<>=!~ ]", text, maxsplit=1)[0]) for text in source["requirements"]}
    packages = [
        text
        for text in environment["packages"]
        if normalised(re.split(r"[<>=!~ ]", text, maxsplit=1)[0]) not in own | built
    ]
    python, place = major_minor(environment["python"]), source["git"] or source["archive"]
    return {
        **source,
        "version": version,
        "python": environment["python"],
        "manager": environment["manager"],
        "packages": packages + source["requirements"],
        "command": [word.replace("{python}", python) for word in source["command"]],
        "fetched": fetched(source),
        "clones": list(clones(source)),
        "why": f"build {source['name']} {version} for Python {python} from {place}",
    }


def fetched(source: Mapping[str, Any]) -> str:
    """Return the name of the file that holds a source: that of its archive, or one for its repository."""
    if source["archive"]:
        return unquote(urlsplit(source["archive"]).path.rpartition("/")[2])
    return f"{source['name']}-{re.sub(r'[^A-Za-z0-9._-]', '-', source['ref'])}.tar.gz"


def clones(source: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the repositories that a build clones itself, each with its mirror and its place for a build."""
    for address in source["repositories"]:
        plain = re.sub(r"^\w+://|\.git$", "", address)
        file = f"clone-{re.sub(r'[^A-Za-z0-9._-]', '-', plain)}"
        yield {
            "name": f"{source['name']}/.ascend-fleet/{file}",
            "git": address,
            "mirror": source["mirrors"].get(address, ""),
            "fetched": f"{file}.tar.gz",
        }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"source_builds": source_builds}

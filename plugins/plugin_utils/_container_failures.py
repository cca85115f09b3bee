# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say why the engine did not do what it was asked for: what was found, what was wanted, what to do. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DONE = {
    "pull": "image",
    "load": "images",
    "start": "container",
}  # what a module returns only when it succeeds
_FULL = (
    r"no space left",
    "a disk without room",
    "make room where the engine keeps its data: docker system df, df -h",
)
# By what was asked for: the engine's words, what they mean, what to do. {name} is the image or container.
_MEANINGS: dict[str, list[tuple[str, str, str]]] = {
    "pull": [
        (
            r"(?i)unauthorized|denied|authentication required|no basic auth|authorization failed",
            "a registry that wants another login, or has no such image",
            "log in on the host as root: docker login{registry}; see that {name} is there",
        ),
        (
            r"(?i)manifest.* unknown|manifest.*not found|not found|verification failed for digest",
            "a registry without this image",
            "correct name or digest: docker buildx imagetools inspect {name} says what the registry has",
        ),
        (
            r"(?i)no such host|timed? ?out|timeout|refused|unreachable|x509|certificate|tls|EOF|proxyconnect",
            "no registry that answers as it should",
            "see name, network, proxy and certificates (/etc/docker/certs.d), or bring an archive",
        ),
        _FULL,
    ],
    "load": [
        (
            r"(?i)invalid tar|unexpected EOF|unrecognized|manifest\.json|archive",
            "a file that is no archive of an image",
            "save the image anew: docker save --output FILE {name}",
        ),
        _FULL,
    ],
    "start": [
        (
            r"(?i)executable file not found|exec:.*(no such file|permission denied)|exec format error",
            "a command that the image does not have, or not for this architecture",
            "correct `command`; docker run --rm --entrypoint ls {image} /bin shows what the image has",
        ),
        (
            r"(?i)bind source path does not exist|error mounting|not a directory",
            "a file or directory that cannot be mounted",
            "make it on the host, or correct `mounts`",
        ),
        (
            r"(?i)gathering device information|no such device|/dev/davinci",
            "an NPU that is not there any more",
            "see npu-smi info; bring the host to its release: ansible-playbook ascend.fleet.site",
        ),
        (
            r"(?i)(unknown|invalid).* runtime|runtime.* not found|ascend-docker-runtime",
            "a runtime that does not start",
            "see docker info, /var/log/ascend-docker-runtime and journalctl -u docker",
        ),
        (
            r"(?i)network .*not found",
            "a network that the engine does not have",
            "docker network create, or correct `network`",
        ),
        _FULL,
    ],
}
_WANTED = {"pull": "the image {name}", "load": "the image {name}", "start": "the container {name}, running"}
_OTHERWISE = {
    "pull": "try by hand: docker pull {name}; see journalctl -u docker",
    "load": "try by hand on the host: docker load --input FILE; see journalctl -u docker",
    "start": "see docker logs {name} and journalctl -u docker",
}


def container_failures(happened: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the problems that the engine had; see the filter of this name."""
    return [
        {"host": happened["host"], "severity": "error", **problem.as_mapping()}
        for result in happened["results"]
        for problem in _problems(happened["asked"], result)
    ]


def _problems(asked: str, result: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield why one image or container failed; nothing when it did not."""
    if result.get("skipped") or not result.get("msg") or result.get(DONE[asked]):
        return
    names = _names(result)
    said = _engines_words(" ".join(str(result["msg"]).split()))
    meaning, fix = next(
        ((meaning, fix) for words, meaning, fix in _MEANINGS[asked] if re.search(words, said)),
        ("an engine that refused", _OTHERWISE[asked]),
    )
    yield ProblemError(f"{meaning} ({said})", _WANTED[asked].format(**names), fix.format(**names))


def _engines_words(message: str) -> str:
    """Return what the engine said, without the address and the ids that the module puts before."""
    said = re.search(r' Error for http\S+: .*?\("(.+)"\)$', message)
    return said[1] if said else message


def _names(result: Mapping[str, Any]) -> dict[str, str]:
    """Return what the texts name: the image or container, its image, its registry."""
    item = result.get("container_wanted") or result["image_wanted"]
    image = str(item.get("image", item["name"]))
    first = image.partition("/")[0]
    registry = f" {first}" if "/" in image and re.search(r"[.:]|^localhost$", first) else ""
    return {"name": str(item["name"]), "image": image, "registry": registry}

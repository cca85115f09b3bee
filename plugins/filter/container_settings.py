# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say how a container is started so that the wanted NPUs work in it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: container_settings
short_description: Say how a container is started so that the wanted NPUs work in it
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns a container as the module C(community.docker.docker_container) takes it. With the Ascend Docker
    Runtime NPUs are a variable of the environment, without it device files and files of the driver.
options:
  _input:
    description:
      - A container as the role P(ascend.fleet.npu_container#role) takes it.
    type: dict
    required: true
  node:
    description:
      - What the node is and has.
    type: dict
    required: true
    suboptions:
      chip: {description: Chip family., type: str, required: true}
      present:
        description: Paths that are there, of those that P(ascend.fleet.container_places#filter) names.
        type: list
        elements: path
        required: true
      runtime: {description: V(ascend) or V(none)., type: str, required: true}
      images: {description: The declared images., type: list, elements: dict, required: true}
positional: node
"""

EXAMPLES = r"""
- name: Show the device files of a container
  ansible.builtin.debug:
    msg: "{{ (container | ascend.fleet.container_settings(node)).devices }}"
  vars:
    container: {name: train, image: cann, npus: ["0"]}
    node:
      chip: 910b
      runtime: none
      images: []
      present: [/dev/davinci0, /dev/davinci_manager, /dev/devmm_svm, /dev/hisi_hdc, /usr/local/bin/npu-smi]
"""

RETURN = r"""
_value:
  description:
    - C(name), C(image), C(state), C(command), C(env), C(labels), C(devices), C(mounts), C(runtime),
      C(shm_size), C(network_mode) and C(restart_policy). V(null) is what is left to the engine.
    - C(program_env) is what C(npu-smi) needs of the environment in an image that knows nothing of the driver.
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._containers import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def container_settings(container: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a container is started; see the documentation above."""
    try:
        return settings(container, node)
    except ValueError as error:
        raise AnsibleFilterError(
            f"container_settings: found npus: {container['npus']}, wanted all, or numbers; correct it"
        ) from error


class FilterModule:
    """The filter C(ascend.fleet.container_settings)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"container_settings": container_settings}

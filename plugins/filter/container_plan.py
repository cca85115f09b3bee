# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what is due so that containers can run on a node, and what stands in the way."""

from __future__ import annotations

DOCUMENTATION = r"""
name: container_plan
short_description: Say what is due so that containers can run on a node, and what stands in the way
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Holds what was found on a host and on the controller against the wanted images and containers. All
    problems are found at once, before anything is touched.
options:
  _input:
    description:
      - C(host), C(product) (name) and C(chip) (family) say what the host is; C(installed) is what
        M(ascend.fleet.npu_info) says of the Ascend Docker Runtime, C(engine) the result of
        C(community.docker.docker_host_info) with all that it says of containers, C(present) the paths found
        of those that P(ascend.fleet.container_places#filter) names.
      - C(settings) is the text of Docker's file of settings where it was read, C(dump) the result of the
        command C(containerd config dump) where that was run.
      - C(runtime), C(scene), C(mode), C(install_path), C(packages), C(images) and C(containers) are what is
        wanted, as the inputs of the role P(ascend.fleet.npu_container#role).
      - C(found_images) are the images that the engine has of these, C(archives) holds by path C(exists) and
        C(checksum) (SHA-256) of the archives, C(stats) by path C(exists) and C(mtime) of RV(_value.paths),
        C(consents) holds C(licence) and C(restart).
    type: dict
    required: true
seealso:
  - plugin: ascend.fleet.problem_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Stop when something is in the way
  ansible.builtin.assert:
    that: (ground | ascend.fleet.container_plan).problems | length == 0
    fail_msg: "{{ (ground | ascend.fleet.container_plan).problems | ascend.fleet.problem_table }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    problems:
      description: What stands in the way, as P(ascend.fleet.problem_table#filter) takes it.
      type: list
      elements: dict
    runtime: {description: Whether the package of the Ascend Docker Runtime is due., type: bool}
    restart: {description: Whether the engine has to be started anew to know it., type: bool}
    images: {description: The images that the engine lacks., type: list, elements: dict}
    references: {description: "How the engine is asked for each image, by its name.", type: dict}
    paths:
      description:
        - What M(ansible.builtin.stat) has to look at on the host, for C(stats). It is what containers are to
          mount and none has mounted yet, and the files that say whether containerd knows its settings.
      type: list
      elements: path
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._container_problems import container_plan

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.container_plan)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"container_plan": container_plan}

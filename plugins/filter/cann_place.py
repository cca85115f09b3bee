# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell where CANN goes on a server model, and who installs it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cann_place
short_description: Tell where CANN goes on a server model, and who installs it
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Says what the catalog knows of a product. On boards whose driver comes with the system's image that is the
    home of the image's own user, on everything else V(/usr/local/Ascend) of V(root).
options:
  _input:
    description: Key of a product.
    type: str
    required: true
  catalog:
    description: Directories of your own with further products; the first one that has the product counts.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Read which CANN a board has
  ascend.fleet.npu_info:
    gather_subset: [software]
    install_path: "{{ ('orange_pi_aipro' | ascend.fleet.cann_place).path }}"
  become: true
"""

RETURN = r"""
_value:
  description: With C(path) and C(owner).
  type: dict
  sample: {"path": "/usr/local/Ascend", "owner": "root"}
"""

import functools
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import directories
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATH = "/usr/local/Ascend"
OWNER = "root"


@functools.lru_cache(maxsize=8)
def _catalog(directories: tuple[str, ...]) -> Catalog:
    return Catalog(directories)


def cann_place(product: str, catalog: Sequence[str] = ()) -> dict[str, str]:
    """Return where CANN goes; see the documentation above."""
    try:
        entry = _catalog(directories(catalog)).product(product)
    except ProblemError as error:
        raise AnsibleFilterError(f"cann_place: {error}") from error
    return {"path": entry.get("cann_path", PATH), "owner": entry.get("cann_owner", OWNER)}


class FilterModule:
    """The filter C(ascend.fleet.cann_place)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"cann_place": cann_place}

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send a file through the connection: all that is possible where no module can run yet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = {"src": {"type": "path", "required": True}, "dest": {"type": "str", "required": True}}


class ActionModule(ActionBase):
    """Use the connection only; no module is run on the host."""

    TRANSFERS_FILES = False  # no temporary directory on the host
    _supports_check_mode = True
    _VALID_ARGS = frozenset(OPTIONS)

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send the file, or say in check mode that it would be sent."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(OPTIONS)
        file = self._loader.path_dwim(options["src"])
        if not os.path.isfile(file):
            raise AnsibleActionFail(f"src: found no file {file}, wanted the one to send; put it there")
        if not self._task.check_mode:
            self._connection.put_file(file, options["dest"])
        return {**result, "changed": True, "dest": options["dest"]}

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookups of the catalog have in common: their directories, and errors as a failure or as data.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import abc
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError


class CatalogLookup(LookupBase, abc.ABC):
    """A lookup that finds each of its terms in the catalog."""

    @abc.abstractmethod
    def find(self, catalog: Catalog, term: Any) -> dict[str, Any]:
        """Return what ``term`` names; raise ProblemError when there is no such thing."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Find every term."""
        self.set_options(var_options=variables, direct=kwargs)
        return [self._answer("" if term is None else str(term)) for term in terms]

    def _answer(self, term: Any) -> dict[str, Any]:
        explain = self.get_option("explain")
        try:
            directories = [self._loader.path_dwim(path) for path in self.get_option("catalog")]
            found = self.find(Catalog(directories), term)
        except ProblemError as error:
            if explain:
                return {"found": None, "error": error.as_mapping()}
            raise AnsibleLookupError(str(error)) from error
        return {"found": found, "error": None} if explain else found

# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package files of a release for one product and architecture, and how the vendor names such files. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANY = "any"
HDK_PARTS = ("driver", "firmware", "mcu")
OTHER_RELEASE = (
    "choose another release for this host, or write one of your own and name its directory in "
    "npu_fleet_catalog"
)
# What a person has to know of a system, by quirk; catalog/systems.yml says what follows from the others.
_QUIRKS = {
    "licence_manager": "its licence manager keeps dnf from installing anything, until enabled=0 stands in "
    "/etc/dnf/plugins/license-manager.conf",
    "end_of_life": "it is at the end of its life, and its repositories have moved to an archive: its package "
    "manager installs something only where it knows that archive or a mirror",
    "hidden_service_pack": "its facts do not tell the service pack, on which Python and kernel depend",
    "debian_edition": "its editions with rpm and dnf are meant; that with dpkg and apt (edition d) has the "
    "same name and is not in the catalog. Where Ansible's fact os_family is Debian, its package modules ask "
    "apt here: set `ansible_package_use: dnf` in the inventory",
}
_LAYOUT_TOKENS = {"kernels": ("ascend-toolkit", "kernels_token"), "ops": ("cann", "ops_token")}


@dataclass(frozen=True)
class Stack:
    """A release for one product and architecture. C(names) is the grammar of the vendor's file names."""

    names: Mapping[str, Any]
    release: Mapping[str, Any]
    product: Mapping[str, Any]
    arch: str

    def versions(self) -> dict[str, str | None]:
        """Return the versions of driver, firmware, MCU and CANN; null for what the product does not have.

        Raises ProblemError for a chip family without a driver in the release.
        """
        hdk = self._hdk()
        return {
            **{part: hdk.get(part) if self.product[part] else None for part in HDK_PARTS},
            "cann": self.release["cann"]["version"],
        }

    def packages(self) -> list[dict[str, Any]]:
        """Return the package of every part that this product can have, in the order of an installation.

        Raises ProblemError for a part that is needed and that the release lacks.
        """
        found = {part: self._package(part) for part in self.names["parts"] if self._applies(part)}
        return [package for package in found.values() if package]

    def notes(self) -> list[str]:
        """Say what of this stack the catalog does not know, and what it knows with a reservation."""
        notes = [self.product["note"]] if self.product.get("note") else []
        hdk = self._hdk()
        if self.product["firmware"] and hdk.get("firmware") is None:
            notes.append(
                f"The firmware that belongs to driver {hdk['driver']} is not known for {self._family_name}: "
                "it is left as it is. The firmware package beside the driver carries its version in its name."
            )
        return notes

    @property
    def _family_name(self) -> str:
        return str(self.product["family"]["name"])

    def _hdk(self) -> Mapping[str, Any]:
        chip, families = self.product["chip"], self.release["hdk"]
        if chip not in families and self.product["driver"]:
            raise ProblemError(
                f"no driver for chip family {chip} in the release {self.release['name']}",
                f"one with a driver for {self.product['name']}; this one has them for "
                f"{one_of(families) if families else 'no chip at all'}",
                OTHER_RELEASE,
            )
        hdk: Mapping[str, Any] = families.get(chip, {})
        return hdk

    def _applies(self, part: str) -> bool:
        if part in HDK_PARTS:
            return bool(self.product[part]) and self._hdk().get(part) is not None
        if part not in _LAYOUT_TOKENS:
            return True
        layout, token = _LAYOUT_TOKENS[part]
        return bool(self.release["cann"]["layout"] == layout and self.product["family"][token])

    def _package(self, part: str) -> dict[str, Any] | None:
        row = self._find(part)
        if row is None:
            return None
        version = self._version(row)
        named = file_names(self.names, self.product["family"], part, version)
        folder = self.release.get("downloads", {}).get(self.names["parts"][part]["download"])
        return {
            "part": part,
            "version": version,
            "arch": None if row["arch"] == ANY else self.arch,
            "file": row["file"],
            "sha256": row["sha256"],
            "url": _address(row, folder),
            "login": row.get("login"),
            "archive": self._archive(row["file"], folder),
            "other_arch_files": sorted(set(named.values()) - {row["file"]}),
        }

    def _version(self, row: Mapping[str, Any]) -> str:
        if "version" in row:
            return str(row["version"])
        part = row["part"]
        return str(self._hdk()[part] if part in HDK_PARTS else self.release["cann"]["version"])

    def _archive(self, file: str, folder: str | None) -> dict[str, Any] | None:
        for row in self.release.get("archives", []):
            if file in row["holds"] and row["arch"] in {self.arch, ANY}:
                return {"file": row["file"], "sha256": row["sha256"], "url": _address(row, folder)}
        return None

    def _find(self, part: str) -> Mapping[str, Any] | None:
        chips = {self.product["chip"], ANY}
        of_part = [row for row in self.release["packages"] if row["part"] == part and row["chip"] in chips]
        for package in of_part:
            if package["arch"] in {self.arch, ANY}:
                return dict(package)
        grammar = self.names["parts"][part]
        if not grammar["needed"] or self.product["chip"] in grammar.get("optional_for", []):
            return None
        raise ProblemError(
            f"no {part} package for {self.product['chip']} on {self.arch} in {self.release['name']}",
            f"one; there is {one_of([package['file'] for package in of_part])}",
            OTHER_RELEASE,
        )


def system_notes(system: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what to know of an operating system: no task looks at it."""
    name = f"{system['distribution']} {system['version']}"
    return tuple(f"{name}: {_QUIRKS[quirk]}." for quirk in system.get("quirks", []) if quirk in _QUIRKS)


def _address(row: Mapping[str, Any], folder: str | None) -> str | None:
    if row.get("login"):
        return None
    url: str | None = row.get("url") or (folder and folder + row["file"])
    return url


def file_names(
    names: Mapping[str, Any], family: Mapping[str, Any], part: str, version: str
) -> dict[str, str]:
    """Return the vendor's file name of one part by architecture; empty where the grammar has none."""
    return dict(_named(names, family, part, version))


def _named(
    names: Mapping[str, Any], family: Mapping[str, Any], part: str, version: str
) -> Iterator[tuple[str, str]]:
    grammar = names["parts"][part]
    token = family[grammar["token"]] if "token" in grammar else ""
    for arch, spelling in names["architectures"][grammar["download"]].items():
        rows = [row for row in grammar["names"] if _covers(row, family.get("key"), arch, version)]
        if rows and token is not None:
            yield arch, rows[0]["name"].format(chip=token, version=version, arch=spelling)


def _covers(row: Mapping[str, Any], chip: str | None, arch: str, version: str) -> bool:
    lowest, highest = row.get("from", version), row.get("until", version)
    fits = chip in row.get("chips", [chip]) and arch == row.get("arch", arch)
    return fits and compare_versions(lowest, version) <= 0 <= compare_versions(highest, version)

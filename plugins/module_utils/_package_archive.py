# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that come in a zip: take the C(.run) out and prove the vendor's signature.

This module util is private to the collection and may change at any time. A zip of the vendor holds the
C(.run), its DER CMS signature C(.run.cms) and a revocation list; an HDK zip holds driver and firmware.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Runner

SUFFIX = ".zip"
SIGNATURE = ".cms"
_PACKAGE = ".run"
_WORDS = {"driver": "npu-driver", "firmware": "npu-firmware", "docker_runtime": "docker-runtime"}
_TIMEOUT = 600  # seconds for the signature of some gigabytes


def is_archive(file: str) -> bool:
    """Tell whether ``file`` is a zip around a package."""
    return file.endswith(SUFFIX)


def choose_member(names: Sequence[str], kind: str, member: str | None, archive: str) -> str:
    """Return the package in a zip with these ``names``: ``member``, else the only one of ``kind``.

    Raises CliError when there is none, or more than one.
    """
    packages = [name for name in names if name.endswith(_PACKAGE)]
    if member is not None:
        fitting = [name for name in packages if os.path.basename(name) == member]
    else:
        word = _WORDS.get(kind, kind)
        fitting = packages if len(packages) == 1 else [name for name in packages if f"-{word}" in name]
    if len(fitting) != 1:
        wanted = member or f"one .run package of the kind {kind}"
        found = ", ".join(packages) or "no .run package"
        raise CliError(f"{archive}: found {found}, wanted {wanted}; correct file, or name it with member")
    return fitting[0]


def unpack(archive: str, kind: str, member: str | None, folder: str) -> tuple[str, str | None]:
    """Take the package and its signature out of a zip; return their paths, None without a signature.

    Raises CliError for a damaged zip.
    """
    name = os.path.basename(archive)
    try:
        with zipfile.ZipFile(archive) as file:
            chosen = choose_member(file.namelist(), kind, member, name)
            package = _extract(file, chosen, folder)
            signed = f"{chosen}{SIGNATURE}" in file.namelist()
            return package, _extract(file, f"{chosen}{SIGNATURE}", folder) if signed else None
    except zipfile.BadZipFile as error:
        raise CliError(f"{name}: it is damaged or was cut off ({error}); get the file again") from error


def _extract(file: zipfile.ZipFile, member: str, folder: str) -> str:
    path = os.path.join(folder, os.path.basename(member))
    with file.open(member) as source, open(path, "wb") as target:
        shutil.copyfileobj(source, target)
    return path


def verify_signature(openssl: Runner, package: str, signature: str | None, authority: str) -> None:
    """Prove that ``package`` was signed by somebody whom the certificates in ``authority`` vouch for.

    Raises CliError. The time is not checked, because packages outlive certificates; the revocation list of
    the zip is not looked at, because who forged the one could forge the other.
    """
    name = os.path.basename(package)
    if signature is None:
        raise CliError(
            f"{name}: found no signature {name}{SIGNATURE} in the zip, wanted one because ca_file is set; "
            "nothing was executed. Get the zip from the vendor again"
        )
    words = ["cms", "-verify", "-no_check_time", "-binary", "-inform", "DER", "-purpose", "any"]
    words += ["-in", signature, "-content", package, "-CAfile", authority, "-out", os.devnull]
    result = openssl.run(*words, timeout=_TIMEOUT)
    if result.status != 0:
        raise CliError(
            f"{name}: its signature does not hold against ca_file; nothing was executed. Get the zip from "
            "the vendor again, and compare ca_file with the vendor's root certificates",
            result,
        )

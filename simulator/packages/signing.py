# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of our own that signs packages the way the vendor's does (openssl cms, DER).

The vendor's check is ``openssl cms -verify --no_check_time -in X.cms -inform DER -CAfile ROOT -binary
-content X -purpose any`` (packages-and-versions.md 2.3); it holds for these with :attr:`Authority.root`.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ROOT_FILE = "simulated-root-ca.pem"
_KEYS = ".signing"
_DAYS = "3650"
_SUBJECT = "/O=Simulated Ascend/CN={name}"
_CONFIG = """[ca]
default_ca = own
[own]
database = {folder}/index.txt
crlnumber = {folder}/crlnumber
default_md = sha256
default_crl_days = {days}
"""


class Authority:
    """The authority of a folder of packages: its certificate lies there, its keys in a hidden folder."""

    def __init__(self, folder: Path) -> None:
        """Take the authority of ``folder``; :meth:`make` makes it first."""
        self.root = folder / ROOT_FILE
        self._keys = folder / _KEYS

    def make(self) -> None:
        """Make root, signer and revocation list unless they are there. Raises CalledProcessError."""
        if self.root.exists() and self._crl.exists():
            return
        self._keys.mkdir(mode=0o700, exist_ok=True)
        self._make_root()
        self._make_signer()
        self._make_crl()

    @property
    def _crl(self) -> Path:
        return self._keys / "list.crl"

    def sign(self, file: Path) -> tuple[Path, Path]:
        """Sign ``file`` and return its CMS signature and the revocation list, both in the hidden folder."""
        signature = self._keys / f"{file.name}.cms"
        signer, key = self._keys / "signer.pem", self._keys / "signer.key"
        who = ("-signer", signer, "-inkey", key)
        how = ("-binary", "-outform", "DER", "-md", "sha256")
        self._openssl("cms", "-sign", "-in", file, *who, *how, "-out", signature)
        return signature, self._crl

    def _make_root(self) -> None:
        name = _SUBJECT.format(name="Root of the simulator")
        key = ("-newkey", "rsa:2048", "-nodes", "-keyout", self._keys / "root.key")
        self._openssl("req", "-x509", *key, "-out", self.root, "-days", _DAYS, "-subj", name)

    def _make_signer(self) -> None:
        name = _SUBJECT.format(name="Signer of the simulator")
        request, key = self._keys / "signer.csr", self._keys / "signer.key"
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", name)
        serial = ("-CAcreateserial", "-CAserial", self._keys / "serial")
        issuer = ("-CA", self.root, "-CAkey", self._keys / "root.key", *serial)
        signer = self._keys / "signer.pem"
        self._openssl("x509", "-req", "-in", request, *issuer, "-days", _DAYS, "-out", signer)

    def _make_crl(self) -> None:
        config = self._keys / "ca.cnf"
        config.write_text(_CONFIG.format(folder=self._keys, days=_DAYS), encoding="utf-8")
        (self._keys / "index.txt").write_text("", encoding="ascii")
        (self._keys / "crlnumber").write_text("01\n", encoding="ascii")
        issuer = ("-cert", self.root, "-keyfile", self._keys / "root.key")
        self._openssl("ca", "-gencrl", "-config", config, *issuer, "-out", self._crl)

    def _openssl(self, *words: str | Path) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True)

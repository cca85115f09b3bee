# SPDX-License-Identifier: GPL-3.0-or-later
"""run_package with a package that the node downloads from a mirror."""

from __future__ import annotations

import hashlib
import http.server
import os
import threading
from functools import partial
from types import SimpleNamespace

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _package_run
from ansible_collections.ascend.fleet.plugins.modules import run_package

DRIVER = "Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run"
FULL = ("--full", "--quiet", "--install-for-all")


def go(run_module, node, **more):
    return run_module(run_package, **node.options(**{"package": str(node.package), **more}))


class Mirror(http.server.SimpleHTTPRequestHandler):
    """Serve a directory, but refuse what is called secret."""

    def send_head(self):
        if "secret" not in self.path:
            return super().send_head()
        self.send_error(403)
        return None

    def log_message(self, *_arguments):
        """Print nothing."""


@pytest.fixture
def mirror(node, monkeypatch):
    """Return the address of a mirror that has the node's package."""
    monkeypatch.setenv("no_proxy", "*")
    handler = partial(Mirror, directory=str(node.package.parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_package_of_a_mirror_is_downloaded_proven_run_and_removed(run_module, node, mirror, monkeypatch):
    place = node.root / "place"
    place.mkdir()
    monkeypatch.setattr(_package_run, "tempfile", SimpleNamespace(mkdtemp=lambda **_options: str(place)))
    node.expect_checks(package=place / DRIVER)
    node.expect(*FULL, package=place / DRIVER, effect=lambda: node.driver("23.0.3"))
    checksum = hashlib.sha256(b"the package").hexdigest()
    result = go(run_module, node, source=mirror, package=f"{mirror}/{DRIVER}", sha256=checksum)
    assert result["changed"] is True
    assert not place.exists()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (
            "secret.run",
            "found HTTP status 403 (HTTP Error 403: Forbidden), wanted 200; the mirror refuses",
        ),
        (
            "other.run",
            "found HTTP status 404 (HTTP Error 404: File not found), wanted 200; the mirror has no",
        ),
    ],
)
def test_what_a_mirror_does_not_give_is_not_run(run_module, node, mirror, file, message):
    directory = node.root / "tmp"
    directory.mkdir()
    result = go(
        run_module, node, source=mirror, package=f"{mirror}/{file}", temporary_directory=str(directory)
    )
    assert message in result["msg"]
    assert f"{mirror}/{file}" in result["msg"]
    assert os.listdir(directory) == []


def test_a_mirror_that_does_not_answer_is_named(run_module, node, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    result = go(run_module, node, package=f"http://fleet:secret@127.0.0.1:9/{DRIVER}")
    assert f"http://127.0.0.1:9/{DRIVER}: found HTTP status -1" in result["msg"]
    assert "secret" not in result["msg"]
    assert result["source_lost"] is True

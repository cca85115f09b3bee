# SPDX-License-Identifier: GPL-3.0-or-later
"""Indexes that lack a file or are slow: clear words, and the environment stays as it was."""

from __future__ import annotations

import http.server
import threading
import time

import pytest
from integration import test_python_environment

site = test_python_environment.site
FILE = "apple-2-py3-none-any.whl"
SECONDS = 4  # what the role waits for pip
LONG = 60


class Index(http.server.BaseHTTPRequestHandler):
    """An index of one file, whose faults are those of its server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer with the page, or with what the fault leaves of the file."""
        if self.path == "/simple/apple/":
            self.answer(200, f'<a href="/{FILE}">{FILE}</a>'.encode(), "text/html")
        elif self.server.fault == "lacks":
            self.answer(404, b"", "text/plain")
        else:
            self.answer(200, self.server.wheel, "application/zip")

    def answer(self, code, content, kind):
        """Send all of it; a slow index stops in the middle of a wheel."""
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = len(content) // 2
        self.wfile.write(content[:half])
        self.wfile.flush()
        if kind == "application/zip" and self.server.fault == "slow":
            self.server.over.wait(LONG)
            self.close_connection = True
        else:
            self.wfile.write(content[half:])

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def index(site):
    """Serve the second apple of the site; the first one is installed."""
    site.run("apple==1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    server.fault, server.over = "none", threading.Event()
    server.wheel = (site.folder / "wheels" / FILE).read_bytes()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/simple"
    server.words = {"wheelhouse": "", "index_url": address, "timeout": SECONDS}
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


def test_an_index_that_lacks_a_file_or_is_slow_is_told_and_leaves_what_was_there(site, index):
    index.fault = "lacks"
    said = " ".join(site.run("apple==2", **index.words).split())
    assert f"{site.path}: pip says: ERROR: " in said
    assert "404" in said
    index.fault = "slow"
    begun = time.monotonic()
    said = " ".join(site.run("apple==2", **index.words).split())
    assert f"{site.path}: pip was still at work after {SECONDS} seconds and was stopped." in said
    assert time.monotonic() - begun < LONG
    assert site.run("apple==1", **index.words) == []
    index.fault = "none"
    assert site.run("apple==2", **index.words) == ["install apple==2"]
    assert site.beside() == [".env.a", "env"]

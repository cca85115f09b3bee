# SPDX-License-Identifier: GPL-3.0-or-later
"""A channel of conda that asks for a password: conda gets it, and nothing else shows it."""

from __future__ import annotations

import base64
import http.server
import threading

import pytest
from integration import test_conda_packages
from integration.test_conda_packages import run

site = test_conda_packages.site
PASSWORD = "s@cret-of-the-mirror"
QUOTED = "s%40cret-of-the-mirror"
INSTALL = "mindspore-ascend=1.10.1"


class Mirror(http.server.BaseHTTPRequestHandler):
    """A mirror that gives its index to one user."""

    def do_GET(self):
        """Answer those who know the password."""
        self.server.asked.append(self.path)
        code = base64.b64encode(f"fleet:{PASSWORD}".encode()).decode()
        known = self.headers["Authorization"] == f"Basic {code}"
        self.send_response(200 if known else 401)
        self.end_headers()

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def mirror(site):
    """Serve the channel, and let conda note the mode of the file that it is given."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.asked = []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    program = site.folder / "conda/bin/conda"
    note = '#!/bin/sh\nstat -c %a "$CONDARC" >> "${0%/bin/conda}/modes"\n'
    program.write_text(program.read_text(encoding="utf-8").replace("#!/bin/sh\n", note), encoding="utf-8")
    yield server
    server.shutdown()
    server.server_close()


def channels(site, mirror, password):
    host = f"127.0.0.1:{mirror.server_address[1]}"
    addresses = [f"file://{site.folder}/channel", f"http://fleet:{password}@{host}/conda/forge"]
    return {"conda_package_directory": "", "conda_channels": addresses}


def test_conda_gets_the_password_and_nobody_else_sees_it(site, mirror):
    assert len(run(site, INSTALL, **channels(site, mirror, QUOTED))) == 3, site.said
    assert mirror.asked == ["/conda/forge/noarch/repodata.json"]
    calls = (site.folder / "conda/calls").read_text(encoding="utf-8")
    assert f"--channel=http://127.0.0.1:{mirror.server_address[1]}/conda/forge " in calls
    assert (site.folder / "conda/modes").read_text(encoding="utf-8") == "600\n600\n"
    assert site.beside() == [".env.a", "env"]
    kept = [file.read_bytes() for file in site.path.resolve().glob("conda-meta/*")]
    for text in (calls, site.said, *map(repr, kept)):
        assert QUOTED not in text
        assert PASSWORD not in text


def test_a_wrong_password_is_told_without_it(site, mirror):
    said = " ".join(run(site, INSTALL, **channels(site, mirror, "wrong-secret")).split())
    assert "conda says: UnavailableInvalidChannel: HTTP 401 UNAUTHORIZED for channel forge" in said
    assert "wrong-secret" not in said


def test_an_address_that_conda_says_is_shown_without_the_password(site, mirror):
    program = site.folder / "conda/bin/conda"
    words = f"#!/bin/sh\necho 'for url <http://fleet:{QUOTED}@mirror/x> ({PASSWORD})' >&2\nexit 1\n"
    program.write_text(words, encoding="utf-8")
    said = " ".join(run(site, INSTALL, **channels(site, mirror, QUOTED)).split())
    assert "conda says: for url <http://fleet:********@mirror/x> (********)" in said

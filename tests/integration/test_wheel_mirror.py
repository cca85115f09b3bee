# SPDX-License-Identifier: GPL-3.0-or-later
"""Wheels from a rack's mirror, and from the controller when the mirror does not give them."""

from __future__ import annotations

import functools
import hashlib
import http.server
import shutil
import threading

import pytest
from integration import test_python_environment

site = test_python_environment.site


class Mirror(http.server.SimpleHTTPRequestHandler):
    """A rack's mirror that notes what it gave."""

    given: list[str]

    def log_request(self, code="-", _size="-"):
        """Keep the answer."""
        self.given.append(f"{code} {self.path}")

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def mirror(site):
    """Serve copies of the site's wheels; SHA256SUMS stands beside the controller's own."""
    copies = site.folder / "rack"
    shutil.copytree(site.folder / "wheels", copies)
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  ./{file.name}" for file in copies.iterdir()]
    (site.folder / "wheels/SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
    handler = type("Noting", (Mirror,), {"given": []})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=str(copies))
    )
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    server.given, server.copies = handler.given, copies
    server.url = f"http://127.0.0.1:{server.server_address[1]}/"
    server.wheelhouse = f"{server.url} or {site.folder}/wheels"
    yield server
    server.shutdown()
    server.server_close()


def gave(mirror):
    """Return the wheels that were taken whole."""
    return {line.split("/")[-1] for line in mirror.given if line.startswith("200 ")}


def test_wheels_come_from_the_racks_mirror(site, mirror):
    site.run("apple==1", "pear", wheelhouse=mirror.wheelhouse)
    assert gave(mirror) == {file.name for file in mirror.copies.iterdir()}
    assert "Warning" not in site.said
    assert site.beside() == [".env.a", "env"]
    mirror.given.clear()
    assert site.run("apple==1", "pear", wheelhouse=mirror.wheelhouse) == []
    assert mirror.given == []


@pytest.mark.parametrize("how", ["dead", "spoilt", "empty", "unproven"])
def test_a_mirror_that_does_not_give_them_falls_back_to_the_controller_with_a_warning(site, mirror, how):
    apple = mirror.copies / "apple-1-py3-none-any.whl"
    wheelhouse, reason = (
        mirror.wheelhouse,
        {
            "dead": "Connection refused",
            "spoilt": "apple-1-py3-none-any.whl: found the sha256",
            "empty": "apple-1-py3-none-any.whl",
            "unproven": "SHA256SUMS does not name apple-1-py3-none-any.whl",
        }[how],
    )
    if how == "dead":
        wheelhouse = wheelhouse.replace(mirror.url, "http://127.0.0.1:9/")
    elif how == "spoilt":
        apple.write_bytes(apple.read_bytes() + b"more")
    elif how == "empty":
        apple.unlink()
    else:
        sums = site.folder / "wheels/SHA256SUMS"
        sums.write_text(sums.read_text(encoding="utf-8").replace(apple.name, "other.whl"), encoding="utf-8")
    site.run("apple==1", wheelhouse=wheelhouse)
    assert site.path.exists(), site.said
    said = " ".join(site.said.split())
    assert f"takes its wheels from {site.folder}/wheels of the controller and not from http" in said
    assert reason in said


def test_two_places_that_are_no_mirror_and_its_source_are_refused_before_anything_is_made(site):
    wheelhouse = f"{site.folder}/wheels or http://fleet:secret@127.0.0.1:9/"
    said = " ".join(site.run("apple==1", wheelhouse=wheelhouse).split())
    assert "secret" not in said
    assert "wanted one place, or the http(s) address of a mirror and the directory" in said
    assert not site.path.parent.exists()

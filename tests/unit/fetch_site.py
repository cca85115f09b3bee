# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server on the loopback that stands in for the vendor's downloads, with all that goes wrong there."""

from __future__ import annotations

import email.utils
import hashlib
import http.server
import re
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

LOGIN = b"<!DOCTYPE html><html><body>Please log in</body></html>"
DATE = email.utils.formatdate(1700000000, usegmt=True)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Resource:
    """One file of the site. What is cut, refused or slow is so ``times`` times, then all is well."""

    content: bytes
    etag: str | None = '"one"'
    date: str | None = DATE
    ranges: bool = True
    if_range: bool = True
    referer: str | None = None
    cut: int | None = None
    status: int | None = None
    retry_after: str | None = None
    move: str | None = None
    times: int = 10**6
    pause: float = 0
    mute: float = 0
    kind: str = "application/octet-stream"
    length: bool = True


@dataclass
class Request:
    path: str
    range: str | None
    referer: str | None
    status: int
    sent: int = 0
    if_range: str | None = None


class Handler(http.server.BaseHTTPRequestHandler):
    """Answer as the resource says."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_arguments):
        """Say nothing."""

    def do_GET(self):
        resource = self.server.site.files.get(self.path.split("?")[0].lstrip("/"))
        if resource is None:
            return self.plain(404, b"not here")
        asked = self.headers.get("Range") or ""
        inquiry = asked == "bytes=0-511"
        if resource.referer and self.headers.get("Referer") != resource.referer:
            return self.plain(403, b"<Error><Code>AccessDenied</Code></Error>")
        if resource.move:
            return self.plain(302, b"", {"Location": resource.move})
        time.sleep(0 if inquiry else resource.mute)
        fails = not inquiry and resource.times > 0
        if fails:
            resource.times -= 1
        if resource.status and fails:
            extra = {"Retry-After": resource.retry_after} if resource.retry_after else {}
            return self.plain(resource.status, b"no", extra)
        return self.whole(resource, asked, fails)

    def whole(self, resource, asked, fails):
        total, start, end = len(resource.content), 0, len(resource.content)
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
        given = self.headers.get("If-Range")
        same = given is None or not resource.if_range or given in (resource.etag, resource.date)
        headers = {"Content-Type": resource.kind}
        status = 200
        if match and resource.ranges and same:
            start, status = int(match[1]), 206
            end = min(int(match[2]) + 1, total) if match[2] else total
            if start >= total:
                return self.plain(416, b"", {"Content-Range": f"bytes */{total}"})
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{total}"
        headers.update({"ETag": resource.etag} if resource.etag else {})
        headers.update({"Last-Modified": resource.date} if resource.date else {})
        body = resource.content[start:end]
        cut = resource.cut if resource.cut is not None and fails else None
        return self.send(status, headers, body, resource, cut)

    def send(self, status, headers, body, resource, cut):
        seen = self.note(status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if resource.length:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        body = body if cut is None else body[:cut]
        for place in range(0, len(body), 4096):
            try:
                self.wfile.write(body[place : place + 4096])
            except (BrokenPipeError, ConnectionResetError):
                break
            seen.sent += len(body[place : place + 4096])
            time.sleep(resource.pause)
        self.close_connection = True

    def plain(self, status, body, headers=None):
        self.note(status)
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self, status):
        seen = Request(self.path, self.headers.get("Range"), self.headers.get("Referer"), status)
        seen.if_range = self.headers.get("If-Range")
        self.server.site.requests.append(seen)
        return seen


class Server(http.server.ThreadingHTTPServer):
    """A server that knows its site and keeps quiet about clients that hang up."""

    site: Site

    def handle_error(self, request, client_address):
        """Say nothing: clients of these tests hang up on purpose."""


@dataclass
class Site:
    """The files of the server and the requests that came."""

    files: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)
    scheme: str = "http"

    def start(self, context=None):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.site = self
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def host(self):
        return f"127.0.0.1:{self.server.server_address[1]}"

    def offer(self, name, content, **how):
        """Put a file on the site; return what the module is asked for it."""
        self.files[name] = Resource(content, **how)
        file = name.rsplit("/", 1)[-1]
        return {"file": file, "url": f"{self.scheme}://{self.host}/{name}", "sha256": sha256(content)}

    def downloads(self):
        """Return the requests that were not the question for the first bytes."""
        return [request for request in self.requests if request.range != "bytes=0-511"]


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make an authority that is the server 127.0.0.1; return its file and the server's context."""
    key, file = folder / "key.pem", folder / "authority.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    made = ["openssl", *words.split(), "-keyout", str(key), "-out", str(file)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context

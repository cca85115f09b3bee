# SPDX-License-Identifier: GPL-3.0-or-later
"""The role package_mirror with a stand-in for nginx: after a run that was cut, and on an old system."""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from integration.local_hosts import LocalHosts, recap

# As Debian's: it runs from its installation on, `started` does nothing, and only a reload reads the files.
SERVICE = """#!/usr/bin/python3
import shutil
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"name": {}, "state": {}, "enabled": {"type": "bool"}})
if module.params["name"] == "refused":
    module.fail_json(msg="the modules of dnf are not for this Python")
if module.params["state"] == "reloaded":
    shutil.copy("%(site)s", "%(read)s")
module.exit_json(changed=module.params["state"] == "reloaded")
"""
STAND_IN = "ansible.legacy.stand_in"
# As of coreutils 8.22.
SHA256SUM = f"""#!/bin/sh
case "$*" in *--ignore-missing*) echo "unrecognized option" >&2; exit 1;; esac
exec {shutil.which("sha256sum")} "$@"
"""
NGINX = """#!/bin/sh
test ! -e %(other)s || { echo "emerg: unknown directive in another site's file" >&2; exit 1; }
"""


class Mirror:
    """A host with a package, and the stand-in for nginx that answers from what it has read."""

    def __init__(self, folder):
        self.hosts = LocalHosts(folder, ["one"])
        self.site, self.read, self.other = (folder / name for name in ("site.conf", "read.conf", "other"))
        self.closed = folder / "closed"
        self.packages = folder / "packages"
        self.packages.mkdir()
        (self.packages / "a.run").write_text("a package", encoding="utf-8")
        self.sums("a.run")
        places = {"site": self.site, "read": self.read, "other": self.other}
        self.program("nginx", NGINX % places)
        (folder / "library").mkdir()
        (folder / "library/stand_in.py").write_text(SERVICE % places, encoding="utf-8")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        read, closed = self.read, self.closed

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self):
                text = read.read_text(encoding="utf-8") if read.exists() else ""
                self.send_response(403 if closed.exists() else 200 if text else 503)
                for name, value in re.findall(r"add_header (\S+) (\S+);", text):
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_line):
                pass

        return Answers

    def program(self, name, text):
        made = self.hosts.programs / name
        made.write_text(text, encoding="utf-8")
        made.chmod(0o755)

    def sums(self, *names):
        digests = {name: hashlib.sha256((self.packages / name).read_bytes()).hexdigest() for name in names}
        lines = [f"{digest}  {name}\n" for name, digest in digests.items()]
        (self.packages / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")

    def run(self, **inputs):
        given = {
            "npu_fleet_packages": str(self.packages),
            "package_mirror_root": str(self.hosts.folder / "served"),
            "package_mirror_configuration": str(self.site),
            "package_mirror_port": self.server.server_port,
            "ansible_facts": {"pkg_mgr": STAND_IN, "service_mgr": STAND_IN},
            **inputs,
        }
        tasks = [{"ansible.builtin.include_role": {"name": "ascend.fleet.package_mirror"}}]
        return self.hosts.play({"tasks": tasks, "vars": given})


@pytest.fixture
def mirror(tmp_path):
    made = Mirror(tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()


def changed(run):
    """Return how many tasks of a run that went well changed something."""
    assert run.returncode == 0, run.stdout + run.stderr
    return recap(run)["one"]["changed"]


def test_a_run_that_was_cut_before_nginx_read_its_file_is_finished_by_the_same_command(mirror):
    for wanted in ({}, {"package_mirror_networks": ["10.20.0.0/16"]}):
        mirror.other.touch()
        cut = mirror.run(**wanted)
        assert (cut.returncode != 0, "another site's file" in cut.stdout) == (True, True), cut.stdout
        assert not mirror.read.exists() or mirror.read.read_text() != mirror.site.read_text()
        mirror.other.unlink()
        assert changed(mirror.run(**wanted)) > 0
        assert mirror.read.read_text() == mirror.site.read_text()
    assert changed(mirror.run(**wanted)) == 0


def test_a_system_that_ansible_installs_nothing_on_becomes_a_mirror_with_an_nginx_that_is_there(mirror):
    mirror.program("sha256sum", SHA256SUM)
    (mirror.packages / "a.zip").write_text("not sent", encoding="utf-8")
    mirror.sums("a.run", "a.zip")
    refused = mirror.run(package_mirror_nginx="refused")
    assert refused.returncode != 0, refused.stdout
    assert "not for this Python" in refused.stdout
    assert "install nginx yourself" in refused.stdout
    none = {"package_mirror_nginx": "", "ansible_facts": {"pkg_mgr": "none", "service_mgr": STAND_IN}}
    assert changed(mirror.run(**none)) > 0
    served = mirror.hosts.folder / "served/packages"
    assert sorted(path.name for path in served.iterdir()) == ["SHA256SUMS", "a.run"]
    (mirror.packages / "a.run").write_text("what the sums are of", encoding="utf-8")
    mirror.sums("a.run", "a.zip")
    (mirror.packages / "a.run").write_text("another content", encoding="utf-8")
    wrong = mirror.run(**none)
    assert (wrong.returncode != 0, "a.run: FAILED" in wrong.stdout) == (True, True), wrong.stdout


def test_a_mirror_that_gives_no_files_names_selinux_and_the_firewall(mirror):
    mirror.closed.touch()
    done = mirror.run()
    said = " ".join(done.stdout.split())
    root, port = mirror.hosts.folder / "served", mirror.server.server_port
    assert done.returncode != 0, said
    assert "403" in said
    for command in (
        f"semanage port -a -t http_port_t -p tcp {port}",
        f"semanage fcontext -a -t httpd_sys_content_t '{root}(/.*)?'",
        f"restorecon -R {root}",
    ):
        assert f"`{command}`" in said
    assert "the node's firewall" in said

# SPDX-License-Identifier: GPL-3.0-or-later
"""fetch_package against a web server: what comes, what is refused, what is kept."""

from __future__ import annotations

import itertools
import json
import re
import subprocess

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _fetch_run, _fetch_store
from ansible_collections.ascend.fleet.plugins.modules import fetch_package
from unit.fetch_site import DATE, LOGIN, Site, certificate, sha256

RUN = "Ascend-cann-toolkit_8.2.RC1_linux-aarch64.run"
CONTENT = b"#!/bin/sh\n" + bytes(range(256)) * 400
OTHER = b"#!/bin/sh\n" + bytes(reversed(range(256))) * 400


@pytest.fixture
def site():
    made = Site().start()
    yield made
    made.stop()


@pytest.fixture
def waits(monkeypatch):
    """Collect the waits between attempts instead of waiting."""
    collected = []
    monkeypatch.setattr(_fetch_run, "sleep", collected.append)
    return collected


@pytest.fixture
def fetch(run_module, tmp_path):
    """Run the module with some files; the directory is srv."""

    def run(*files, **options):
        wanted = {"directory": str(tmp_path / "srv"), "files": list(files), "timeout": 5, **options}
        return run_module(fetch_package, **wanted)

    return run


@pytest.fixture
def settle(fetch, site):
    """Check, run, run again; return the real run's result."""

    def run(*files, **options):
        foreseen = fetch(*files, _ansible_check_mode=True, **options)
        assert site.downloads() == [], "check mode fetched a file"
        done = fetch(*files, **options)
        assert not done.get("failed"), done["msg"]
        for key in ("changed", "actions", "bytes", "diff"):
            assert foreseen[key] == done[key], key
        count = len(site.requests)
        again = fetch(*files, **options)
        assert (again["changed"], again["actions"], again["bytes"]) == (False, [], 0)
        assert len(site.requests) == count, "the second run asked a server"
        return done

    return run


def leftovers(folder):
    known = ("SHA256SUMS", "manifest.json")
    return sorted(path.name for path in folder.iterdir() if path.name not in known)


def test_files_are_fetched_proven_and_noted(settle, site, tmp_path):
    files = [site.offer(f"{number}/p{number}.run", CONTENT + bytes([number])) for number in range(5)]
    files[0] |= {"hosts": ["b", "a"], "releases": ["cann-8.2.rc1"]}
    done = settle(*files, parallel=2, log=str(tmp_path / "log"))
    assert done["actions"][1] == f"download p0.run (102 kB) from {site.host}"
    assert done["actions"][-1] == f"write SHA256SUMS and manifest.json of {tmp_path}/srv"
    assert done["bytes"] == 5 * (len(CONTENT) + 1)
    assert leftovers(tmp_path / "srv") == [f"p{number}.run" for number in range(5)]
    first = json.loads((tmp_path / "srv/manifest.json").read_text())["files"][0]
    assert first.pop("fetched").startswith("20")
    content = {"file": "p0.run", "sha256": files[0]["sha256"], "size": len(CONTENT) + 1}
    assert first == {**content, "url": files[0]["url"], "hosts": ["a", "b"], "releases": ["cann-8.2.rc1"]}
    sums = (tmp_path / "srv/SHA256SUMS").read_text().splitlines()
    assert sums == [f"{file['sha256']}  {file['file']}" for file in files]
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "srv", check=True)
    log = (tmp_path / "log").read_text()
    assert "p4.run: beginning\n" in log
    assert "p4.run: complete, 102 kB\n" in log


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_downloads_run_at_a_time_than_are_allowed(fetch, site, limit, tmp_path):
    files = [site.offer(f"{number}-{RUN}", CONTENT, pause=0.005) for number in range(6)]
    assert fetch(*files, parallel=limit, log=str(tmp_path / "log"))["changed"]
    lines = (tmp_path / "log").read_text().splitlines()
    steps = [
        1 if ": beginning" in line else -1 for line in lines if re.search(": (beginning|complete)", line)
    ]
    assert (len(steps), max(itertools.accumulate(steps))) == (12, limit)


def test_a_connection_that_is_cut_goes_on_where_it_ended(settle, site, waits):
    file = site.offer(RUN, CONTENT, cut=30000, times=2)
    settle(file)
    assert [request.range for request in site.downloads()] == [None, "bytes=30000-", "bytes=60000-"]
    assert waits == [1, 1]


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(fetch, site, waits, tmp_path):
    file = site.offer(RUN, CONTENT, cut=30000)
    refused = fetch(file, retries=0)
    assert (
        "found the connection cut after 30000 bytes, wanted 102410; given up after 1 attempt, 30 kB of it"
        in (refused["msg"])
    )
    assert leftovers(tmp_path / "srv") == [f"{RUN}.part", f"{RUN}.part.json"]
    site.files[RUN].cut = None
    done = fetch(file)
    assert "(102 kB, of which 30 kB are there)" in done["actions"][0]
    assert done["bytes"] == len(CONTENT) - 30000
    assert [request.range for request in site.downloads()] == [None, "bytes=30000-"]
    assert leftovers(tmp_path / "srv") == [RUN]


@pytest.mark.parametrize("if_range", [True, False])
def test_what_changed_between_two_attempts_begins_again(fetch, site, waits, if_range, tmp_path):
    fetch(site.offer(RUN, CONTENT, cut=30000), retries=0)
    file = site.offer(RUN, OTHER, etag='"two"', date=None, if_range=if_range)
    assert fetch({**file, "sha256": None})["changed"]
    assert site.downloads()[1].if_range == '"one"'
    assert (tmp_path / "srv" / RUN).read_bytes() == OTHER


def test_a_server_without_ranges_sends_all_again(fetch, site, waits, tmp_path):
    file = site.offer(RUN, CONTENT, ranges=False, cut=30000, times=1)
    assert fetch(file)["changed"]
    assert [request.status for request in site.downloads()] == [200, 200]
    assert (tmp_path / "srv" / RUN).read_bytes() == CONTENT


def test_without_validator_and_checksum_nothing_is_gone_on_with(fetch, site, waits):
    file = site.offer(RUN, CONTENT, etag=None, date=None, cut=30000, times=1)
    assert fetch({**file, "sha256": None})["changed"]
    assert [request.range for request in site.downloads()] == [None, None]


def test_a_weak_etag_is_not_used_to_go_on(fetch, site, waits, tmp_path):
    fetch(site.offer(RUN, CONTENT, etag='W/"one"', cut=30000), retries=0)
    assert json.loads((tmp_path / f"srv/{RUN}.part.json").read_text())["etag"] == 'W/"one"'
    site.files[RUN].cut = None
    assert fetch(site.offer(RUN, CONTENT, etag='W/"one"'))["changed"]
    assert (site.downloads()[-1].status, site.downloads()[-1].if_range) == (206, DATE)


def test_a_part_from_another_address_is_not_gone_on_with(fetch, site, waits, tmp_path):
    fetch(site.offer(f"a/{RUN}", CONTENT, cut=30000), retries=0)
    assert fetch({**site.offer(f"b/{RUN}", OTHER), "sha256": None})["changed"]
    assert site.downloads()[-1].range is None
    assert (tmp_path / "srv" / RUN).read_bytes() == OTHER


def test_a_part_with_wrong_bytes_in_it_is_thrown_away_and_all_comes_again(fetch, site, waits, tmp_path):
    file = site.offer(RUN, CONTENT, cut=30000)
    fetch(file, retries=0)
    part = tmp_path / f"srv/{RUN}.part"
    part.write_bytes(b"x" * part.stat().st_size)
    site.files[RUN].cut = None
    assert fetch(file)["changed"]
    assert (tmp_path / "srv" / RUN).read_bytes() == CONTENT


def test_a_complete_part_only_gets_its_name(fetch, site, tmp_path):
    file = site.offer(RUN, CONTENT)
    (tmp_path / "srv").mkdir()
    (tmp_path / f"srv/{RUN}.part").write_bytes(CONTENT)
    note = {"url": file["url"], "etag": '"one"', "size": len(CONTENT)}
    (tmp_path / f"srv/{RUN}.part.json").write_text(json.dumps(note))
    assert fetch(file)["changed"]
    assert site.downloads() == []


def test_wrong_content_never_replaces_what_worked(fetch, site, tmp_path):
    file = site.offer(RUN, CONTENT)
    fetch(file)
    site.files[RUN].content = OTHER
    refused = fetch({**file, "sha256": "0" * 64})
    found = (
        f"{RUN}: found the sha256 {sha256(OTHER)} at {file['url']}, wanted {'0' * 64}; what was fetched is"
    )
    assert refused["msg"].startswith(found)
    assert refused["problems"] == [refused["msg"]]
    assert (tmp_path / "srv" / RUN).read_bytes() == CONTENT
    assert leftovers(tmp_path / "srv") == [RUN]


def test_what_nobody_published_a_checksum_of_is_held_against_the_first_time(settle, fetch, site, tmp_path):
    file = {**site.offer(RUN, CONTENT), "sha256": None}
    settle(file)
    (tmp_path / "srv" / RUN).unlink()
    site.files[RUN].content = OTHER
    assert "or the line in SHA256SUMS" in fetch(file)["msg"].replace("\n", " ")
    assert not (tmp_path / "srv" / RUN).exists()


def test_a_damaged_file_is_replaced(settle, site, tmp_path):
    file = site.offer(RUN, CONTENT)
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv" / RUN).write_text("damaged")
    assert settle(file)["actions"][0] == f"replace {RUN} (102 kB) from {site.host}"


def test_a_referer_is_sent_where_it_is_wanted(settle, fetch, site):
    file = site.offer(RUN, CONTENT, referer="https://www.example.org/")
    refused = fetch(file)
    assert f"found the answer 403 Forbidden of {file['url']}, wanted the file" in refused["msg"]
    assert "(no Referer was sent): correct url, or set referer" in refused["msg"]
    site.requests.clear()
    settle({**file, "referer": "https://www.example.org/"})


def test_slow_answers_are_waited_for_and_silence_is_not(settle, fetch, site, waits, tmp_path):
    settle(site.offer("slow.run", CONTENT, pause=0.01))
    refused = fetch(site.offer("mute.run", CONTENT, mute=1.5), timeout=1, retries=0)
    assert "mute.run: found no working connection" in refused["msg"]
    assert "(no byte for too long), wanted the file; given up after 1 attempt" in refused["msg"]


def test_bytes_that_came_before_a_silence_are_kept(fetch, site, waits):
    refused = fetch(site.offer(RUN, CONTENT, pause=1.5), timeout=1, retries=0)
    assert "4 kB of it are kept" in refused["msg"]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"status": 503, "times": 2}, [1, 2]),
        ({"status": 503, "times": 1, "retry_after": "7"}, [7]),
        ({"status": 429, "times": 1, "retry_after": "100000"}, [60]),
    ],
)
def test_a_busy_server_is_asked_again(settle, site, waits, how, expected):
    settle(site.offer(RUN, CONTENT, **how))
    assert (len(site.downloads()) - 1, waits) == (len(expected), expected)


def test_a_server_that_stays_busy_is_given_up(fetch, site, waits):
    refused = fetch(site.offer(RUN, CONTENT, status=500), retries=3)
    assert "found the answer 500 Internal Server Error" in refused["msg"]
    assert "given up after 4 attempts, nothing is kept" in refused["msg"]
    assert waits == [1, 2, 4]


def test_redirects_are_followed(settle, site):
    site.offer(f"real/{RUN}", CONTENT)
    settle({**site.offer(RUN, CONTENT, move=f"http://{site.host}/real/{RUN}")})


def test_all_that_is_refused_is_said_before_anything_is_fetched(fetch, site, tmp_path):
    good = site.offer("good.run", CONTENT)
    login = site.offer("login/page.run", LOGIN, kind="text/html; charset=utf-8")
    moved = site.offer("moved.run", CONTENT, move=login["url"])
    page = site.offer("page.zip", LOGIN)
    text = site.offer("text.whl", b'{"error": 17}', kind="application/json")
    gone = {"file": "gone.run", "url": f"http://{site.host}/gone.run"}
    short = {**site.offer("short.run", CONTENT), "size": 17}
    hand = {"file": "hand.run"}
    ftp = {"file": "ftp.run", "url": "ftp://example.org/ftp.run"}
    refused = fetch(good, moved, page, text, gone, short, hand, ftp)
    said = {sentence.split(":")[0]: sentence for sentence in refused["problems"]}
    assert set(said) == {
        "moved.run",
        "page.zip",
        "text.whl",
        "gone.run",
        "short.run",
        "hand.run",
        "ftp.run",
    }
    assert f"found a login page at {login['url']}, to which {moved['url']} leads" in said["moved.run"]
    assert "found a web page at" in said["page.zip"]
    assert "of type application/json that begins with '{\"error\": 17}'" in said["text.whl"]
    assert "found the answer 404 Not Found" in said["gone.run"]
    assert "found 102410 bytes" in said["short.run"]
    assert "no address to fetch it from" in said["hand.run"]
    assert "wanted one with http:// or https://" in said["ftp.run"]
    assert site.downloads() == [request for request in site.downloads() if request.status in (302, 404)]
    assert not (tmp_path / "srv").exists()


def test_what_comes_is_kept_when_another_file_fails(fetch, site, waits, tmp_path):
    good, bad = site.offer("good.run", CONTENT), site.offer("bad.run", CONTENT, status=500)
    assert fetch(good, bad, retries=0)["problems"][0].startswith("bad.run: found the answer 500")
    assert leftovers(tmp_path / "srv") == ["good.run"]
    assert "good.run" in (tmp_path / "srv/SHA256SUMS").read_text()


def test_certificates_are_checked(fetch, tmp_path):
    authority, context = certificate(tmp_path)
    site = Site().start(context)
    file = site.offer(RUN, CONTENT)
    refused = fetch(file)
    assert "found a certificate of 127.0.0.1:" in refused["msg"]
    assert "in tls_authorities, and do not turn the check off" in refused["msg"]
    done = fetch(file, tls_authorities=str(authority))
    assert done["changed"]
    plain = Site().start()
    site.files["moved.run"] = site.files[RUN]
    site.files["moved.run"].move = plain.offer("moved.run", CONTENT)["url"]
    moved = {"file": "moved.run", "url": f"https://{site.host}/moved.run"}
    assert "without encryption, wanted https" in fetch(moved, tls_authorities=str(authority))["msg"]
    site.stop()
    plain.stop()


def test_a_proxy_of_the_environment_is_used(fetch, site, monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://{site.host}")
    refused = fetch({"file": RUN, "url": f"http://downloads.invalid/{RUN}"})
    assert "found the answer 404 Not Found of http://downloads.invalid/" in refused["msg"]
    assert site.requests[0].path == f"http://downloads.invalid/{RUN}"


def test_a_full_disk_is_seen_before(fetch, site, monkeypatch):
    usage = _fetch_store.shutil.disk_usage("/")
    monkeypatch.setattr(_fetch_store.shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    assert "found 1 kB of free space, wanted 102 kB" in fetch(site.offer(RUN, CONTENT))["msg"]
    assert site.downloads() == []

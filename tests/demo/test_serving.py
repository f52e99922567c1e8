"""The process: ready lines, a clean end, conditional requests, the log of requests, the weight of pages."""

from __future__ import annotations

import gzip
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

from demo.__main__ import build_sites
from demo.dealers import DEALERS
from demo.running import RunningDemo, running

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0_within_a_second_even_while_an_answer_waits(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "demo", "--port-base=0", "--machines=40", "--products=20"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, _, port = process.stdout.readline().split()[1].removeprefix("http://").partition(":")
        httpx.post(f"http://{host}:{port}/_demo", json={"fail": "slow", "seconds": 60}).raise_for_status()
        with socket.create_connection((host, int(port))) as waiting:
            waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.1)
            started = time.monotonic()
            process.send_signal(number)
            assert process.wait(10) == 0
    assert time.monotonic() - started < 3  # a second, and two for a busy machine


def test_a_taken_port_is_named_and_the_status_is_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        base = taken.getsockname()[1] - 1
        ended = subprocess.run(
            [sys.executable, "-m", "demo", f"--port-base={base}"], cwd=ROOT, capture_output=True, text=True, timeout=20
        )
    assert ended.returncode == 2
    assert f"127.0.0.1:{base + 1} for ridgeline" in ended.stderr


def test_a_wrong_argument_is_refused() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "demo", "--machines=0"], cwd=ROOT, capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 2
    assert "--machines must be at least 1" in ended.stderr


@pytest.mark.parametrize("name", list(DEALERS))
def test_an_unchanged_page_answers_304_to_its_own_validators(
    demo: RunningDemo, client: httpx.Client, name: str
) -> None:
    url = demo.truth(name)[0]["url"]
    first = client.get(url)
    assert first.status_code == 200
    by_etag = client.get(url, headers={"if-none-match": first.headers["etag"]})
    by_date = client.get(url, headers={"if-modified-since": first.headers["last-modified"]})
    assert (by_etag.status_code, by_etag.content, by_date.status_code) == (304, b"", 304)
    assert client.get(url, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_changed_page_answers_200_to_its_old_validators(switched: RunningDemo, client: httpx.Client) -> None:
    listing = next(each for each in switched.truth("ridgeline") if each["price"])
    old = client.get(listing["url"])
    switched.switch("ridgeline", price={"id": listing["external_id"], "to": 12_345})
    for name, value in (("if-none-match", old.headers["etag"]), ("if-modified-since", old.headers["last-modified"])):
        new = client.get(listing["url"], headers={name: value})
        assert new.status_code == 200
        assert "$12,345" in new.text
    assert new.headers["last-modified"] != old.headers["last-modified"]


def test_requests_are_logged_with_time_status_and_agent_until_forgotten(
    switched: RunningDemo, client: httpx.Client
) -> None:
    switched.switch("skyline", forget=True)
    before = time.monotonic()
    client.get(switched.url("skyline") + "/api/stock?page=2", headers={"user-agent": "tester"})
    client.get(switched.url("skyline") + "/nothing", headers={"if-none-match": '"x"'})
    log = switched.requests("skyline")
    assert [(entry["path"], entry["status"], entry["conditional"]) for entry in log] == [
        ("/api/stock?page=2", 200, False),
        ("/nothing", 404, True),
    ]
    assert log[0]["user_agent"] == "tester"
    assert before <= log[0]["t"] <= log[1]["t"] <= time.monotonic()
    switched.switch("skyline", forget=True)
    assert switched.requests("skyline") == []


def test_it_is_ready_within_two_seconds_with_pages_as_heavy_as_real_ones(client: httpx.Client) -> None:
    started = time.monotonic()
    with running() as demo:
        assert time.monotonic() - started < 6  # three times the promise: test machines are busy
        assert set(demo.urls) == set(DEALERS)
        for name in ("ridgeline", "hofmann", "pawhaus", "barkwood"):
            sizes = [len(client.get(listing["url"]).content) for listing in demo.truth(name)[:20]]
            assert min(sizes) >= 100_000
            assert max(sizes) <= 300_000
            assert statistics.pstdev(sizes) > 10_000


def test_pages_can_be_made_light_and_prepared_and_compressed() -> None:
    with running(machines=60, products=20, page_kb=40, prepare=True) as demo:
        url = next(listing["url"] for listing in demo.truth("ridgeline") if listing["usable"])
        page = httpx.get(url)
        assert 35_000 <= len(page.content) <= 60_000
        assert "content-encoding" not in page.headers
    command = [sys.executable, "-m", "demo", "--port-base=0", "--machines=40", "--gzip"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base = process.stdout.readline().split()[1]
        with httpx.stream("GET", base + "/", headers={"accept-encoding": "gzip"}) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            assert b"Ridgeline" in gzip.decompress(b"".join(answer.iter_raw()))
        process.terminate()


def test_the_same_seed_serves_the_same_bytes_and_another_seed_others() -> None:
    def shown(seed: int) -> list[bytes]:
        texts = []
        for site in build_sites(seed, 60, 20, 10):
            for path in ["/", *(urlsplit(each["url"]).path for each in site.truth("http://shop")[:3])]:
                page = site.page(path, {}, "http://shop")
                assert page is not None
                texts.append(b"".join(page.parts))
        return texts

    first = shown(3)
    assert first == shown(3)
    assert sum(one != other for one, other in zip(first, shown(4), strict=False)) > len(first) / 2


def test_control_addresses_are_linked_from_nowhere(demo: RunningDemo, client: httpx.Client) -> None:
    for name in DEALERS:
        for path in ("/", "/robots.txt", "/sitemap.xml"):
            assert "_demo" not in client.get(demo.url(name) + path).text

"""A public name that leads into a private network is refused, and the operator's proxy is asked where there is one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.resolver import dnscache
from scrapy.utils.project import get_project_settings
from twisted.internet import reactor
from twisted.internet.error import DNSLookupError

from crawler.fetching.resolver import PrivateAddress, PublicResolver, is_public_name
from tests.crawl.crawling import ROOT, environment, rows
from tests.servers.answering import Answered, Asked, answering

DEALER = """\
title = "Shop"
vertical = "equipment"
platform = "feed"
url = "{url}"
[sections]
all = "/feed.csv"
[items]
format = "csv"
[map]
external_id = "id"
title = "title"
"""
FEED = b"id,title\n1,2016 Caterpillar 320\n"
EVERY_NAME_IS_LOOPBACK = """\
import socket, sys
from scrapy.cmdline import execute
socket.gethostbyname = lambda name: "127.0.0.1"
execute(["scrapy", "crawl", "equipment"])
"""


@pytest.fixture
def asked() -> Iterator[tuple[int, list[str]]]:
    """A server of the feed, whatever is asked for: its port, and what it was asked for."""
    found: list[str] = []

    def answer(request: Asked) -> Answered:
        if request.method == "CONNECT":
            found.append(f"CONNECT {request.path}")
            return 403, {}, b""
        found.append(request.path)
        return 404 if request.path.endswith("/robots.txt") else 200, {"Content-Type": "text/csv"}, FEED

    with answering(answer) as port:
        yield port, found


def crawl(tmp_path: Path, sqlite_url: str, url: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A crawl of one dealer in a process for which every name leads to this machine."""
    (tmp_path / "dealers").mkdir(exist_ok=True)
    (tmp_path / "dealers" / "shop.toml").write_text(DEALER.format(url=url))
    env = environment(
        sqlite_url, DEALERS_DIR=str(tmp_path / "dealers"), CONTACT="me@here.example", DOWNLOAD_DELAY_S="0", **more
    )
    return subprocess.run(
        [sys.executable, "-c", EVERY_NAME_IS_LOOPBACK], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )


def test_a_public_name_that_leads_here_is_not_asked(tmp_path, sqlite_url, asked):
    port, paths = asked
    done = crawl(tmp_path, sqlite_url, f"http://shop.example:{port}")
    assert done.returncode == 4, done.stderr
    assert paths == []
    assert [row["failure_class"] for row in rows(sqlite_url, "crawls")] == ["private_address"]
    [failure] = rows(sqlite_url, "failures")
    assert (failure["failure_class"], failure["attempts"]) == ("private_address", 1)


def test_a_name_of_ones_own_network_is_asked_where_a_dealer_file_says_so(tmp_path, sqlite_url, asked):
    port, paths = asked
    done = crawl(tmp_path, sqlite_url, f"http://shop.internal:{port}")
    assert done.returncode == 0, done.stderr
    assert paths == ["/robots.txt", "/feed.csv"]


def test_the_operators_proxy_is_asked_for_everything_and_may_be_on_this_machine(tmp_path, sqlite_url, asked):
    port, paths = asked
    proxy = f"http://proxy.example:{port}"
    (tmp_path / "dealers").mkdir()
    (tmp_path / "dealers" / "safe.toml").write_text(DEALER.format(url="https://safe.example"))
    done = crawl(tmp_path, sqlite_url, "http://shop.example", http_proxy=proxy, https_proxy=proxy)
    assert done.returncode == 3, done.stderr
    assert {"http://shop.example/robots.txt", "http://shop.example/feed.csv"} < set(paths)
    assert {path for path in paths if "shop.example" not in path} == {"CONNECT safe.example:443"}
    outcomes = {row["dealer"]: (row["outcome"], row["failure_class"]) for row in rows(sqlite_url, "crawls")}
    assert outcomes == {"shop": ("healthy", None), "safe": ("failed", "proxy")}


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "172.16.0.9", "0.0.0.0"]
)
def test_no_private_address_is_believed_of_a_public_name(address):
    resolver = PublicResolver(reactor, 100, 1.0)
    dnscache["shop.example"] = address
    try:
        failures = []
        resolver.getHostByName("shop.example").addErrback(failures.append)
        assert failures[0].check(PrivateAddress, DNSLookupError)
        assert resolver.refused("shop.example")
    finally:
        del dnscache["shop.example"]


def test_a_public_address_is_believed():
    resolver = PublicResolver(reactor, 100, 1.0)
    dnscache["shop.example"] = "93.184.215.14"
    try:
        found = []
        resolver.getHostByName("shop.example").addCallback(found.append)
        assert found == ["93.184.215.14"]
        assert not resolver.refused("shop.example")
    finally:
        del dnscache["shop.example"]


PUBLIC = ("acme.example", "ACME.co.uk.")
NOT_PUBLIC = ("shop", "shop.internal", "localhost", "127.0.0.1", "[::1]", "8.8.8.8", "x.home.arpa", "a.LAN")


@pytest.mark.parametrize(("host", "public"), [*((n, True) for n in PUBLIC), *((n, False) for n in NOT_PUBLIC)])
def test_which_names_are_public(host, public):
    assert is_public_name(host) is public


def test_nothing_but_the_web_is_fetched():
    handlers = get_project_settings().getdict("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler is None} == {"file", "ftp", "s3", "data"}

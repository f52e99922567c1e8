"""What leaves for a dealer is the dealer's, in its slot, in time, and allowed by its robots.txt."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from protego import Protego
from scrapy import Request
from scrapy.robotstxt import ProtegoRobotParser

from crawler.fetching.dealer_gate import DealerGate
from crawler.fetching.politeness import download_slots
from crawler.spiders.base import DealerSpider
from crawler.spiders.plan import Planned
from crawler.tracking.crawl_book import CrawlBook
from crawler.tracking.error_class import Refused
from tests.crawler.dealer_files import dealer

LOOPBACK = dealer(name="demo", url="http://127.0.0.1:9101")
ACME = dealer(headers={"X-Key": "abc"}, hosts=["cdn.acme.example"])
ROBOTS = "https://acme.example/robots.txt"


def downloader():
    slots = download_slots([ACME, LOOPBACK], 1.0)
    living = {
        name: SimpleNamespace(delay=slot["delay"], concurrency=slot["concurrency"]) for name, slot in slots.items()
    }
    return SimpleNamespace(per_slot_settings=slots, slots=living)


class Book:
    """A crawl book that knows whose time is up."""

    def __init__(self):
        self.late = set()
        self.crawls = {}

    def check(self, name):
        if name in self.late:
            raise Refused("time_up", "over")


@pytest.fixture
def gated():
    book = Book()
    spider = object.__new__(DealerSpider)
    spider.planned = [Planned(ACME, ("all",)), Planned(LOOPBACK, ("all",))]
    run = SimpleNamespace(
        settings={"USER_AGENT": "Yardstick/0.1"},
        engine=SimpleNamespace(downloader=downloader(), scheduler=None),
        get_extension=lambda kind: book if kind is CrawlBook else None,
    )
    gate = DealerGate(run)
    gate.spider_opened(spider)
    return gate, book, run


def request(url, name="acme"):
    return Request(url, cb_kwargs={"dealer": name} if name else {})


def test_a_request_to_a_host_of_the_dealer_leaves_with_its_headers(gated):
    gate, _, _ = gated
    for url in ("https://acme.example/stock", "https://cdn.acme.example/a", "https://www.acme.example/x"):
        asked = request(url)
        assert asyncio.run(gate.process_request(asked)) is None
        assert asked.headers["X-Key"] == b"abc"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://acme.example.evil.example/",
        "http://127.0.0.1:9101/",
        "https://a@evil.example/",
        "https://acme.example:8443/x",
        "http://acme.example/x",
    ],
)
def test_a_page_cannot_send_the_crawler_elsewhere(gated, url):
    gate, _, _ = gated
    asked = request(url)
    with pytest.raises(Refused, match="its file can name it in `hosts`") as refused:
        asyncio.run(gate.process_request(asked))
    assert refused.value.error_class == "offsite"
    assert "X-Key" not in asked.headers


def test_conditions_do_not_follow_a_page_to_where_it_leads_now(gated):
    gate, _, _ = gated
    conditions = {"If-None-Match": '"a"', "If-Modified-Since": "Sat, 03 Jan 2026 08:00:00 GMT", "Accept": "text/html"}
    asked = request("https://acme.example/stock").replace(headers=conditions)
    asyncio.run(gate.process_request(asked))
    assert {b"If-None-Match", b"If-Modified-Since"} <= asked.headers.keys()
    asked.meta["redirect_urls"] = ["https://acme.example/old"]
    asyncio.run(gate.process_request(asked))
    assert not {b"If-None-Match", b"If-Modified-Since"} & asked.headers.keys()
    assert asked.headers["Accept"] == b"text/html"


def test_a_crawl_whose_time_is_up_asks_no_more(gated):
    gate, book, _ = gated
    book.late.add("acme")
    with pytest.raises(Refused) as refused:
        asyncio.run(gate.process_request(request("https://acme.example/")))
    assert refused.value.error_class == "time_up"
    assert asyncio.run(gate.process_request(request("http://127.0.0.1:9101/", "demo"))) is None


def test_robots_txt_goes_into_its_dealers_slot(gated):
    gate, _, _ = gated
    for url, slot in (("http://127.0.0.1:9101/robots.txt", "demo"), ("https://acme.example/robots.txt", "acme")):
        asked = request(url, name=None)
        asyncio.run(gate.process_request(asked))
        assert asked.meta["download_slot"] == slot
    stranger = request("https://other.example/robots.txt", name=None)
    asyncio.run(gate.process_request(stranger))
    assert "download_slot" not in stranger.meta


@pytest.mark.parametrize(
    ("to", "error_class"),
    [
        ("http://169.254.169.254/latest/meta-data", "private_address"),
        ("http://[::1]/robots.txt", "private_address"),
        ("http://127.0.0.1:6379/", "offsite"),
    ],
)
def test_a_robots_txt_does_not_lead_into_a_private_network(gated, to, error_class):
    gate, _, _ = gated
    asked = Request(to, meta={"redirect_urls": [ROBOTS]})
    with pytest.raises(Refused) as refused:
        asyncio.run(gate.process_request(asked))
    assert refused.value.error_class == error_class


@pytest.mark.parametrize(
    ("robots", "delay_s"), [("Crawl-delay: 7", 7.0), ("Crawl-delay: 0.5", 1.0), ("Disallow: /x", 1.0)]
)
def test_a_slower_crawl_delay_holds(gated, robots, delay_s):
    gate, _, run = gated
    parser = object.__new__(ProtegoRobotParser)
    parser.rp, parser.spider = Protego.parse(f"User-agent: *\n{robots}\n"), None
    gate.robots_parsed(parser, request("https://acme.example/stock"))
    assert run.engine.downloader.slots["acme"].delay == delay_s
    assert run.engine.downloader.slots["demo"].delay == 0.0

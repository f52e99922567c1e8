"""A conversation with many dealers: each in the slot of its host, with its headers, and never led elsewhere."""

from __future__ import annotations

import asyncio

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse

from crawler.fetching.asking_dealers import AskingDealers, OwnHosts
from crawler.tracking.error_class import Refused
from tests.crawler.dealer_files import dealer
from tests.crawler.test_asking import Engine

ACME = dealer(delay_s=2.5, headers={"X-Token": "s3cr3t"})
BOLT = dealer(name="bolt", url="https://bolt.example", hosts=["stock.bolt.example"])
ACME_PARTS = dealer(name="acme-parts", url="https://acme.example/parts", delay_s=4.0)


async def nothing(_dealer, _ask):
    return None


def spider_of(*dealers, talk_with=nothing, answers=()):
    run = Crawler(AskingDealers)
    spider = AskingDealers.from_crawler(run, talk_with=talk_with, dealers=dealers, default_delay_s=1.0)
    run.spider, run.engine = spider, Engine(*answers)
    return spider


def test_dealers_on_one_host_share_its_slot_at_the_slower_pace():
    spider = spider_of(ACME, BOLT, ACME_PARTS)
    slots = spider.crawler.settings.getdict("DOWNLOAD_SLOTS")
    assert {name: (slot["delay"], slot["concurrency"]) for name, slot in slots.items()} == {
        "acme.example": (4.0, 1), "bolt.example": (1.0, 1),
    }  # fmt: skip
    assert spider.slot_of("https://stock.bolt.example/v2") == "bolt.example"
    assert spider.slot_of("https://www.acme.example/") == "acme.example"


def test_dealers_on_this_machine_are_told_apart_by_port():
    spider = spider_of(*(dealer(name=f"d{port}", url=f"http://127.0.0.1:{port}") for port in (9101, 9102)))
    assert spider.slot_of("http://127.0.0.1:9102/robots.txt") == "127.0.0.1:9102"


def test_every_dealer_is_talked_with_and_gets_only_its_own_headers():
    async def talk_with(of, ask):
        await ask(f"{of.url}/stock")

    pages = [HtmlResponse("https://acme.example/stock", body=b"x") for _ in range(2)]
    spider = spider_of(ACME, BOLT, talk_with=talk_with, answers=pages)

    async def run():
        return [request async for request in spider.start()]

    assert asyncio.run(run()) == []
    sent = {request.meta["dealer"]: request.headers.get("X-Token") for request in spider.crawler.engine.asked}
    assert sent == {"acme": b"s3cr3t", "bolt": None}


@pytest.mark.parametrize("url", ["https://tracker.example/x", "http://bolt.example:8080/x", "https://acme.example/"])
def test_what_leads_to_another_host_is_refused(url):
    gate = OwnHosts.from_crawler(spider_of(BOLT).crawler)
    with pytest.raises(Refused) as refused:
        asyncio.run(gate.process_request(Request(url, meta={"dealer": "bolt"})))
    assert refused.value.error_class == "offsite"


def test_the_file_robots_txt_goes_into_the_slot_of_its_dealer():
    gate = OwnHosts.from_crawler(spider_of(BOLT).crawler)
    request = Request("https://stock.bolt.example/robots.txt")
    asyncio.run(gate.process_request(request))
    assert request.meta["download_slot"] == "bolt.example"

"""Robots.txt of hosts that only pages ask."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.fetching.rendering import robots_of_pages
from crawler.fetching.rendering.renderer import Renderer
from crawler.fetching.rendering.robots_of_pages import RobotsOfPages
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl
from tests.crawler.dealer_files import dealer

URL = "https://data.example/stock"


def allowed(answer):
    """Whether the address may be asked for, and what was asked to know."""
    asked = []

    async def plainly(request):
        asked.append(request.url)
        await asyncio.sleep(0)
        return answer(request.url)

    async def both():
        crawler = get_crawler(settings_dict={"USER_AGENT": "Yardstick"})
        reader = RobotsOfPages(crawler, plainly)
        one, other = await asyncio.gather(reader.read(URL), reader.read(URL + "/2"))
        assert one is other
        return one.allowed(URL, "Yardstick")

    return asyncio.run(both()), asked


@pytest.mark.parametrize(("status", "body", "may"), [
    (200, b"User-agent: *\nDisallow: /other", True), (200, b"User-agent: *\nDisallow: /stock", False),
    (404, b"User-agent: *\nDisallow: /", True), (503, b"", False), (429, b"", False),
])  # fmt: skip
def test_a_host_is_asked_once_and_what_it_says_holds(status, body, may):
    assert allowed(lambda url: Response(url, status=status, body=body)) == (may, ["https://data.example/robots.txt"])


def test_a_host_that_cannot_be_reached_is_asked_for_nothing():
    def lost(url):
        raise OSError

    assert allowed(lost)[0] is False


@pytest.mark.parametrize(("to", "may"), [("/robots2.txt", True), ("https://other.example/robots.txt", False)])
def test_a_redirect_is_followed_on_the_same_host_only(to, may):
    def answer(url):
        if url.endswith("/robots.txt"):
            return Response(url, status=301, headers={"Location": to})
        return Response(url, body=b"")

    found, asked = allowed(answer)
    assert found is may
    assert not any("other.example" in url for url in asked)


def test_a_failure_is_forgotten_after_a_minute_and_what_was_read_is_not(monkeypatch):
    monkeypatch.setattr(robots_of_pages, "FAILED_FOR_S", 0.05)
    answers = [OSError("lost"), Response(URL, body=b""), OSError("never asked")]

    async def plainly(request):
        found = answers.pop(0)
        if isinstance(found, OSError):
            raise found
        return found

    async def three():
        reader = RobotsOfPages(get_crawler(settings_dict={"USER_AGENT": "Yardstick"}), plainly)
        found = []
        for wait in (0, 0, 0.1, 0.1):
            await asyncio.sleep(wait)
            found.append((await reader.read(URL)).allowed(URL, "Yardstick"))
        return found

    assert asyncio.run(three()) == [False, False, True, True]
    assert len(answers) == 1


def test_the_next_crawl_of_a_dealer_reads_anew_what_its_hosts_allow(monkeypatch):
    """Whoever read it, pages or Scrapy; other dealers' stays."""
    monkeypatch.setattr("crawler.fetching.rendering.renderer.BrowserPages", Mock())
    acme, asked = dealer(hosts=["data.example"]), []

    async def plainly(request):
        asked.append(request.url)
        return Response(request.url, body=b"User-agent: *\nDisallow: /stock" if len(asked) > 2 else b"")

    async def two_crawls():
        crawler = get_crawler(settings_dict={"USER_AGENT": "Yardstick", "ROBOTSTXT_OBEY": True, "RENDERING": True})
        renderer = Renderer.from_crawler(crawler)
        renderer._robots_of_pages = RobotsOfPages(crawler, plainly)
        policy = renderer._policy(acme)
        other = "https://other.example/robots.txt"
        renderer.robots_parsed(await RobotsOfPages(crawler, plainly).read(other), Request(other))
        found = []
        for number in (1, 2):
            crawler.signals.send_catch_log(crawl_began, crawl=DealerCrawl(acme, number, {}, 0.0))
            found += [await policy.decide(URL, "fetch", navigates=False) for _ in range(2)]
            parsed = await renderer._robots_of_pages.read(URL)
            renderer.robots_parsed(parsed, Request(URL))
        return found, renderer._allowed(other)

    assert asyncio.run(two_crawls()) == ([None, None, "robots.txt", "robots.txt"], True)
    assert len(asked) == 3

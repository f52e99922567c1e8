"""Robots.txt of hosts that only pages ask."""

from __future__ import annotations

import asyncio

import pytest
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.fetching.rendering.robots_of_pages import RobotsOfPages

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
    (404, b"User-agent: *\nDisallow: /", True), (503, b"", False),
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

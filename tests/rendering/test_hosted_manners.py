"""Asking the hosted API again keeps to what holds towards the dealer."""

from __future__ import annotations

import asyncio

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.fetching.rendering import hosted
from crawler.fetching.rendering.credits import DryCredits
from crawler.fetching.rendering.hosted import HostedApi, Manners
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import Refused
from inventory.settings import load_settings
from tests.crawler.dealer_files import dealer


def refused(monkeypatch, status, over_after=99):
    """The class with which a page is given up, the tries, the waits between them, and the blocks that were told."""
    tries, waits, checks, blocks = [], [], [], []

    async def plainly(request):
        tries.append(1)
        return Response(request.url, status=status)

    async def sleep(seconds):
        waits.append(seconds)

    def check():
        checks.append(1)
        if len(checks) > over_after:
            raise Refused("time_up", "over")

    monkeypatch.setattr(hosted.asyncio, "sleep", sleep)
    api = HostedApi("key", load_settings(), DryCredits(1_000))
    manners = Manners(7.0, check, lambda: blocks.append(1))
    request, crawl = Request("https://acme.example/"), DealerCrawl(dealer(), 1, {}, 0.0)
    with pytest.raises(Refused) as raised:
        asyncio.run(api.render(request, crawl, plainly, manners))
    return raised.value.error_class, len(tries), waits, len(blocks)


def test_the_dealers_delay_is_the_least_wait(monkeypatch):
    assert refused(monkeypatch, 409) == ("render_failed", 5, [7.0, 7.0, 7.0, 8.0], 0)


def test_a_block_is_told_each_time_and_asked_once_more_at_most(monkeypatch):
    assert refused(monkeypatch, 423) == ("blocked", 2, [7.0], 2)


def test_nothing_is_asked_again_for_a_crawl_that_is_over(monkeypatch):
    assert refused(monkeypatch, 500, over_after=1) == ("time_up", 1, [7.0], 0)

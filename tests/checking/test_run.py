"""Checks of many dealers as one run: lines, and the exit status that a schedule acts on."""

from __future__ import annotations

import asyncio
import json

import pytest

from crawler.checking.run import run_checks
from tests.checking.made_shop import acme, machine_shop


class Process:
    """Talks with each dealer at once, without Scrapy."""

    def __init__(self, shop):
        self._shop = shop

    def crawl(self, _spider, *, talk_with, dealers, default_delay_s):
        self._talks = [(talk_with, dealer) for dealer in dealers]

    def start(self):
        for talk_with, dealer in self._talks:
            asyncio.run(talk_with(dealer, self._shop.ask))


@pytest.mark.parametrize(("kept", "status"), [(True, 0), (False, 4)])
def test_a_check_that_was_not_written_down_is_no_success(kept, status, capsysbinary):
    shop, sections = machine_shop()
    assert run_checks(Process(shop), [acme(sections)], 0.0, "Yardstick/0.1", lambda found: kept) == status
    assert json.loads(capsysbinary.readouterr().out)["outcome"] == "healthy"


def test_a_dealer_below_its_promise_is_status_3(capsysbinary):
    shop, sections = machine_shop()
    shop.pages.clear()
    assert run_checks(Process(shop), [acme(sections)], 0.0, "Yardstick/0.1", lambda found: True) == 3

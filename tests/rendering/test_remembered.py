"""That a dealer's pages need a browser is remembered from run to run, and tried out again after a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inventory.ledger import SHELLS_REMEMBERED, Begun, DealerFacts, Report, begin, end
from tests.inventory.yard import START

ACME = DealerFacts("acme", "equipment")
LEASE = timedelta(minutes=1)


def crawled(engine, at, **said):
    """Whether a crawl at this time began with the browser; it ends with this report."""
    begun = begin(engine, ACME, "one", LEASE, at, narrowed=False, limited=False)
    assert isinstance(begun, Begun)
    assert end(engine, "acme", "one", begun.crawl_id, Report("healthy", "", **said), at + LEASE)
    return begun.browser_first


@pytest.mark.parametrize(("later", "straight"), [(timedelta(hours=1), True), (SHELLS_REMEMBERED + LEASE * 2, False)])
def test_after_shells_the_next_crawls_begin_with_the_browser_for_a_time(any_writer, later, straight):
    assert not crawled(any_writer, START, shells_seen=True)
    assert crawled(any_writer, START + later) is straight


def test_a_dealer_that_shows_its_stock_is_never_sent_to_a_browser(any_writer):
    assert not crawled(any_writer, START, pages_rendered=1)
    assert not crawled(any_writer, START + LEASE)

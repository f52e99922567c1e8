"""What comes of a redirect to a page that was asked before."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from scrapy import Request, Spider
from scrapy.utils.test import get_crawler

from crawler.fetching.breakers import Breakers
from crawler.frontier.vanishing import Vanishing
from crawler.tracking.crawl_book import CrawlBook
from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk
from crawler.tracking.failure_book import FailureBook
from tests.crawler.dealer_files import dealer


class Around:
    """A crawl, and the books that are told of it."""

    def __init__(self):
        self.walk = SectionWalk(pages=1)
        self.crawl = DealerCrawl(dealer(), 7, {"all": self.walk}, time.monotonic())
        self.told, self.written = [], []
        crawler = get_crawler(Spider)
        book = CrawlBook(crawler, None, 60.0, 60.0)
        book.crawls["acme"] = self.crawl
        breakers = SimpleNamespace(failed=lambda dealer, name: self.told.append(name))
        failures = SimpleNamespace(failed=lambda crawl, request, visit, error: self.written.append(visit.url))
        crawler.get_extension = {CrawlBook: book, Breakers: breakers, FailureBook: failures}.get
        self.vanishing = Vanishing(crawler)


def led(source, target, kind="detail"):
    visit = {"url": f"https://acme.example/{source}", "kind": kind, "section": "all"}
    return Request(f"https://acme.example/{target}", cb_kwargs={"dealer": "acme", "visit": visit})


@pytest.fixture
def around():
    return Around()


def test_sold_goods_that_lead_to_a_page_the_dealer_links_are_gone(around):
    around.vanishing.vanished(led("machine/1", "used"), "acme")
    assert around.walk.complete
    assert around.walk.unread == 0


def test_goods_that_lead_to_a_page_that_only_redirects_lead_to_could_not_be_read(around):
    around.vanishing.queued(led("machine/1", "busy"), "acme")
    for number in (2, 3):
        around.vanishing.vanished(led(f"machine/{number}", "busy"), "acme")
    assert around.walk.unread == 2


def test_a_job_that_is_gone_on_with_does_not_know_what_was_linked(around):
    around.vanishing.forgot("acme")
    around.vanishing.vanished(led("machine/1", "used"), "acme")
    assert around.walk.unread == 1


def test_a_page_of_a_section_that_leads_back_leaves_it_incomplete(around):
    around.vanishing.vanished(led("used?page=5", "used", "section"), "acme")
    assert not around.walk.complete


@pytest.mark.parametrize("kind", ["detail", "section"])
def test_what_leads_to_a_page_that_was_blocked_is_blocked_too(around, kind):
    around.crawl.blocked.add("https://acme.example/pardon")
    around.vanishing.queued(led("machine/1", "pardon", kind), "acme")
    around.vanishing.vanished(led("machine/2", "pardon", kind), "acme")
    assert around.crawl.errors == {"blocked": 1}
    assert (around.walk.unread, around.walk.failed_pages) == ((1, 0) if kind == "detail" else (0, 1))
    assert around.told == ["blocked"]
    assert around.written == ["https://acme.example/machine/2"]


def test_where_pages_are_counted_up_one_that_leads_back_is_behind_the_last(around):
    around.crawl.dealer = dealer(sections={"all": ["/used?page={page}"]})
    request = led("used?page=6", "used?page=1", "section")
    request.cb_kwargs["visit"]["page_number"] = 6
    around.vanishing.vanished(request, "acme")
    assert around.walk.complete

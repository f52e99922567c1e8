"""Redirects to a page that was asked before: nothing comes of them, and the dealer's account says what that means."""

from __future__ import annotations

from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.fetching.breakers import breakers_of
from crawler.frontier.account import add
from crawler.platforms.visit import Visit
from crawler.tracking.crawl_book import crawl_book_of, token_of
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import Refused
from crawler.tracking.failure_book import failure_book_of
from crawler.tracking.retry_marks import LED

BLOCKED: Final = "blocked"
REDIRECTED: Final = "redirect_times"
"""In a request's `meta`, by Scrapy: it was led here by another page."""


class Vanishing:
    """What became of redirects, by dealer.

    A section's page that is not sent leaves its section incomplete, unless it is one that was counted up to. A detail
    that leads to a page which the dealer links itself is gone (sold goods lead to their list) or is read there. One
    that leads where only redirects lead (a login, a notice) could not be read, and may well be there.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._led_to: dict[str, set[bytes]] = {}
        self._unknown: set[str] = set()

    def forgot(self, dealer: str) -> None:
        """What a dealer's redirects led to so far is not known: its crawl is gone on with."""
        self._unknown.add(dealer)

    def queued(self, request: Request, dealer: str) -> None:
        """A redirect leads to a page that was not asked before."""
        self._led_to.setdefault(dealer, set()).add(self._mark(request))

    def vanished(self, request: Request, dealer: str) -> None:
        """A redirect leads to a page that was asked before, and is let go of."""
        crawl = crawl_book_of(self._crawler).crawls[dealer]
        if leads_to_a_block(self._crawler, crawl, request):
            return
        linked, led = costs_of(crawl, Visit(**request.cb_kwargs["visit"]))
        only_led = dealer in self._unknown or self._mark(request) in self._led_to.get(dealer, ())
        add(crawl, led if only_led else linked)

    def _mark(self, request: Request) -> bytes:
        assert self._crawler.request_fingerprinter is not None
        return self._crawler.request_fingerprinter.fingerprint(request)


def is_led(request: Request) -> bool:
    """Whether a request was led to another page just now: not one that is asked for there again."""
    return bool(request.meta.get(REDIRECTED, 0) > request.meta.get(LED, 0))


def arrived(request: Request) -> None:
    """It is queued for the page that it was led to."""
    request.meta[LED] = request.meta[REDIRECTED]


def leads_to_a_block(crawler: Crawler, crawl: DealerCrawl, request: Request) -> bool:
    """Whether a request is led to what is known as a block page: then that is its failure, counted in `crawl`."""
    if request.url not in crawl.blocked:
        return False
    dealer, visit = crawl.dealer.name, Visit(**request.cb_kwargs["visit"])
    error = Refused(BLOCKED, f"{visit.url} leads to a block page")
    failure_book_of(crawler).failed(crawl, request, visit, error)
    crawl_book_of(crawler).failed(dealer, error, request.url, token_of(request))
    walk = crawl.sections[visit.section]
    walk.failed_pages += visit.kind == "section"
    walk.unread += visit.kind == "detail"
    breakers_of(crawler).failed(dealer, BLOCKED)
    return True


def costs_of(crawl: DealerCrawl, visit: Visit) -> tuple[dict[str, int], dict[str, int]]:
    """What it counts that a visit was led to a page asked before: one that is linked; one that only redirects know."""
    if visit.kind == "detail":
        return {}, {f"sections.{visit.section}.unread": 1}
    # Pages that are counted up are asked for until there are none: many lists then lead back to their first.
    counted = any("{page}" in url for url in crawl.dealer.sections.get(visit.section, ()))
    cost = {} if counted and visit.page_number > 1 else {f"sections.{visit.section}.truncated": 1}
    return cost, cost

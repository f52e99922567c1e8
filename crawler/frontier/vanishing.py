"""Redirects to a page that was asked before: nothing comes of them, and the dealer's account says what that means."""

from __future__ import annotations

from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.fetching.breakers import breakers_of
from crawler.platforms.visit import Visit
from crawler.tracking.crawl_book import crawl_book_of, token_of
from crawler.tracking.error_class import Refused
from crawler.tracking.failure_book import failure_book_of

BLOCKED: Final = "blocked"


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
        book, visit = crawl_book_of(self._crawler), Visit(**request.cb_kwargs["visit"])
        crawl = book.crawls[dealer]
        walk = crawl.sections[visit.section]
        if request.url in crawl.blocked:
            error = Refused(BLOCKED, f"{visit.url} leads to a block page")
            failure_book_of(self._crawler).failed(crawl, request, visit, error)
            book.failed(dealer, error, request.url, token_of(request))
            walk.failed_pages += visit.kind == "section"
            walk.unread += visit.kind == "detail"
            breakers_of(self._crawler).failed(dealer, BLOCKED)
        elif visit.kind == "section":
            # Pages that are counted up are asked for until there are none: many lists then lead back to their first.
            counted = any("{page}" in url for url in crawl.dealer.sections[visit.section])
            walk.truncated |= not (counted and visit.page_number > 1)
        elif dealer in self._unknown or self._mark(request) in self._led_to.get(dealer, ()):
            walk.unread += 1

    def _mark(self, request: Request) -> bytes:
        assert self._crawler.request_fingerprinter is not None
        return self._crawler.request_fingerprinter.fingerprint(request)

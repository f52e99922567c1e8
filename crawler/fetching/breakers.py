"""Each dealer's circuit breaker at work: an extension that middlewares tell of answers and failures."""

from __future__ import annotations

import logging
import time

from scrapy.crawler import Crawler

from crawler.fetching.breaker import GIVEN_UP, Breaker, BreakerRules
from crawler.fetching.politeness import put_back
from crawler.fetching.retry_rule import rule_of
from crawler.frontier.holding import scheduler_of
from crawler.tracking.crawl_book import crawl_book_of
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl
from inventory.log_lines import event
from inventory.settings import load_settings

logger = logging.getLogger(__name__)


class Breakers:
    """Pauses a dealer that keeps failing (the others go on), tries it with one request, and gives it up in the end."""

    def __init__(self, crawler: Crawler, rules: BreakerRules) -> None:
        self._crawler = crawler
        self._rules = rules
        self._by_dealer: dict[str, Breaker] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Breakers:
        """Scrapy's constructor."""
        pause_s = load_settings().breaker_pause_s
        breakers = cls(crawler, BreakerRules(pause_s=pause_s, longest_s=max(20 * pause_s, 1.0)))
        crawler.signals.connect(breakers.crawl_began, crawl_began)
        return breakers

    def crawl_began(self, crawl: DealerCrawl) -> None:
        """A dealer's next crawl in the same process begins with a good word."""
        self._by_dealer.pop(crawl.dealer.name, None)

    def succeeded(self, dealer: str) -> None:
        """An answer came that the server meant, whatever it said."""
        breaker = self._by_dealer.get(dealer)
        if breaker is not None and breaker.succeeded(time.time()):
            closed = event("breaker_closed", **crawl_book_of(self._crawler).crawls[dealer].name_fields())
            logger.info("%s: answers again", dealer, extra=closed)
            scheduler_of(self._crawler).release(dealer)

    def failed(self, dealer: str, error_class: str) -> None:
        """A request failed, whether or not it is asked again. Classes that only speak of one page are passed over."""
        if not rule_of(error_class).trouble:
            return
        now = time.time()
        breaker = self._by_dealer.setdefault(dealer, Breaker(self._rules))
        if breaker.failed(now):
            self._opened(dealer, breaker, error_class, now)

    def _opened(self, dealer: str, breaker: Breaker, error_class: str, now: float) -> None:
        book = crawl_book_of(self._crawler)
        why = f"it keeps failing ({error_class})"
        if breaker.state(now) == "given_up" or breaker.until - now >= book.seconds_left(dealer):
            book.cut_short(dealer, GIVEN_UP, f"{why}, after {breaker.opens - 1} pauses as well", error_class)
            return
        crawl = book.crawls[dealer]
        crawl.pauses += 1
        fields = crawl.name_fields() | {"class": error_class, "seconds": round(breaker.until - now, 1)}
        logger.info("%s: %s: pause %d", dealer, why, crawl.pauses, extra=event("breaker_opened", **fields))
        scheduler_of(self._crawler).hold(dealer, breaker.until, why, probe=True)
        assert self._crawler.engine is not None
        put_back(self._crawler.engine.downloader, dealer)


def breakers_of(crawler: Crawler) -> Breakers:
    """The breakers of a run; crawler.settings enables them."""
    found = crawler.get_extension(Breakers)
    assert found is not None
    return found

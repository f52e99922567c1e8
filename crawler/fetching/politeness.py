"""How fast a dealer is asked: a download slot of its own, and one function that slows it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.dealers.declaration import Dealer
from crawler.frontier.holding import Slowing
from crawler.tracking.error_class import Refused

logger = logging.getLogger(__name__)

MAX_DELAY_S: Final = 300.0
"""A Crawl-delay above five minutes is taken as five: such a site is better read by a feed, and is said in the log."""

TOO_MANY_REQUESTS_DELAY_S: Final = 2.0
"""Seconds between two requests to a dealer that said 429 once."""

REQUESTS_A_DEALER: Final = 8
"""Requests under way or waiting in the downloader for each dealer, so that none of them fills it alone."""


def delay_for(dealer: Dealer, default_delay_s: float) -> float:
    """Seconds between two requests: the file's word, else the default, and none on this very machine."""
    if dealer.delay_s is not None:
        return dealer.delay_s
    return 0.0 if dealer.on_loopback else default_delay_s


def download_slots(dealers: Iterable[Dealer], default_delay_s: float) -> dict[str, dict[str, Any]]:
    """`DOWNLOAD_SLOTS` for a run: a slot a dealer. Without jitter: a promised rate is kept, not roughly kept."""
    return {
        dealer.name: {
            "concurrency": dealer.concurrency if not dealer.on_loopback else max(dealer.concurrency, 8),
            "delay": delay_for(dealer, default_delay_s),
            "jitter": 0,
        }
        for dealer in dealers
    }


def concurrency_for(dealers: Iterable[Dealer], at_least: int) -> int:
    """`CONCURRENT_REQUESTS` for a run."""
    return max(at_least, REQUESTS_A_DEALER * len(list(dealers)))


def slow_down(downloader: Downloader, dealer: str, delay_s: float) -> bool:
    """Let at least `delay_s` pass between two requests to a dealer from now on; False where it does already.

    Both the living slot and what a new one is made from are set: the downloader forgets idle slots.
    """
    settings: Mapping[str, Any] = downloader.per_slot_settings.get(dealer, {})
    wanted = min(delay_s, MAX_DELAY_S)
    if wanted <= settings.get("delay", 0.0):
        return False
    downloader.per_slot_settings[dealer] = {**settings, "delay": wanted, "concurrency": 1, "jitter": 0}
    if slot := downloader.slots.get(dealer):
        slot.delay, slot.concurrency = wanted, 1
    return True


def slow_dealer(crawler: Crawler, dealer: str, delay_s: float, why: str) -> None:
    """`slow_down` for a run, or for all processes where the scheduler keeps their pace; said once in the log."""
    engine = crawler.engine
    if engine is None:
        return
    slower = engine.scheduler.slow_down if isinstance(engine.scheduler, Slowing) else None
    if slower(dealer, delay_s) if slower else slow_down(engine.downloader, dealer, delay_s):
        logger.info("%s %s: slower from now on", dealer, why)


class PutBack(Exception):
    """A request that has not left yet goes back into the queue: its dealer is to be left alone."""


def put_back(downloader: Downloader, dealer: str) -> None:
    """Let no further request leave for a dealer of those that the downloader has already; they fail with `PutBack`.

    Those for robots.txt stay: others wait for what it says. Pictures are not queued again: they fail with `Refused`.
    """
    slot = downloader.slots.get(dealer)
    if slot is None:
        return
    waiting = list(slot.queue)
    slot.queue.clear()
    slot.queue.extend(entry for entry in waiting if "dont_obey_robotstxt" in entry[0].meta)
    for request, answer in waiting:
        if "dont_obey_robotstxt" not in request.meta:
            told = f"{dealer} is to be left alone"
            error = PutBack(told) if "token" in request.meta else Refused("left_alone", told)
            answer.errback(Failure(error))  # type: ignore[no-untyped-call]

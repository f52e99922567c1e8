"""A line of the log for each batch that is stored: at INFO where the log is JSON, for machines; else at DEBUG."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from scrapy.crawler import Crawler

from inventory.listing import Listing
from inventory.log_lines import event
from inventory.settings import load_settings
from pipelines.outcomes import listings_stored

logger = logging.getLogger(__name__)


class BatchEvents:
    """Hears of batches. What else happens to a crawl (it begins, pages fail, it is closed) the crawl book says."""

    def __init__(self, level: int) -> None:
        self._level = level

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BatchEvents:
        """Scrapy's constructor."""
        events = cls(logging.INFO if load_settings().log_format == "json" else logging.DEBUG)
        crawler.signals.connect(events.stored, listings_stored)
        return events

    def stored(self, outcomes: Sequence[tuple[Listing, str]], seconds: float = 0.0) -> None:
        """A batch is committed."""
        if not logger.isEnabledFor(self._level):
            return
        fields = event("batch_stored", listings=len(outcomes), seconds=round(seconds, 3), crawls=crawls_of(outcomes))
        logger.log(self._level, "%d listings stored in %.2f s", len(outcomes), seconds, extra=fields)


def crawls_of(outcomes: Sequence[tuple[Listing, str]]) -> list[dict[str, Any]]:
    """Which crawls a batch was of: crawl, dealer, and how many of its listings were new, changed, unchanged, again."""
    counted = Counter((listing.crawl_id, listing.dealer, outcome) for listing, outcome in outcomes)
    found: dict[tuple[int | None, str], dict[str, Any]] = {}
    for (crawl_id, dealer, outcome), n in counted.items():
        found.setdefault((crawl_id, dealer), {"crawl": crawl_id, "dealer": dealer})[outcome] = n
    return list(found.values())

"""What a dealer's page gives: read by its platform, or remembered where the page has not changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response

from crawler.platforms.base import BrokenRecord, CutShort, Found, UnreadablePage
from crawler.platforms.in_pieces import in_pieces
from crawler.platforms.visit import Visit
from crawler.revisits.memory import NOT_MODIFIED, UNREADABLE, finished, follow
from crawler.tracking.dealer_crawl import BROKEN_RECORD, LIST_CUT_SHORT, DealerCrawl
from inventory.listing import Listing
from inventory.pages import PageRead, PageUnchanged

if TYPE_CHECKING:
    from crawler.spiders.base import DealerSpider


class Pages:
    """Reads pages for a spider, which makes requests of what they lead to."""

    def __init__(self, spider: DealerSpider) -> None:
        self._spider = spider

    async def given(self, response: Response, crawl: DealerCrawl, here: Visit) -> AsyncIterator[Any]:
        """What a page gives: read from it, or remembered where the answer says that it has not changed."""
        if unchanged := crawl.memory.unchanged(here, response):
            page, sighting = unchanged
            for found in self._within(crawl, here, iter(await self._spider.book.follows(page)), None):
                yield found
            yield sighting
            if UNREADABLE in page.dropped:
                raise UnreadablePage("is as it was when it could not be read")
            return
        if response.status == NOT_MODIFIED:
            raise UnreadablePage("answers 304 to a question without conditions")
        platform = self._spider.platforms[crawl.dealer.name]
        read = platform.read_section if here.kind == "section" else platform.read_detail
        reading = crawl.memory.reading(here, response, crawl.dealer.without_secrets)
        found_any = False
        try:
            async for piece in in_pieces(response, read(response, here)):
                for found in self._within(crawl, here, iter(piece), reading):
                    found_any = True
                    yield found
        except Exception as error:
            if reading is not None:
                if here.kind == "detail" and isinstance(error, UnreadablePage):
                    reading.dropped[UNREADABLE] = 1
                else:
                    reading.broken = True  # what it gave before is stored, and no account of it stays open
                yield finished(reading)
            raise
        if here.kind == "detail" and not found_any:
            self._dropped(crawl, reading, "no_offer")
            self._spider.logger.debug("%s: no offer on %s", crawl.dealer.name, response.url)
        if reading is not None:
            yield finished(reading)

    def _within(
        self, crawl: DealerCrawl, here: Visit, found: Iterator[Found], reading: PageRead | None
    ) -> Iterator[Request | Listing | PageUnchanged]:
        """What a page led to, as far as `limit` and `max_pages` allow; noted in the account of the page's reading."""
        walk = crawl.sections[here.section]
        for entry in found:
            if isinstance(entry, BrokenRecord):
                self._dropped(crawl, reading, BROKEN_RECORD)
                walk.unread += 1
                self._spider.logger.warning(
                    "%s: a record of %s cannot be read: %s", crawl.dealer.name, here.url, entry.reason
                )
                continue
            if isinstance(entry, CutShort):
                self._dropped(crawl, reading, LIST_CUT_SHORT)
                walk.truncated = True
                self._spider.logger.warning("%s: %s is not complete: %s", crawl.dealer.name, here.url, entry.reason)
                continue
            listing = isinstance(entry, Listing) and here.kind == "section"
            if (listing or isinstance(entry, Visit)) and not crawl.has_room:
                walk.truncated = True
                return
            crawl.asked += listing or (isinstance(entry, Visit) and entry.kind == "detail")
            if isinstance(entry, Visit):
                if reading is not None:
                    follow(reading, entry)
                if not crawl.memory.was_skipped(entry):
                    yield crawl.memory.skipped(entry) or self._spider.request(crawl, entry)
            else:
                if reading is not None:
                    reading.expected += 1
                yield entry
        if here.kind == "section" and here.page_number >= crawl.dealer.walk.max_pages:
            walk.truncated = True

    def _dropped(self, crawl: DealerCrawl, reading: PageRead | None, reason: str) -> None:
        crawl.dropped[reason] += 1
        if reading is not None:
            reading.dropped[reason] = reading.dropped.get(reason, 0) + 1

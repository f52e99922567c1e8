"""Pipeline 400: the keys by which a listing is known again; a second sight in one crawl is dropped."""

from __future__ import annotations

from scrapy.crawler import Crawler

from inventory.listing import Listing
from inventory.pages import CrawlItem, PageUnchanged
from pipelines.adapter import ListingPipeline
from pipelines.identity.keys import identify
from pipelines.outcomes import Unusable


class Identify(ListingPipeline):
    """See `pipelines.identity`. Drops a listing that this crawl has seen already (two sections, two addresses)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._seen: set[tuple[str, str]] = set()

    def process_item(self, item: CrawlItem) -> CrawlItem:
        """Scrapy's call; an unchanged page loses the listings that this crawl has seen already."""
        if isinstance(item, PageUnchanged):
            self._leave_out_what_was_seen(item)
        return super().process_item(item)

    def step(self, listing: Listing) -> None:
        """Fill identity_key, serial_key and content_hash."""
        identify(listing)
        assert listing.identity_key is not None
        key = (listing.dealer, listing.identity_key)
        if key in self._seen:
            raise Unusable("seen_twice", listing.identity_key)
        self._seen.add(key)

    def _leave_out_what_was_seen(self, page: PageUnchanged) -> None:
        for group in page.listings.values():
            for listing_id, identity_key in list(group.items()):
                if (page.dealer, identity_key) in self._seen:
                    del group[listing_id]
                    page.seen_twice += 1
                self._seen.add((page.dealer, identity_key))

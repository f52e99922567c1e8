"""Pipeline 400: the keys by which a listing is known again; a second sight in one crawl is dropped."""

from __future__ import annotations

from scrapy.crawler import Crawler

from inventory.listing import Listing
from pipelines.adapter import ListingPipeline
from pipelines.identity.keys import identify
from pipelines.outcomes import Unusable


class Identify(ListingPipeline):
    """See `pipelines.identity`. Drops a listing that this crawl has seen already (two sections, two addresses)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._seen: set[tuple[str, str]] = set()

    def step(self, listing: Listing) -> None:
        """Fill identity_key, serial_key and content_hash."""
        identify(listing)
        assert listing.identity_key is not None
        key = (listing.dealer, listing.identity_key)
        if key in self._seen:
            raise Unusable("seen_twice", listing.identity_key)
        self._seen.add(key)

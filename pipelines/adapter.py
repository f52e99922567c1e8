"""The base of the thin Scrapy pipelines: a pure function over a listing, with what it needs from the run."""

from __future__ import annotations

from scrapy.crawler import Crawler

from inventory.listing import Listing
from inventory.pages import CrawlItem


class ListingPipeline:
    """Choose it for a step that only looks at one listing. Override `step`; raise `Unusable` to drop the listing.

    Example::

        class Classify(ListingPipeline):
            def step(self, listing: Listing) -> None:
                infer_category_and_model(listing)
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ListingPipeline:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_item(self, item: CrawlItem) -> CrawlItem:
        """Scrapy's call for each listing, and for pages, which pass."""
        if isinstance(item, Listing):
            self.step(item)
        return item

    def step(self, listing: Listing) -> None:
        """Change the listing in place."""
        raise NotImplementedError

"""The spider of `scrapy work`: knows every dealer of both verticals, and works at whatever is queued."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

from scrapy import Request

from crawler.dealers.declaration import Dealer
from crawler.dealers.errors import DealerFileError
from crawler.dealers.loading import load_dealer
from crawler.frontier.shared_book import shared_book_of
from crawler.platforms import PlatformError, platform_of
from crawler.spiders.arguments import Narrowing
from crawler.spiders.base import DealerSpider
from crawler.spiders.plan import Planned, plan
from inventory.listing import Vertical
from inventory.settings import load_settings

logger = logging.getLogger(__name__)

VERTICALS: tuple[Vertical, ...] = ("equipment", "dog")


class WorkSpider(DealerSpider):
    """Stands outside SPIDER_MODULES: it is no vertical to be crawled."""

    name = "work"
    vertical: ClassVar[Vertical] = "equipment"  # of nothing that it tells: its dealers have their own

    @classmethod
    def planned_of(cls, dealers: Mapping[str, Dealer], narrowing: Narrowing) -> list[Planned]:
        """All of them."""
        return [entry for vertical in VERTICALS for entry in plan(dealers, vertical, narrowing)]

    async def start(self) -> AsyncIterator[Request]:
        """Nothing of its own: until it is stopped."""
        book = shared_book_of(self.crawler)
        assert book is not None
        await book.work()
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    def dealer_named(self, name: str) -> Dealer | None:
        """A dealer as its file says now: files are read anew with each crawl. None where there is no usable one."""
        file = load_settings().dealers_dir / f"{name}.toml"
        try:
            dealer = load_dealer(file, os.environ)
            self.platforms[name] = platform_of(dealer)
        except (DealerFileError, PlatformError) as error:
            logger.warning("%s", error)
            return None
        self.facts[name] = {"currency": dealer.currency, "country": dealer.country}
        return dealer

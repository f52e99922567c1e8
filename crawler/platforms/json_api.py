"""A paged JSON address, described by a JMESPath map in the dealer's file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urljoin

import jmespath
from scrapy.http import Response

from crawler.platforms.base import Found, Platform
from crawler.platforms.records import find_items, mapped, read_json
from crawler.platforms.visit import Visit


class JsonApi(Platform):
    """Stock that arrives by JSON, as behind most single-page apps.

    Choose it where the browser's network panel shows a request whose answer is the stock. Set `[sections]` to its
    address, with `{page}` where it is paged by number; `[items] path` to the array, `next` to the next page's URL
    or number if the answer names it; and `[map]` our field = JMESPath within an item (or a template such as
    `/machine/{id}` over its keys).

    Example::

        [sections]
        all = "/api/stock?page={page}"
        [items]
        path = "results"
        [map]
        external_id = "id"
        price = "price.amount"
        url = "/machine/{id}"
    """

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """Every item of the page, and the next page."""
        document = read_json(response.body)
        items = find_items(document, self.dealer.items.path)
        yield from self.each(items, partial(self._item, visit=visit))
        yield from self._following(document, visit, len(items), response.url)

    def _item(self, item: Any, visit: Visit) -> Iterator[Found]:
        if isinstance(item, dict):
            raw, provenance = mapped(item, self.dealer.map, by_path=True)
            yield from self.listing(raw, provenance, visit, self.dealer.url)

    def _following(self, document: object, visit: Visit, count: int, here: str) -> Iterator[Visit]:
        if self.dealer.items.next is None:
            yield from self.next_page(visit, count=count)
            return
        following = jmespath.search(self.dealer.items.next, document)
        if following in (None, "", False) or not count or visit.page_number >= self.dealer.walk.max_pages:
            return
        template = visit.known.get("template")
        if template and str(following).isdecimal():
            url = self.page_url(template, int(following))
        else:
            url = urljoin(here, str(following))
        yield Visit(url, "section", visit.section, visit.page_number + 1, dict(visit.known))

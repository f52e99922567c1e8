"""A file of the whole stock: CSV, TSV, JSON, JSON Lines or XML."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from scrapy.http import Response, TextResponse

from crawler.platforms.base import Found, Platform
from crawler.platforms.records import mapped, read_json, read_records
from crawler.platforms.visit import Visit


class Feed(Platform):
    """A dealer that publishes its stock as one file (or several, one a section).

    Choose it before any other: one request a crawl. Set `[sections]` to the file's address, `[items] format`, for
    JSON `path` (JMESPath of the array), for XML `path` (the element's name, `item` if not said), and `[map]` our
    field = their column.

    Example::

        [sections]
        all = "/feed/stock.csv"
        [items]
        format = "csv"
        [map]
        external_id = "Stock No"
        price = "Price"
    """

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """Every record of the file."""
        form = self.dealer.items.format
        assert form is not None  # the declaration refuses a feed without one
        encoding = response.encoding if isinstance(response, TextResponse) else "utf-8"
        by_path = form in ("json", "jsonl")
        records = read_records(response.body, form, self.dealer.items.path, encoding)
        yield from self.each(records, partial(self._record, by_path=by_path, visit=visit))

    def _record(self, record: Any, by_path: bool, visit: Visit) -> Iterator[Found]:
        """A row of JSON Lines comes as it stands, so that a broken one costs only itself."""
        said = read_json(record) if isinstance(record, bytes) else record
        if isinstance(said, dict):
            raw, provenance = mapped(said, self.dealer.map, by_path=by_path)
            yield from self.listing(raw, provenance, visit, self.dealer.url)

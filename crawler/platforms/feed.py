"""A file of the whole stock: CSV, TSV, JSON, JSON Lines, XML, or a Google Merchant feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from scrapy.http import Response

from crawler.platforms.base import BrokenRecord, Found, Platform
from crawler.platforms.feed_file import FeedFile
from crawler.platforms.feed_records import delimited, read_records
from crawler.platforms.google_merchant import ELEMENTS, google_record
from crawler.platforms.records import mapped
from crawler.platforms.visit import Visit
from crawler.platforms.xml_records import xml_records

GOOGLE: Final = "google_merchant"
MAX_BYTES: Final = 300 * 1024 * 1024
"""Of a feed as it is sent."""

TIMEOUT_S: Final = 600


class Feed(Platform):
    """A dealer that publishes its stock as one file (or several, one a section), plain or gzip.

    Choose it before any other: one request a crawl. Set `[sections]` to the file's address, `[items] format`, for
    JSON `path` (JMESPath of the array), for XML `path` (the element's name, `item` if not said), and `[map]` our
    field = their column. A child of an XML element goes by its name without prefix; one that stands several times or
    holds others is a list.

    `format = "google_merchant"` needs no `[map]`: RSS, Atom, TSV and CSV are told apart by what they hold. What
    `[map]` says there besides (field = their attribute) wins.

    A record that is broken costs only itself. A file that ends in its middle gives what it has; its section is then
    not complete. Files are read as a stream: only JSON is held in memory as a whole.

    Example::

        [sections]
        all = "/feed/stock.csv"
        [items]
        format = "csv"
        [map]
        external_id = "Stock No"
        price = "Price"
    """

    def entrances(self, sections: Iterable[str]) -> Iterator[Visit]:
        """The files. A Google feed is another one each day: its sale prices come into force without a change in it."""
        today = {"day": datetime.now(UTC).date().isoformat()} if self.dealer.items.format == GOOGLE else {}
        for visit in super().entrances(sections):
            yield replace(visit, known=visit.known | today)

    def request_meta(self, visit: Visit) -> dict[str, Any]:
        """A file of the whole stock may be larger, and slower, than a page."""
        return {"download_maxsize": MAX_BYTES, "download_timeout": TIMEOUT_S}

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """Every record of the file."""
        form = self.dealer.items.format
        assert form is not None  # the declaration refuses a feed without one
        file = FeedFile(response)
        if form == GOOGLE:
            now = datetime.now(UTC)
            yield from self.each(self._google_records(file), partial(self._google, now=now, visit=visit))
            return
        by_path = form in ("json", "jsonl")
        records = read_records(file, form, self.dealer.items.path)
        yield from self.each(records, partial(self._record, by_path=by_path, visit=visit))

    def _google_records(self, file: FeedFile) -> Iterator[dict[str, Any] | BrokenRecord]:
        if file.head.lstrip().startswith("<"):
            names = (self.dealer.items.path,) if self.dealer.items.path else ELEMENTS
            return xml_records(file, *names)
        return delimited(file, None)

    def _google(self, said: dict[str, Any] | BrokenRecord, now: datetime, visit: Visit) -> Iterator[Found]:
        if isinstance(said, BrokenRecord):
            yield said
            return
        raw, provenance = google_record(said, now)
        own_raw, own_provenance = mapped(said, self.dealer.map, by_path=False)
        yield from self.listing(raw | own_raw, provenance | own_provenance, visit, self.dealer.url)

    def _record(self, said: Any, by_path: bool, visit: Visit) -> Iterator[Found]:
        if isinstance(said, BrokenRecord):
            yield said
        elif isinstance(said, dict):
            raw, provenance = mapped(said, self.dealer.map, by_path=by_path)
            yield from self.listing(raw, provenance, visit, self.dealer.url)

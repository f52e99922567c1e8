"""A recorded page: what a dealer sent, how it is read, and what a person agreed that it says.

A folder with `page.html.gz` (or `.json`, `.csv`, `.xml`: what was sent) and `expected.json`:

    url, content_type, vertical   of the page (these alone are enough for a page of any site)
    kind, section, known          a `detail` page (if not said), or a `section` page whose records are listings
    dealer                        what of the dealer's file decides how it is read (platform, [selectors], [map], …)
    read_on                       the day, since a year that lies ahead is none
    expected                      field → value; a list of them where the page gives several; null where it gives none
    count                         how many listings, where `expected` holds the first of them only
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from scrapy.http import TextResponse

from crawler.dealers.declaration import Dealer
from crawler.platforms import platform_of
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from pipelines.chain import read_listing
from pipelines.outcomes import Unusable

EXPECTED_FILE: Final = "expected.json"
FIRST_READ_ON: Final = date(2026, 11, 21)
"""The day of fixtures that say none."""

MAX_EXPECTED: Final = 5
"""Listings of one page that a person is asked to look at."""

FIELDS: Final = (
    *("title", "category", "brand", "make", "model", "year", "hours", "serial_number"),
    *("external_id", "sku", "mpn", "gtin", "product_group", "price", "regular_price", "currency", "price_status"),
    *("offer_type", "price_period", "price_tax", "availability", "quantity", "condition", "city", "region", "country"),
    *("rating", "rating_count", "operating_weight_kg", "net_weight_g", "life_stage", "food_form"),
)
"""What is expected: what a person can compare with the page at a glance (no descriptions, images, or size rules)."""

NAMED_EVEN_IF_MISSING: Final[Mapping[str, tuple[str, ...]]] = {
    "equipment": ("title", "make", "model", "year", "hours", "serial_number", "price", "currency"),
    "dog": ("title", "brand", "sku", "price", "currency"),
}
"""Fields whose absence should be seen by whoever checks."""

_OF_DEALER: Final = frozenset({"platform", "url", "country", "currency", "walk", "selectors", "items", "map"})


@dataclass(frozen=True, slots=True)
class Fixture:
    """A page as it was sent and how it is read."""

    url: str
    body: bytes
    content_type: str | None
    encoding: str | None
    dealer: Dealer
    visit: Visit
    read_on: date

    def listings(self) -> list[Listing]:
        """What the dealer's platform and the whole chain read now, as a crawl would."""
        platform = platform_of(self.dealer)
        headers = {"Content-Type": self.content_type} if self.content_type else {}
        response = TextResponse(self.url, headers=headers, body=self.body, encoding=self.encoding or "utf-8")
        read = platform.read_section if self.visit.kind == "section" else platform.read_detail
        found = []
        for entry in read(response, self.visit):
            if isinstance(entry, Listing):
                try:
                    read_listing(entry, currency=self.dealer.currency, country=self.dealer.country, today=self.read_on)
                except Unusable:
                    continue
                found.append(entry)
        return found

    def as_json(self) -> dict[str, Any]:
        """`expected.json` with what is read now."""
        hidden = self.dealer.without_secrets
        declared = self.dealer.model_dump(mode="json", exclude_defaults=True, include=set(_OF_DEALER))
        listings = self.listings()
        said: dict[str, Any] = {
            "url": hidden(self.url),
            "content_type": self.content_type,
            "encoding": self.encoding,
            "vertical": self.dealer.vertical,
            "kind": self.visit.kind,
            "section": self.visit.section,
            "known": json.loads(hidden(json.dumps(dict(self.visit.known)))),
            "dealer": json.loads(hidden(json.dumps(declared))),
            "read_on": self.read_on.isoformat(),
        }
        if len(listings) > MAX_EXPECTED:
            said["count"] = len(listings)
        values = [expected_of(listing) for listing in listings[:MAX_EXPECTED]]
        said["expected"] = (values[0] if len(values) == 1 else values) if values else None
        return {name: value for name, value in said.items() if name == "expected" or value not in (None, {}, "")}


def read_fixture(folder: Path) -> tuple[Fixture, dict[str, Any]]:
    """A recorded page and what its `expected.json` says."""
    said = json.loads((folder / EXPECTED_FILE).read_text(encoding="utf-8"))
    (page,) = folder.glob("page.*.gz")
    facts = {"platform": "schema_org", "url": said["url"], "sections": {"all": "/"}} | said.get("dealer", {})
    section = said.get("section", "all")
    return Fixture(
        url=said["url"],
        body=gzip.decompress(page.read_bytes()),
        content_type=said.get("content_type"),
        encoding=said.get("encoding"),
        dealer=Dealer(name="recorded", title="Recorded", vertical=said["vertical"], **facts),
        visit=Visit(said["url"], said.get("kind", "detail"), section, known=said.get("known", {})),
        read_on=date.fromisoformat(said["read_on"]) if "read_on" in said else FIRST_READ_ON,
    ), said


def write_fixture(folder: Path, fixture: Fixture) -> dict[str, Any]:
    """Write a fixture whose folder is not there yet; what its `expected.json` says.

    Raises `FileExistsError` where something has that name. The same page gives the same bytes.
    """
    if folder.exists():
        raise FileExistsError(folder)
    said = fixture.as_json()
    unready = Path(mkdtemp(prefix=".new-", dir=folder.parent))
    unready.chmod(0o755)  # others of the repository's people read it too
    try:
        (unready / f"page.{form_of(fixture.body)}.gz").write_bytes(packed(fixture.body))
        text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
        (unready / EXPECTED_FILE).write_text(text, encoding="utf-8")
        unready.rename(folder)
    except BaseException:
        for file in unready.iterdir():
            file.unlink()
        unready.rmdir()
        raise
    return said


def packed(body: bytes) -> bytes:
    """The same bytes by gzip, without name and time."""
    file = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as pack:
        pack.write(body)
    return file.getvalue()


def form_of(body: bytes) -> str:
    """`json`, `xml`, `html` or `csv`, by how it begins."""
    head = body[:2000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head[:1] in (b"{", b"["):
        return "json"
    if head.startswith((b"<?xml", b"<rss", b"<feed")) and b"<html" not in head:
        return "xml"
    return "html" if head[:1] == b"<" else "csv"


def expected_of(listing: Listing) -> dict[str, Any]:
    """What is written down for a person to check: JSON values by field."""
    named = NAMED_EVEN_IF_MISSING[listing.vertical]
    found = {name: getattr(listing, name) for name in FIELDS}
    return {name: _json(value) for name, value in found.items() if value is not None or name in named}


def agrees(found: Any, expected: Any) -> bool:
    """Whether a value that was read is the one that was written down."""
    return bool(_json(found) == expected)


def _json(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)

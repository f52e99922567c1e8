"""A handful of listings, read with the draft as a crawl would read them: which fields are there, and how often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import Any, Final
from urllib.parse import urlsplit

from crawler.checking.looking import Look, look, spread
from crawler.dealers.declaration import INFERRED, Dealer
from crawler.fetching.asking import Answer, NotFetched
from crawler.platforms import platform_of
from crawler.platforms.shopify import META
from crawler.probing.site import Site
from inventory.listing import BOOKKEEPING, Listing

DETAILS: Final = 8
SECTIONS: Final = 4
NO_FIELDS: Final = BOOKKEEPING | INFERRED - {"size_label", "size_value"}
"""What a page does not say."""
PROMISED: Final = ("title", "price", "make", "model", "year", "hours", "brand", "sku")
"""Fields whose absence would tell that a site was rebuilt."""
_Z: Final = 1.645
"""One-sided 95 %."""
_LEAST_PROMISE: Final = 0.3


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """How many of the listings have a field, and what one of them says."""

    name: str
    found: int
    of: int
    example: str
    source: str


@dataclass(slots=True)
class Sample:
    """`asked`: detail pages, `no_offer`: those of them that offered nothing, `problems`: page → what went wrong."""

    listings: list[Listing] = field(default_factory=list)
    asked: int = 0
    no_offer: int = 0
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[FieldSeen]:
        """Every field that a listing has, the most frequent first among each kind."""
        found = []
        for name in Listing.__dataclass_fields__:
            having = [entry for entry in self.listings if _said(getattr(entry, name))]
            if name in NO_FIELDS or not having or (name == "price_tax" and not _any_tax(having)):
                continue
            source = having[0].provenance.get(name, "")
            found.append(FieldSeen(name, len(having), len(self.listings), _short(getattr(having[0], name)), source))
        return found


async def take_sample(site: Site, dealer: Dealer, today: date) -> Sample:
    """Ask for some sections and up to `DETAILS` pages spread over them."""
    platform = platform_of(dealer)
    entrances = spread(list(platform.entrances(dealer.sections)), SECTIONS)

    async def ask(url: str) -> Answer:
        """A shop that hides what it says of itself is read all the same, as in a crawl."""
        try:
            return await site.ask(url)
        except NotFetched:
            if urlsplit(url).path != META:
                raise
            return Answer(url, 404, b"")

    looked = await look(ask, platform, entrances, today, max_pages=len(entrances) + DETAILS, sections=len(entrances))
    return sample_of(looked)


def sample_of(looked: Look) -> Sample:
    """What the pages of a look gave."""
    sample = Sample()
    for page in looked.pages:
        sample.listings += page.listings
        if page.problem:
            sample.problems[page.url] = " ".join(page.problem)
        elif page.visit.kind == "detail":
            sample.asked += 1
            sample.no_offer += not page.count
    return sample


def fill_promise(sample: Sample) -> dict[str, float]:
    """For the fields that matter, the share that the sample proves: the lower bound of its confidence, by 0.05."""
    promise = {}
    for entry in sample.fields:
        if entry.name in PROMISED:
            share = int(_lower_bound(entry.found, entry.of) * 20) / 20
            if share >= _LEAST_PROMISE:
                promise[entry.name] = min(share, 0.95)
    return promise


def _lower_bound(found: int, of: int) -> float:
    """Wilson's lower bound of a share."""
    if not of:
        return 0.0
    share, z2 = found / of, _Z * _Z
    middle = share + z2 / (2 * of)
    width = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max((middle - width) / (1 + z2 / of), 0.0)


def _any_tax(listings: Iterable[Listing]) -> bool:
    return any(entry.price_tax != "unknown" for entry in listings)


def _said(value: Any) -> bool:
    return value not in (None, "", [], {})


def _short(value: Any) -> str:
    text = f"{value[0]} (+{len(value) - 1})" if isinstance(value, list) and len(value) > 1 else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"

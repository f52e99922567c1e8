"""F1 of each field on the made machine pages (tests/recorded/machines), through the extractor and the whole chain.

Half of the layouts, by name in turn, may be looked at while rules are written (`seen`); the others are only scored.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from bench.measured import Measured
from crawler.extraction.detail import read_detail
from crawler.extraction.page import Page
from inventory.listing import Listing
from pipelines.chain import read_listing
from pipelines.outcomes import Unusable

PAGES: Final = Path(__file__).parents[1] / "tests" / "recorded" / "machines"
WRITTEN_ON: Final = date(2026, 11, 22)
FIELDS: Final = (
    "make", "model", "year", "hours", "serial_number", "price", "currency", "price_status", "offer_type",
    "price_period", "price_tax", "availability", "condition", "city", "country", "title", "sku", "operating_weight_kg",
)  # fmt: skip
INFERRED: Final = frozenset({"operating_weight_kg"})
"""Known of the model where the page is silent: a value is then no mistake of the reading."""
WEIGHT_TOLERANCE: Final = 0.01


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page, what a careful person reads there, and what was read; `found` is None where no listing was."""

    name: str
    layout: str
    expected: dict[str, Any] | None
    ambiguous: frozenset[str]
    found: dict[str, Any] | None
    provenance: dict[str, str] = field(default_factory=dict)


def read_made_page(folder: Path) -> MadePage:
    """Read one folder's page as a crawl would, of a dealer whose file names neither currency nor country."""
    said = json.loads((folder / "expected.json").read_text())
    body = gzip.decompress((folder / "page.html.gz").read_bytes())
    extracted = read_detail(Page(said["url"], body, content_type=said["content_type"]), vertical="equipment")
    found, provenance = None, {}
    if extracted is not None:
        listing = Listing(
            dealer="made", vertical="equipment", url=said["url"], raw=extracted.raw, provenance=extracted.provenance
        )
        try:
            read_listing(listing, currency=None, country=None, today=WRITTEN_ON)
            found, provenance = listing.as_dict(), listing.provenance
        except Unusable:
            pass
    unsure = frozenset(said.get("ambiguous", ()))
    return MadePage(folder.name, said.get("layout", ""), said["expected"], unsure, found, provenance)


@cache
def made_pages() -> tuple[MadePage, ...]:
    """All of them, read once."""
    return tuple(read_made_page(file.parent) for file in sorted(PAGES.glob("*/expected.json")))


def seen_layouts() -> frozenset[str]:
    """The layouts that may be looked at."""
    return frozenset(sorted({page.layout for page in made_pages() if page.expected})[::2])


def agrees(name: str, expected: Any, found: Any) -> bool:
    """Whether a value is right: numbers as numbers, texts without case and spaces between signs."""
    if found is None or expected is None:
        return found is expected
    if name == "operating_weight_kg":
        return abs(float(found) - float(expected)) <= WEIGHT_TOLERANCE * float(expected)
    if isinstance(expected, int | float):
        return abs(float(found) - float(expected)) < 0.01
    if name in ("model", "serial_number", "sku"):
        return "".join(str(found).split()).upper() == "".join(str(expected).split()).upper()
    return str(found).split() == str(expected).split()


def f1_of(name: str, pages: Iterable[MadePage]) -> tuple[float, int]:
    """F1 of a field over the pages on which it is not ambiguous, and the number of values that were to be found.

    A wrong value counts as one too many and as one missed. Words for "not said" (`unknown`) are no values.
    """
    right = wrong = missed = 0
    for page in pages:
        if name in page.ambiguous:
            continue
        expected = _value((page.expected or {}).get(name))
        found = _value((page.found or {}).get(name))
        if name in INFERRED and expected is None:
            continue
        right += expected is not None and agrees(name, expected, found)
        wrong += found is not None and not agrees(name, expected, found)
        missed += expected is not None and not agrees(name, expected, found)
    return (2 * right / (2 * right + wrong + missed) if right + wrong + missed else 1.0), right + missed


def _value(said: Any) -> Any:
    return None if said == "unknown" else said


def measure() -> Iterator[Measured]:
    """F1 by field, over all pages and over the layouts that nobody looked at."""
    pages = made_pages()
    seen = seen_layouts()
    held_out = [page for page in pages if page.expected and page.layout not in seen]
    offers, others = [p for p in pages if p.expected], [p for p in pages if not p.expected]
    yield Measured("machine pages", "offers", len(offers), "pages")
    taken = sum(page.found is not None for page in others)
    yield Measured("machine pages", f"no offers ({len(others)}) taken for one", taken, "pages", "0")
    for name in FIELDS:
        f1, n = f1_of(name, pages)
        yield Measured("machine pages", f"{name} (n {n}), all", f1, "F1")
        f1, n = f1_of(name, held_out)
        yield Measured("machine pages", f"{name} (n {n}), layouts not looked at", f1, "F1")

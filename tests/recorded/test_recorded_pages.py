"""Every page recorded under pages/ is read as its expected.json says: one test a field.

A new page needs no code: a folder with page.html.gz (or what else was sent) and expected.json, in the form of
crawler/recording/fixture.py. `scrapy record DEALER` makes them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.recording.fixture import agrees, read_fixture
from inventory.listing import Listing

PAGES = sorted(path.parent for path in Path(__file__).parent.glob("pages/*/expected.json"))


def said_of(page: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((page / "expected.json").read_text(encoding="utf-8"))
    return said


def expected_of(page: Path) -> list[dict[str, Any]]:
    """What is expected of each of the page's listings (of the first ones, where there are many)."""
    expected = said_of(page)["expected"]
    return expected if isinstance(expected, list) else [] if expected is None else [expected]


FIELDS = [(page, at, field) for page in PAGES for at, values in enumerate(expected_of(page)) for field in values]


@cache
def listings_of(page: Path) -> list[Listing]:
    return read_fixture(page)[0].listings()


def test_there_are_recorded_pages():
    assert len(PAGES) >= 10


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_recorded_page_gives_as_many_listings_as_expected(page):
    assert len(listings_of(page)) == said_of(page).get("count", len(expected_of(page)))


@pytest.mark.parametrize(
    ("page", "at", "field"), FIELDS, ids=[f"{page.name}-{at}-{field}" for page, at, field in FIELDS]
)
def test_a_recorded_page_is_read_as_expected(page, at, field):
    assert len(listings_of(page)) > at, "the page gives no such listing"
    listing, expected = listings_of(page)[at], expected_of(page)[at][field]
    assert agrees(getattr(listing, field), expected), (
        f"{getattr(listing, field)!r} was read, {expected!r} is expected ({listing.provenance.get(field)})"
    )


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_value_of_a_recorded_page_names_its_source(page):
    for listing in listings_of(page):
        unsourced = [name for name in ("title", "price", "make", "model", "year") if getattr(listing, name) is not None]
        assert [name for name in unsourced if name not in listing.provenance] == []

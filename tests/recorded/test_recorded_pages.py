"""Every page recorded under pages/ is read as its expected.json says: one test a field.

A new page needs no code: a folder with page.html.gz and expected.json ({url, content_type, vertical, expected}).
"""

import gzip
import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from crawler.extraction.detail import read_detail
from crawler.extraction.page import Page
from inventory.listing import Listing
from pipelines.chain import read_listing

PAGES = sorted(path.parent for path in Path(__file__).parent.glob("pages/*/expected.json"))
FIELDS = [(page, field) for page in PAGES for field in json.loads((page / "expected.json").read_text())["expected"]]


@cache
def listing_of(page: Path) -> Listing:
    said = json.loads((page / "expected.json").read_text())
    body = gzip.decompress((page / "page.html.gz").read_bytes())
    found = read_detail(Page(said["url"], body, content_type=said["content_type"]), vertical=said["vertical"])
    assert found is not None, "the page gives no listing"
    listing = Listing(
        dealer="recorded", vertical=said["vertical"], url=said["url"], raw=found.raw, provenance=found.provenance
    )
    read_listing(listing, currency=None, country=None, today=date(2026, 11, 21))
    return listing


def test_there_are_recorded_pages():
    assert len(PAGES) >= 10


@pytest.mark.parametrize(("page", "field"), FIELDS, ids=[f"{page.name}-{field}" for page, field in FIELDS])
def test_a_recorded_page_is_read_as_expected(page, field):
    expected = json.loads((page / "expected.json").read_text())["expected"][field]
    found = getattr(listing_of(page), field)
    if isinstance(found, Decimal):
        expected = round(Decimal(str(expected)), 2)
    assert found == expected, listing_of(page).provenance.get(field)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_value_of_a_recorded_page_names_its_source(page):
    listing = listing_of(page)
    unsourced = [name for name in ("title", "price", "make", "model", "year") if getattr(listing, name) is not None]
    assert [name for name in unsourced if name not in listing.provenance] == []

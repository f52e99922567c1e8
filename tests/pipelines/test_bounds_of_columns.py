"""What no column or index can hold is refused by the cleaning, the same for both databases."""

from datetime import date

import pytest

from inventory.listing import Listing
from pipelines.cleaning.clean import MAX_URL, clean, refusals


def cleaned(url="https://a.example/1", **raw):
    listing = Listing(dealer="acme", vertical="equipment", url=url, raw={"title": "Cat 320", "external_id": "7"} | raw)
    clean(listing, currency=None, country=None, today=date(2026, 11, 21))
    return listing


def test_an_address_that_no_index_holds_is_left_out_and_said():
    listing = cleaned(url="https://a.example/" + "x" * MAX_URL)
    assert listing.url is None
    assert "characters" in refusals(listing)["url"]


@pytest.mark.parametrize("field", ["quantity", "rating_count"])
def test_a_count_beyond_an_integer_column_is_unknown(field):
    assert getattr(cleaned(**{field: 10**12}), field) is None
    assert getattr(cleaned(**{field: 12}), field) == 12


def test_nul_and_half_surrogates_are_taken_out_however_deep_they_stand():
    listing = cleaned(title="Cat\x00 320\ud800", specs=[["Wei\x00ght", {"a\x00": ["b\ud800"]}]])
    assert listing.title == "Cat 320"
    assert listing.raw["specs"] == [["Weight", {"a": ["b"]}]]

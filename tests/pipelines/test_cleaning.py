"""Raw text becomes typed fields; what cannot be read stays unknown, and what the page said stays beside it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dealers.declaration import SAYABLE_FIELDS
from inventory.listing import Listing
from pipelines.cleaning.clean import MAX_IMAGES, clean
from pipelines.outcomes import Unusable


def cleaned(url="https://acme.example/stock/1", **raw):
    listing = Listing(dealer="acme", vertical="equipment", url=url, raw={"title": "Cat 320"} | raw)
    clean(listing, currency="USD", country="US", today=date(2026, 3, 1))
    return listing


def test_texts_are_one_clean_line_and_bounded():
    listing = cleaned(title="  Cat\n 320\x00 ", make="x" * 999, description="One\n\ntwo")
    assert listing.title == "Cat 320"
    assert len(listing.make) == 100
    assert listing.description.splitlines()[0] == "One"
    assert listing.description.endswith("two")


@pytest.mark.parametrize("title", [None, "", "   ", {"a": 1}, True])
def test_a_listing_without_a_title_is_dropped_with_its_address(title):
    with pytest.raises(Unusable, match=r"no_title: https://acme\.example/stock/1"):
        cleaned(title=title)


def test_a_feed_without_a_title_has_one_made_of_its_parts():
    listing = cleaned(title=None, year="2015", make="Cat", model="320")
    assert listing.title == "2015 Cat 320"
    assert listing.provenance["title"] == "year + make + model"


def test_a_listing_without_address_and_number_is_dropped():
    with pytest.raises(Unusable) as dropped:
        cleaned(url=None)
    assert dropped.value.reason == "no_identity"
    assert cleaned(url=None, external_id=7).external_id == "7"


@pytest.mark.parametrize(
    ("location", "city", "region", "country"),
    [("Houston, TX", "Houston", "TX", "US"), ("89073 Ulm, Germany", "Ulm", None, "DE"), ("Yard 4", None, None, "US")],
)
def test_a_place_is_read_and_the_dealers_country_fills_the_gap(location, city, region, country):
    listing = cleaned(location=location)
    assert (listing.location, listing.city, listing.region, listing.country) == (location, city, region, country)
    assert ("country" in listing.provenance) == (city is None)


def test_a_place_said_in_parts_wins_over_the_text():
    listing = cleaned(location="Houston, TX", city="Dallas", country="Canada")
    assert (listing.city, listing.region, listing.country) == ("Dallas", "TX", "CA")


def test_without_any_place_the_dealers_country_is_not_assumed():
    assert cleaned().country is None


@pytest.mark.parametrize(
    ("lat", "lon", "exact"),
    [("48.4", "9.99", True), (-33.9, 151.2, True), ("148.4", "9.99", False), ("48.4", None, False), (0, 0, False),
     ("north", "east", False), ("nan", "inf", False)],
)  # fmt: skip
def test_coordinates_are_both_there_or_neither(lat, lon, exact):
    listing = cleaned(lat=lat, lon=lon)
    assert ((listing.lat, listing.lon) != (None, None)) == exact
    assert (listing.location_precision == "exact") == exact


def test_images_are_whole_addresses_each_once():
    odd = ["/1.jpg", "/1.jpg", "javascript:alert(1)", None, {"u": 1}, "data:image/png;base64,xx", "//cdn.example/2.jpg"]
    assert cleaned(images=odd).images == ["https://acme.example/1.jpg", "https://cdn.example/2.jpg"]
    assert cleaned(images="/1.jpg|/2.jpg").images == ["https://acme.example/1.jpg", "https://acme.example/2.jpg"]
    assert len(cleaned(images=[f"/{number}.jpg" for number in range(99)]).images) == MAX_IMAGES


def test_specifications_and_unknown_names_become_attributes():
    specs = [["Engine", "C7"], ["Engine", "other"], ["", "1"], ["alone"], "text", ["Bucket", 1.2]]
    listing = cleaned(specs=specs, colour="yellow", operating_weight_kg="21500")
    assert listing.attributes == {"colour": "yellow", "Engine": "C7", "Bucket": "1.2", "Operating weight": "21500 kg"}


@pytest.mark.parametrize("odd", ["text", True, {"a": 1}])
def test_specifications_that_are_no_list_are_left_out(odd):
    assert cleaned(specs=odd, operating_weight="21 t").attributes == {"Operating weight": "21 t"}


def test_a_category_of_a_feed_is_read_like_a_breadcrumb():
    assert cleaned(category="Excavators").raw["breadcrumbs"] == ["Excavators"]
    assert cleaned(category="Excavators", breadcrumbs=["Used"]).raw["breadcrumbs"] == ["Used"]


def test_an_address_is_stored_in_its_one_form():
    assert cleaned(url="HTTPS://Acme.Example/stock/1?utm_source=mail#top").url == "https://acme.example/stock/1"


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30),
    st.lists(st.text(max_size=9), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=9), st.integers()), max_size=3), max_size=3),
)  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*SAYABLE_FIELDS, "specs", "strange"]), values, max_size=6))
def test_nothing_that_a_source_says_breaks_the_cleaning(raw):
    listing = Listing(dealer="acme", vertical="equipment", url="https://acme.example/1", raw=raw)
    reason = None
    try:
        clean(listing, currency="USD", country="US", today=date(2026, 3, 1))
    except Unusable as dropped:
        reason = dropped.reason
    assert reason == (None if listing.title else "no_title")
    assert listing.price is None or listing.price >= 0
    assert listing.price is not None or listing.price_status != "priced"

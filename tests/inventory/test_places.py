"""Where towns are, and what is not known of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.listing import Listing
from inventory.places.gazetteer import locate, locate_text, plain_name
from pipelines.cleaning.place import place


@pytest.mark.parametrize(
    ("city", "region", "country", "lat", "lon"),
    [
        ("Tulsa", "OK", "US", 36.15, -95.99),
        ("Lyons", "KS", "US", 38.34, -98.20),
        ("Toronto", "ON", "CA", 43.71, -79.40),
        ("Dubbo", "NSW", "AU", -32.24, 148.61),
        ("Wien", None, "AT", 48.21, 16.37),
        ("MÜNCHEN", None, "DE", 48.14, 11.58),
        ("Sankt Pölten", None, "AT", 48.21, 15.64),
        ("Lingen", None, "DE", 52.52, 7.33),
    ],
)
def test_a_town_is_where_it_is(city: str, region: str | None, country: str, lat: float, lon: float) -> None:
    found = locate(city, region, country)
    assert found == (pytest.approx(lat, abs=0.06), pytest.approx(lon, abs=0.06))


def test_what_is_not_certain_is_not_guessed() -> None:
    assert locate("Springfield", None, "US") is None
    assert locate("Springfield", "IL", "US") is not None
    assert locate("Tulsa", "TX", "US") is None
    assert locate("Tulsa", "OK", None) is None
    assert locate(None, "OK", "US") is None
    assert locate("", None, "US") is locate("!!", None, "US") is None
    assert locate_text("Springfield") is None
    assert locate_text("Denver, CO") == locate("Denver", "CO", "US")


@settings(deadline=None)  # the first lookup reads the table
@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_any_name_can_be_looked_up(city: str, region: str | None, country: str | None) -> None:
    locate(city, region, country)
    locate_text(city)
    assert all(sign.isalnum() for sign in plain_name(city))


def test_what_the_page_says_stays() -> None:
    listing = Listing(dealer="a", vertical="equipment", city="Tulsa", region="OK", country="US")
    listing.lat, listing.lon, listing.location_precision = 1.0, 2.0, "exact"
    place(listing)
    assert (listing.lat, listing.lon, listing.location_precision) == (1.0, 2.0, "exact")


def test_a_listing_is_placed_by_its_town_and_loses_the_place_with_it() -> None:
    listing = Listing(dealer="a", vertical="equipment", city="Tulsa", region="OK", country="US")
    place(listing)
    assert (listing.lat, listing.lon, listing.location_precision) == (36.154, -95.993, "city")
    listing.city = None
    place(listing)
    assert (listing.lat, listing.lon, listing.location_precision) == (None, None, None)

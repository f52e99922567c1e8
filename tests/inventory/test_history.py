"""One event for each thing that really happened, and none for what did not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from inventory.listing import Listing
from inventory.store.history import events_of, first_event, read_otherwise
from inventory.store.merge import STORED_FIELDS
from inventory.tables import EVENT_KINDS
from tests.inventory.yard import machine


def happened(changes, before="active", now="active"):
    return {event.kind: event.changes for event in events_of(changes, before, now)}


def test_no_change_is_no_event():
    assert events_of({}, "active", "active") == []


def test_the_first_event_tells_all_that_is_known_and_nothing_that_is_not():
    listing = machine()
    event = first_event({name: getattr(listing, name) for name in STORED_FIELDS})
    assert event.kind == "listed"
    assert event.changes["price"] == [None, "45000.00"]
    assert event.changes["year"] == [None, 2015]
    assert "hours" not in event.changes


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [("100.00", "90.00", "price_down"), ("100.00", "100.01", "price_up"), ("100.00", None, "price_hidden"),
     (None, "0.00", "price_shown")],
)  # fmt: skip
def test_a_price_that_changes_says_which_way(old, new, kind):
    pair = tuple(None if text is None else Decimal(text) for text in (old, new))
    assert happened({"price": pair}) == {kind: {"price": [old, new]}}


def test_what_belongs_to_the_price_is_told_with_it():
    changes = {
        "price": (Decimal(10), None),
        "price_status": ("priced", "on_request"),
        "regular_price": (Decimal(12), None),
    }
    assert happened(changes).keys() == {"price_hidden"}
    assert happened(changes)["price_hidden"].keys() == changes.keys()


def test_prices_in_two_currencies_are_not_compared():
    changes = {"price": (Decimal(100), Decimal(90)), "currency": ("USD", "EUR")}
    assert happened(changes) == {"changed": {"price": ["100", "90"], "currency": ["USD", "EUR"]}}


def test_hours_and_a_move_are_events_of_their_own():
    changes = {"hours": (10, 20), "city": ("Ulm", "Bonn"), "lat": (48.4, 50.7), "title": ("a", "b")}
    assert happened(changes) == {
        "hours_changed": {"hours": [10, 20]},
        "moved": {"city": ["Ulm", "Bonn"], "lat": [48.4, 50.7]},
        "changed": {"title": ["a", "b"]},
    }


def test_ratings_and_confidences_are_no_news():
    changes = {"rating": (4.5, 4.6), "rating_count": (10, 11), "size_confidence": (0.8, 0.9)}
    assert happened(changes) == {}


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [("active", "sold", "sold_marked"), ("gone", "active", "relisted"), ("sold", "active", "relisted"),
     ("active", "gone", "delisted"), ("gone", "sold", "sold_marked")],
)  # fmt: skip
def test_a_change_of_status_is_an_event(before, now, kind):
    assert happened({}, before, now) == {kind: {"status": [before, now]}}


def test_every_kind_is_one_that_the_table_takes():
    changes = {
        "price": (Decimal(1), Decimal(2)), "hours": (1, 2), "city": ("a", "b"), "title": ("a", "b"),
    }  # fmt: skip
    for before, now in (("active", "sold"), ("gone", "active"), ("active", "gone")):
        assert set(happened(changes, before, now)) <= set(EVENT_KINDS)


def test_a_new_table_of_towns_is_no_news_of_the_dealer():
    listing = Listing(dealer="a", vertical="equipment", city="Ulm", lat=48.4, lon=9.99, location_precision="city")
    listing.inference_version = "2"
    stored = {"inference_version": "1", "location_precision": None, "raw": {}, "provenance": {}, "description": None}
    changes = {"lat": (None, 48.4), "lon": (None, 9.99), "location_precision": (None, "city")}
    reread = read_otherwise(changes, stored, listing)
    assert events_of(changes, "active", "active", reread) == []
    moved = changes | {"city": ("Bonn", "Ulm")}
    assert [e.kind for e in events_of(moved, "active", "active", read_otherwise(moved, stored, listing))] == ["moved"]
    listing.location_precision = "exact"
    assert read_otherwise(changes, stored, listing) == frozenset()

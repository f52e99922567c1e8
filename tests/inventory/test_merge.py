"""What is known is not lost by a worse page, and what the page takes back is taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from inventory.listing import Listing
from inventory.store.merge import STORED_FIELDS, merge, merge_details
from tests.inventory.yard import machine

STORED = {name: getattr(machine(), name) for name in STORED_FIELDS} | {"missing": None}


def stored(**said: Any) -> dict[str, Any]:
    return {**STORED, "hours": 5200, "regular_price": Decimal("50000.00"), **said}


def test_an_equal_listing_changes_nothing():
    merged = merge(STORED, machine(), ())
    assert merged.changes == {}
    assert merged.missing is None


def test_a_new_value_replaces_a_known_one():
    merged = merge(stored(), machine(hours=5300, regular_price=Decimal("50000.00")), ())
    assert merged.values["hours"] == 5300
    assert merged.changes == {"hours": (5200, 5300)}


def test_a_null_is_noted_and_does_not_replace_a_known_value():
    merged = merge(stored(), machine(crawl_id=7), ())
    assert merged.values["hours"] == 5200
    assert "hours" not in merged.changes
    assert merged.missing == {"hours": [7]}


def test_a_crawl_that_misses_a_value_twice_counts_once():
    assert merge(stored(missing={"hours": [7]}), machine(crawl_id=7), {7}).missing == {"hours": [7]}


@pytest.mark.parametrize(
    ("missing", "healthy", "erased"),
    [([], set(), False), ([3], {3}, False), ([3, 4], {3}, False), ([3, 4], {3, 4}, True), ([1, 3, 4], {1, 4}, True)],
)
def test_two_healthy_crawls_that_agree_erase_a_value(missing, healthy, erased):
    merged = merge(stored(missing={"hours": missing}), machine(crawl_id=9), healthy)
    assert (merged.values["hours"] is None) == erased
    assert (merged.missing is None) == erased


def test_a_value_that_is_back_is_no_longer_missing():
    listing = machine(hours=5200, regular_price=Decimal("50000.00"), crawl_id=9)
    assert merge(stored(missing={"hours": [3, 4]}), listing, {3, 4}).missing is None


def test_only_the_last_five_crawls_that_missed_a_value_are_kept():
    merged = merge(stored(missing={"hours": [1, 2, 3, 4, 5]}), machine(crawl_id=9), ())
    assert merged.missing == {"hours": [2, 3, 4, 5, 9]}


@pytest.mark.parametrize("status", ["on_request", "sold"])
def test_a_page_that_hides_its_price_takes_the_old_one_away(status):
    merged = merge(stored(), machine(price=None, price_period=None, price_status=status, hours=5200), ())
    assert [merged.values[name] for name in ("price", "regular_price", "price_period")] == [None, None, None]
    assert merged.missing is None


def test_a_page_without_a_price_that_says_nothing_about_it_keeps_the_old_one():
    merged = merge(stored(), machine(price=None, price_status=None, currency=None, crawl_id=9), ())
    assert merged.values["price"] == Decimal("45000.00")
    assert merged.values["currency"] == "USD"


def test_a_price_without_a_struck_out_one_ends_the_sale():
    assert merge(stored(), machine(hours=5200), ()).values["regular_price"] is None


def test_a_kept_size_keeps_what_explains_it():
    row = stored(size_value=21.5, size_unit="t", size_method="spec", size_confidence=0.95, size_label="20–25 t")
    merged = merge(row, machine(size_method="unknown", size_confidence=0.0), ())
    kept = {name: merged.values[name] for name in ("size_value", "size_unit", "size_method", "size_confidence")}
    assert kept == {"size_value": 21.5, "size_unit": "t", "size_method": "spec", "size_confidence": 0.95}


def test_a_new_size_is_not_bounded_by_the_old_one():
    row = stored(size_value=80.0, size_min=50.0, size_max=90.0)
    merged = merge(row, machine(size_value=95.0, size_min=90.0, size_max=None), ())
    assert [merged.values[name] for name in ("size_value", "size_min", "size_max")] == [95.0, 90.0, None]
    assert merged.changes["size_max"] == (90.0, None)


def test_a_kept_category_keeps_its_confidence():
    merged = merge(stored(category="excavators", category_confidence=0.9), machine(category_confidence=0.0), ())
    assert (merged.values["category"], merged.values["category_confidence"]) == ("excavators", 0.9)


def test_a_silent_page_takes_nothing_away():
    known = {name: f"the old {name}" for name in STORED_FIELDS} | {"missing": None}
    silent = Listing(dealer="acme", vertical="equipment", crawl_id=9)
    values = merge(known, silent, ()).values
    lost = {name for name in STORED_FIELDS if values[name] != known[name]}
    assert lost == {"vertical"}  # it has no null


def test_empty_details_never_replace_filled_ones():
    known = {
        "description": "Runs well", "shipping_text": None, "images": ["https://a.example/1.jpg"], "breed_sizes": None,
        "attributes": {"Engine": "C7"}, "raw": {"price": "$45,000", "year": "2015"}, "provenance": {"year": "title"},
    }  # fmt: skip
    merged = merge_details(known, machine(attributes={"Bucket": "1 m³"}))
    assert merged["description"] == "Runs well"
    assert merged["images"] == ["https://a.example/1.jpg"]
    assert merged["attributes"] == {"Engine": "C7", "Bucket": "1 m³"}
    assert merged["raw"] == {"price": "$45,000", "year": "2015"}
    assert merged["provenance"] == {"year": "title", "price": "json-ld offers.price"}


def test_details_that_are_said_again_are_replaced():
    known = dict.fromkeys(("shipping_text", "breed_sizes", "attributes", "provenance"))
    known |= {"description": "Runs well", "images": ["https://a.example/1.jpg"], "raw": {"price": "$50,000"}}
    merged = merge_details(known, machine(description="Repaired", images=["https://a.example/2.jpg"]))
    assert merged["description"] == "Repaired"
    assert merged["images"] == ["https://a.example/2.jpg"]
    assert merged["raw"] == {"price": "$45,000"}

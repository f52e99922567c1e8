"""A listing whose id or address changed at its dealer is known by its numbers."""

from __future__ import annotations

import pytest

from pipelines.identity.relabelled import same_listing
from pipelines.parsing.urls import canonical_url
from tests.identity.candidates import day, food, machine

PIN = "CAT0320DKABC12345"
LATER = {"number": "2", "first_seen": day(9), "last_seen": day(9)}


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        (machine(serial_key=PIN), machine(serial_key=PIN, **LATER), "serial"),
        (machine(sku="U-1204"), machine(sku="u1204", **LATER), "stock number"),
        (food(sku="NP15"), food(sku="NP15", **LATER), "stock number"),
        (machine(serial_key=PIN), machine("bolt", serial_key=PIN, **LATER), None),
        (machine(sku="U-1204"), machine("bolt", sku="U-1204", **LATER), None),
        (machine(sku="U-1204"), machine(sku="U-1204", number="2"), None),
        (machine(sku="U-1204"), machine(sku="U-1204", **LATER, model="D6N", base_model="D6"), None),
        (machine(sku="U-1204"), machine(sku="U-1204", **LATER, make="Komatsu"), None),
        (machine(sku="U-1204"), machine(sku="U-1204", **LATER, year=2019), None),
        (machine(sku="U-1204", serial_key=PIN), machine(sku="U-1204", serial_key=PIN[:-1] + "6", **LATER), None),
        (machine(sku="USED"), machine(sku="USED", **LATER), None),
        (machine(sku="12"), machine(sku="12", **LATER), None),
        (machine(), machine(**LATER), None),
        (machine(serial_key=PIN), machine(serial_key=PIN, offer_type="rent", **LATER), None),
        (food(sku="NP15"), food(sku="NP15", net_weight_g=3000.0, title="Northpaw", **LATER), None),
        (food(sku="NP15", gtin="1"), food(sku="NP15", gtin="2", **LATER), None),
    ],
)
def test_stock_and_serial_numbers_know_a_listing_again_at_its_dealer_only(one, other, by):
    assert same_listing(one, other) == same_listing(other, one) == by


@pytest.mark.parametrize(
    "noise",
    ["sort=price", "orderby=date&utm_medium=email", "product_list_order=name", "PHPSESSID=5", "_pos=1&_sid=a&_ss=r"],
)
def test_sort_orders_and_sessions_are_no_part_of_a_listings_address(noise):
    assert canonical_url(f"https://d.example/p/7?{noise}#reviews") == "https://d.example/p/7"
    assert canonical_url(f"https://d.example/p?{noise}&variant=9") == "https://d.example/p?variant=9"

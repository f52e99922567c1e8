"""A listing whose id or address changed at its dealer is known by its numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inventory.store.renamed import same_listing
from tests.inventory.yard import machine

NOW = datetime(2026, 3, 9, tzinfo=UTC)
COLUMNS = ("make", "model", "brand", "offer_type", "title", "serial_key", "sku", "gtin", "year", "net_weight_g")
PIN = {"serial_number": "CAT0320DKABC12345"}
STOCK = {"sku": "U-1204"}


def known_again(before, after, seen=NOW - timedelta(days=8)):
    """Whether a listing with these facts is the one stored under another id."""
    old, new = machine("old", **before), machine("new", **after)
    old.serial_key, new.serial_key = old.serial_number, new.serial_number
    row = {name: getattr(old, name) for name in COLUMNS} | {"crawl_id": None, "last_seen": seen}
    return same_listing(row, new, NOW)


@pytest.mark.parametrize("number", [PIN, STOCK, PIN | STOCK, {"sku": "123"}])
def test_by_its_serial_or_stock_number(number):
    assert known_again(number, number)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"sku": "USED"}, {"sku": "USED"}),
        ({"sku": "12"}, {"sku": "12"}),
        (STOCK, STOCK | {"title": "Another machine"}),
        (STOCK, STOCK | {"model": "D6N"}),
        (STOCK, STOCK | {"make": "Komatsu"}),
        (STOCK | {"year": 2014}, STOCK | {"year": 2019}),
        (STOCK | PIN, STOCK | {"serial_number": "CAT0320DKABC12346"}),
        (PIN, PIN | {"offer_type": "rent"}),
        (STOCK | {"gtin": "1"}, STOCK | {"gtin": "2"}),
        (STOCK | {"net_weight_g": 15000.0}, STOCK | {"net_weight_g": 3000.0}),
    ],
)
def test_not_where_anything_says_that_it_is_another(before, after):
    assert not known_again(before, after)


def test_not_while_the_old_one_still_stands():
    assert not known_again(PIN, PIN, seen=NOW - timedelta(hours=2))

"""How well machine pages are read: F1 by field over pages made by somebody who had not seen the extractor.

The floors stand a little below what is reached (`python -m bench machine_pages` prints it); half of the layouts were
never looked at while rules were written.
"""

from __future__ import annotations

from typing import Final

import pytest

from bench.machine_pages import FIELDS, f1_of, made_pages, seen_layouts

FLOORS: Final = {
    "make": 0.95, "model": 0.93, "year": 0.93, "hours": 0.91, "serial_number": 0.92, "price": 0.95, "currency": 0.94,
    "price_status": 0.94, "offer_type": 0.94, "price_period": 0.96, "price_tax": 0.93, "availability": 0.90,
    "condition": 0.95, "city": 0.92, "country": 0.95, "title": 0.94, "sku": 0.94, "operating_weight_kg": 0.93,
}  # fmt: skip
UNSEEN_FLOORS: Final = {
    "make": 0.96, "model": 0.91, "year": 0.92, "hours": 0.89, "serial_number": 0.88, "price": 0.94, "city": 0.88,
    "country": 0.92, "condition": 0.95, "operating_weight_kg": 0.90,
}  # fmt: skip
NO_OFFERS: Final = 21
MOST_TAKEN: Final = 4
"""Pages that are no offer of a machine and still give a listing: a spare part, a manual, a data sheet, a handover."""


def test_there_are_pages_enough_and_every_field_has_a_floor() -> None:
    offers = [page for page in made_pages() if page.expected]
    assert len(offers) >= 100
    assert len({page.layout for page in offers}) >= 20
    assert set(FLOORS) == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_read_right(name: str) -> None:
    f1, expected = f1_of(name, made_pages())
    assert expected >= 25
    assert f1 >= FLOORS[name]


@pytest.mark.parametrize("name", UNSEEN_FLOORS)
def test_a_field_is_read_right_on_layouts_nobody_looked_at(name: str) -> None:
    seen = seen_layouts()
    f1, _ = f1_of(name, [page for page in made_pages() if page.expected and page.layout not in seen])
    assert f1 >= UNSEEN_FLOORS[name]


def test_hardly_an_offer_is_lost() -> None:
    offers = [page for page in made_pages() if page.expected]
    assert sum(page.found is None for page in offers) <= 2


def test_pages_that_are_no_offer_give_no_listing() -> None:
    others = [page for page in made_pages() if page.expected is None]
    assert len(others) == NO_OFFERS
    assert sum(page.found is not None for page in others) <= MOST_TAKEN

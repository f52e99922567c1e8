"""Who is near whom by blocking keys, as both databases find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from inventory.store.keys import LOOKED, MOST, neighbours, write_keys
from inventory.store.matching import BlockingKey
from inventory.tables import listing_keys, listings
from tests.inventory.yard import machine

HOURS, PRICE, SERIAL = 1, 2, 3


@pytest.fixture
def near(yard):
    """The neighbours of listings with these keys, all of them stored; listings are numbered from 1."""

    def ask(*keys: Sequence[BlockingKey]) -> Mapping[int, list[int]]:
        yard.crawl(*(machine(f"m{number}", model=None) for number in range(len(keys))))
        with yard.engine.begin() as connection:
            connection.execute(listing_keys.delete())
            ids = sorted(connection.execute(listings.select()).scalars())
            named = dict(zip(ids, keys, strict=True))
            write_keys(connection, named, {})
            found = neighbours(connection, named)
        number = {listing_id: place for place, listing_id in enumerate(ids, 1)}
        return {number[one]: sorted(number[other] for other in others) for one, others in found.items()}

    return ask


def test_places_within_the_greater_reach_meet(near):
    far, close, small = BlockingKey(HOURS, 100, 20), BlockingKey(HOURS, 118, 15), BlockingKey(HOURS, 131, 12)
    assert near([far], [close], [small]) == {1: [2], 2: [1, 3], 3: [2]}


def test_a_reach_below_zero_meets_who_reaches_and_never_its_own_kind(near):
    with_hours, without = BlockingKey(PRICE, 100, -5), BlockingKey(PRICE, 103, 5)
    assert near([with_hours], [with_hours], [without]) == {1: [3], 2: [3], 3: [1, 2]}


def test_in_a_crowd_the_nearest_are_taken_before_those_that_came_first(near):
    crowd = [[BlockingKey(HOURS, 100 + place, 50), BlockingKey(PRICE, 1000 - place, 50)] for place in range(40)]
    found = near(*crowd, [BlockingKey(HOURS, 139.5, 50), BlockingKey(PRICE, 960.5, 50)])
    assert found[41] == [33, 34, 35, 36, 37, 38, 39, 40]
    assert max(map(len, found.values())) <= MOST


def test_an_equal_serial_is_taken_before_all_that_is_only_near_whoever_came_first(near):
    crowd = [[BlockingKey(HOURS, 10, 50)]] * 8 + [[BlockingKey(PRICE, 1, 0.1)]] * 8
    twin, one = [BlockingKey(SERIAL)], [BlockingKey(SERIAL), BlockingKey(HOURS, 10, 50), BlockingKey(PRICE, 1, 0.1)]
    assert 17 in near(*crowd, twin, one)[18]


def test_a_full_block_of_those_who_do_not_meet_is_not_walked_to_its_end(near):
    with_hours, without = BlockingKey(PRICE, 100, -5), BlockingKey(PRICE, 103, 5)
    found = near(*[[with_hours]] * (LOOKED + 5), [without])
    assert set(found) == {LOOKED + 6}, "only the one without looks past those who do not meet"


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_is_near_himself(near, count):
    assert near(*[[BlockingKey(SERIAL), BlockingKey(HOURS, 5, 5)]] * count) == {}

"""How few of how many contradict a promise, and how few pages never do."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.checking.looking import Looked
from crawler.checking.promise import INDEPENDENT, RARE, chance_of_so_few, falls_short, fill_of
from crawler.platforms.visit import Visit
from inventory.listing import Listing


@pytest.mark.parametrize(("found", "of", "promised", "short"), [
    (0, 3, 0.8, True),
    (1, 3, 0.8, False),
    (0, 3, 0.5, False),
    (2, 3, 1.0, True),
    (0, 1, 0.8, False),
    (0, 1, 1.0, True),
    (200, 250, 0.8, False),
    (180, 250, 0.8, False),
    (100, 250, 0.8, True),
    (0, 250, 0.0, False),
])  # fmt: skip
def test_so_few_of_so_many(found, of, promised, short):
    assert falls_short(found, of, promised) == short


@given(st.integers(1, 30), st.floats(0.01, 0.99))
def test_the_chances_add_up(of, share):
    assert isclose(chance_of_so_few(of, of, share), 1.0, rel_tol=1e-6)
    chances = [chance_of_so_few(found, of, share) for found in range(of + 1)]
    assert chances == sorted(chances)


@given(st.integers(1, 400), st.floats(0, 1), st.data())
def test_a_kept_promise_never_falls_short_and_more_is_never_worse(of, promised, data):
    found = data.draw(st.integers(0, of))
    if found / of >= promised:
        assert not falls_short(found, of, promised)
    if falls_short(found, of, promised) and found:
        assert falls_short(found - 1, of, promised)


@given(st.floats(0.05, 0.99))
def test_where_a_promise_just_holds_a_look_at_three_pages_is_rarely_a_false_alarm(promised):
    alarms = [found for found in range(4) if falls_short(found, 3, promised)]
    assert chance_of_so_few(max(alarms), 3, promised) < RARE if alarms else True


def listing(**said):
    return Listing(dealer="acme", vertical="dog", **said)


def test_a_detail_page_counts_once_however_many_variants_it_has():
    many = Looked(Visit("a", "detail", "all"), "a", listings=[listing(url="a", external_id=str(n)) for n in range(9)])
    one = Looked(Visit("b", "detail", "all"), "b", listings=[listing(url="b", sku="7")])
    fill = fill_of([many, one], {"sku": 0.9})["sku"]
    assert (fill.found, fill.of, fill.example) == (1, 2, "a")
    records = Looked(Visit("c", "section", "all"), "c", listings=[listing(url=f"c{n}") for n in range(9)])
    assert fill_of([records], {"sku": 0.9})["sku"].of == 9
    assert fill_of([], {"sku": 0.9}) == {}


def test_a_page_of_hundreds_is_believed_as_little_as_twenty():
    assert falls_short(14 / INDEPENDENT * 500, 500, 0.95) == falls_short(14, INDEPENDENT, 0.95)

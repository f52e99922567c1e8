"""Days on market: a listing's begin again when it is relisted, a unit's go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.store.market_days import Offered, listing_days, times_offered, unit_days
from inventory.store.replay import PastEvent
from tests.inventory.yard import START


def day(number):
    return START + timedelta(days=number)


def history(*told):
    return [PastEvent(number, 1, day(at), kind, None) for number, (at, kind) in enumerate(told)]


def offered(*spans):
    return [Offered(day(start), None if end is None else day(end)) for start, end in spans]


def test_a_listing_is_offered_from_each_beginning_to_the_next_end():
    told = history((0, "listed"), (3, "price_up"), (10, "delisted"), (20, "relisted"), (25, "changed"))
    assert times_offered(told) == offered((0, 10), (20, None))
    assert listing_days(times_offered(told), day(27)) == 7
    assert times_offered(reversed(told)) == times_offered(told)


def test_what_is_sold_is_offered_no_longer_and_being_delisted_then_changes_nothing():
    assert times_offered(history((0, "listed"), (4, "sold_marked"), (9, "delisted"))) == offered((0, 4))
    assert listing_days(offered((0, 4)), day(100)) == 4


def test_what_was_sold_when_first_seen_was_offered_for_no_time():
    sold = [PastEvent(1, 1, day(5), "listed", {"price_status": [None, "sold"]})]
    assert times_offered(sold) == offered((5, 5))


def test_an_older_observation_begins_the_first_time_earlier():
    told = history((10, "listed"), (12, "delisted"), (20, "relisted"))
    assert times_offered(told, day(2)) == offered((2, 12), (20, None))


def test_nothing_offered_has_no_days():
    assert listing_days(times_offered([]), day(1)) is None
    assert unit_days([[], []], day(1)) is None


@pytest.mark.parametrize(("gap", "days"), [(10, 110), (180, 280), (181, 100)])
def test_a_unit_goes_on_over_gaps_of_up_to_180_days(gap, days):
    assert unit_days([offered((0, 0)), offered((gap, gap + 100))], day(gap + 100)) == days


def test_a_unit_is_on_the_market_while_any_listing_of_it_is():
    assert unit_days([offered((0, 300)), offered((10, 20), (290, None))], day(301)) == 301
    assert unit_days([offered((0, None)), offered((500, 510))], day(600)) == 600


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), min_size=1, max_size=6))
def test_a_unit_is_there_at_least_as_long_as_each_of_its_last_listing_and_never_longer_than_since_the_first(spans):
    times = [offered((start, start + length)) for start, length in spans]
    found = unit_days(times, day(2000))
    end = max(start + length for start, length in spans)
    newest = max(spans, key=lambda span: (span[0] + span[1], span[1]))
    assert newest[1] <= found <= end - min(start for start, _ in spans)
    assert found == unit_days(list(reversed(times)), day(2000))

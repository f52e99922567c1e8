"""When a sitemap's lastmod is believed: rules as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.revisits.lastmod import in_sample, is_believed, latest_change, vouches
from inventory.pages import digest

VISIT = datetime(2026, 3, 10, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("proofs", "missed", "believed"), [(2, False, False), (3, False, True), (9, False, True), (9, True, False)]
)
def test_three_honest_crawls_are_wanted_and_one_miss_ends_it(proofs, missed, believed):
    assert is_believed(proofs, missed) == believed


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("2026-03-01", "2026-03-01", True),
        ("2026-03-01T10:00:00+01:00", "2026-03-01T10:00:00+01:00", True),
        ("2026-03-01", "2026-03-02", False),  # moved
        ("2026-03-02", "2026-03-01", False),  # moved back
        ("2026-03-10", "2026-03-10", False),  # the day of the visit: a later change that day would not move it
        ("2026-03-10T11:30:00Z", "2026-03-10T11:30:00Z", False),  # too near: clocks differ
        ("2027-01-01", "2027-01-01", False),
        ("2026", "2026", False),
        ("yesterday", "yesterday", False),
        ("", "", False),
        (None, None, False),
        ("2026-03-01", None, False),
    ],
)
def test_lastmod_vouches_only_where_it_has_not_moved_and_a_change_would_have_moved_it(then, now, said):
    assert vouches(then, now, VISIT) == said


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=900)), st.booleans())
def test_a_page_that_changed_after_the_visit_is_never_vouched_for_by_an_honest_lastmod(visit, later, by_day):
    """An honest lastmod is the moment of the last change, at the sitemap's resolution."""
    changed = visit + later
    honest = f"{changed:%Y-%m-%d}" if by_day else changed.isoformat()
    assert not vouches(honest, honest, visit)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text):
    found = latest_change(text)
    assert found is None or found.tzinfo is not None


@given(st.integers(1, 10**9))
def test_a_twentieth_is_asked_for_all_the_same_and_another_one_each_time(crawl_id):
    pages = [digest(str(number).encode()) for number in range(2000)]
    now, then = ({page for page in pages if in_sample(page, number)} for number in (crawl_id, crawl_id + 1))
    assert 40 <= len(now) <= 170
    assert now != then
    assert now == {page for page in pages if in_sample(page, crawl_id)}

"""Which failures are asked again, and when: never more often than the table says, never earlier than the server did."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.retry_after import LONGEST_S, retry_after_s
from crawler.fetching.retry_rule import DATA, rule_of, wait_before_retry
from pipelines.parsing.lexicon import rows

CLASSES = [row["class"] for row in rows("retry_classes.csv", DATA)]
NOW = 1_790_000_000.0
CHANCE = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    "name", ["http_404", "http_410", "http_403", "blocked", "too_large", "redirects", "bug", "robots"]
)
def test_what_will_not_change_is_not_asked_again(name):
    assert wait_before_retry(name, 1, backoff_s=1, chance=0.5) is None


@pytest.mark.parametrize(
    ("name", "retries"),
    [("timeout", 2), ("http_500", 2), ("http_503", 4), ("http_599", 2), ("http_429", 5), ("dns", 3)],
)
def test_each_class_has_its_own_limit(name, retries):
    waits = [wait_before_retry(name, failures, backoff_s=1, chance=0.5) for failures in range(1, retries + 2)]
    assert None not in waits[:-1]
    assert waits[-1] is None


@given(st.sampled_from(CLASSES), st.integers(1, 100), CHANCE, st.floats(0.01, 60), st.none() | st.floats(0, LONGEST_S))
def test_no_wait_is_longer_than_the_table_says_nor_shorter_than_the_server_asked(name, failures, chance, unit, told):
    wait_s = wait_before_retry(name, failures, backoff_s=unit, chance=chance, told_s=told)
    if wait_s is None:
        assert failures > rule_of(name).retries
    elif told is None:
        assert 0 < wait_s <= rule_of(name).longest_s
    else:
        assert told <= wait_s <= max(told + 0.1 * unit, rule_of(name).longest_s)


def test_waits_double_and_are_spread_over_half_of_themselves():
    least = [wait_before_retry("http_429", n, backoff_s=1, chance=0) for n in (1, 2, 3)]
    most = [wait_before_retry("http_429", n, backoff_s=1, chance=0.999999) for n in (1, 2, 3)]
    assert least == [2, 4, 8]
    assert most == pytest.approx([4, 8, 16], rel=1e-4)


def test_every_row_of_the_table_says_why():
    for row in rows("retry_classes.csv", DATA):
        assert row["why"]
        assert row["trouble"] in ("yes", "no")
        assert (int(row["retries"]) > 0) == (float(row["wait"]) > 0) == (float(row["longest_s"]) > 0)


@given(st.integers(0, 10**9))
def test_seconds_are_read_up_to_a_day(seconds):
    assert retry_after_s(str(seconds), NOW) == min(seconds, LONGEST_S)
    assert retry_after_s(f"  {seconds} ", NOW) == min(seconds, LONGEST_S)


@given(st.integers(-(10**6), 10**6))
def test_a_date_is_reckoned_against_the_servers_own_clock(ahead_s):
    servers_now = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
    until = datetime.fromtimestamp(servers_now.timestamp() + ahead_s, UTC)
    told = retry_after_s(format_datetime(until, usegmt=True), NOW, format_datetime(servers_now, usegmt=True))
    assert told == min(max(ahead_s, 0), LONGEST_S)


def test_a_date_without_a_servers_clock_is_reckoned_against_ours():
    until = format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True)
    assert retry_after_s(until, NOW) == 90
    assert retry_after_s(until, NOW, "yesterday or so") == 90
    assert retry_after_s("Sunday, 06-Nov-94 08:49:37 GMT", NOW) == 0
    assert retry_after_s("Sun Nov  6 08:49:37 1994", NOW) == 0


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")) | st.none())
def test_whatever_stands_there_is_seconds_within_a_day_or_nothing(text):
    found = retry_after_s(text, NOW, text)
    assert found is None or 0 <= found <= LONGEST_S


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "٣", "0x10", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_what_is_neither_seconds_nor_a_date_says_nothing(text):
    assert retry_after_s(text, NOW) is None

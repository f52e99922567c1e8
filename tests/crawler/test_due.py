"""A dealer is due when its last crawl began as long ago as its file says, and cron's seconds do not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.dealers.due import interval, is_due
from tests.crawler.dealer_files import dealer

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(("every", "hours"), [("30m", 0.5), ("24h", 24), ("7d", 168)])
def test_every_is_read_as_a_time(every, hours):
    assert interval(every) == timedelta(hours=hours)


@pytest.mark.parametrize("every", ["", "24", "h", "1w", "24 h"])
def test_what_is_no_time_is_refused(every):
    with pytest.raises(ValueError, match="no time"):
        interval(every)


@pytest.mark.parametrize(
    ("every", "ago", "due"),
    [
        ("24h", None, True),
        ("24h", timedelta(hours=12), False),
        ("24h", timedelta(hours=22), False),
        ("24h", timedelta(hours=24) - timedelta(seconds=3), True),  # cron began three seconds late yesterday
        ("24h", timedelta(hours=30), True),
        ("30m", timedelta(minutes=20), False),
        (None, timedelta(seconds=1), True),
    ],
)
def test_a_dealer_is_due(every, ago, due):
    assert is_due(dealer(every=every), None if ago is None else NOW - ago, NOW) == due

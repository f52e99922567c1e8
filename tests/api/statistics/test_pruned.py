"""What was pruned is missing in what is told of a time before, and that is said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from inventory.store.prune import prune
from tests.api.stock import Stock

LISTED = datetime(2023, 1, 1, tzinfo=UTC)
GONE = datetime(2023, 6, 1, tzinfo=UTC)
PRUNED = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def gone(stock: Stock) -> Stock:
    """Three listings that went long ago, and one that is there."""
    dealer = stock.dealer()
    for _ in range(3):
        listing = stock.listing(
            dealer, status="gone", gone_at=GONE, first_seen=LISTED, last_seen=GONE, last_changed=GONE
        )
        stock.event(listing, "listed", at=LISTED, changes={"title": [None, "x"]})
        stock.event(listing, "delisted", at=GONE, changes={"status": ["active", "gone"]})
        stock.unit(listing)
    stock.listing(dealer, price=5, currency="EUR")
    return stock


def _told(client: TestClient, asked: str) -> Any:
    answer = client.get(f"/v1/{asked}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "asked", ["listings?count=exact", "facets?field=make", "stats?value=price&status=active,gone,sold&group_by=make"]
)
def test_a_day_before_what_was_pruned_is_not_whole_and_says_so(client: TestClient, gone: Stock, asked: str) -> None:
    assert _told(client, f"{asked}&as_of=2023-03-01")["warnings"] == []
    assert list(prune(gone.engine, PRUNED))
    (warned,) = _told(client, f"{asked}&as_of=2023-03-01")["warnings"]
    assert (warned["code"], warned["parameters"]) == ("pruned", ["as_of"])
    assert "2025-01-01T00:00:00Z" in warned["detail"]
    refused = client.get(f"/v1/{asked}&as_of=2023-03-01&strict=1")
    assert (refused.status_code, refused.json()["warnings"][0]["code"]) == (422, "pruned")
    assert _told(client, f"{asked}&as_of=2024-12-31&strict=1")["warnings"] == []
    assert _told(client, f"{asked}&strict=1")["warnings"] == []


def test_an_export_of_such_a_day_is_refused_where_it_is_strict(client: TestClient, gone: Stock) -> None:
    assert list(prune(gone.engine, PRUNED))
    assert client.get("/v1/listings.csv?as_of=2023-03-01").status_code == 200
    assert client.get("/v1/listings.csv?as_of=2023-03-01&strict=1").status_code == 422


def test_the_feed_says_whether_it_is_whole_from_there_on_and_since_when_it_is(client: TestClient, gone: Stock) -> None:
    before = _told(client, "changes?since=2023-01-01")
    assert (before["truncated"], before["complete_since"], len(before["data"])) == (False, None, 6)
    assert list(prune(gone.engine, PRUNED))
    for asked, truncated in (
        ("", True),
        ("?since=2023-01-01", True),
        ("?since=2024-12-31T23:59:59Z", True),
        ("?since=2025-01-01", False),
        (f"?since={before['next_cursor']}", None),
    ):
        found = _told(client, f"changes{asked}")
        assert (found["truncated"], found["complete_since"]) == (truncated, "2025-01-01T00:00:00Z"), asked


def test_a_run_that_takes_nothing_away_leaves_all_whole(client: TestClient, gone: Stock) -> None:
    assert list(prune(gone.engine, datetime(2022, 1, 1, tzinfo=UTC))) == []
    assert _told(client, "changes")["complete_since"] is None
    assert list(prune(gone.engine, PRUNED))
    assert list(prune(gone.engine, datetime(2026, 1, 1, tzinfo=UTC))) == []
    assert _told(client, "changes")["complete_since"] == "2025-01-01T00:00:00Z"

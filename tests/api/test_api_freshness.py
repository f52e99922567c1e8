"""Beside every page: how old the data are, and whose stock is older than expected; strict queries do not mislead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from api.statistics import freshness
from api.statistics.freshness import USUAL, Sight, Sights, expected_within, read_sights
from tests.api.stock import T0, Stock

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def crawled(stock: Stock, name: str, *days_ago: float, **given: object) -> int:
    """A dealer with a listing and crawls that ended so many days ago."""
    dealer = stock.dealer(name, **given)
    stock.listing(dealer)
    for days in days_ago:
        stock.crawl(dealer, started_at=NOW - days * DAY, ended_at=NOW - days * DAY)
    return dealer


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_data_are_as_old_as_the_newest_good_crawl_of_the_dealers_concerned(client: TestClient, stock: Stock) -> None:
    north = crawled(stock, "northside", 3, 2)
    crawled(stock, "acme", 5)
    stock.crawl(north, started_at=NOW, ended_at=NOW, outcome="failed")
    stock.crawl(north, started_at=NOW, ended_at=NOW, limited=True)
    stock.crawl(north, started_at=NOW, ended_at=None, outcome="running")
    for path in ("/v1/listings", "/v1/units", "/v1/dealers", "/v1/crawls"):
        answer = client.get(path).json()
        assert answer["data_as_of"] == iso(NOW - 2 * DAY), path
        assert answer["stale_dealers"] == {"count": 0, "dealers": [], "truncated": False}
    assert client.get("/v1/listings?dealer=acme").json()["data_as_of"] == iso(NOW - 5 * DAY)
    assert client.get("/v1/listings?vertical=dog").json()["data_as_of"] is None


def test_dealers_whose_last_good_crawl_is_older_than_expected_are_named(client: TestClient, stock: Stock) -> None:
    crawled(stock, "daily", 7, 6, 5, 4)
    crawled(stock, "weekly", 31, 24, 17, 10)
    crawled(stock, "once", 8)
    never = crawled(stock, "never")
    stock.crawl(never, outcome="failed")
    emptied = stock.dealer("emptied")
    stock.crawl(emptied, started_at=NOW - 90 * DAY)
    stock.listing(emptied, status="gone")
    stale = client.get("/v1/listings?limit=1").json()["stale_dealers"]
    assert [one["dealer"] for one in stale["dealers"]] == ["never", "once", "daily"]
    assert stale["dealers"][0]["last_good_at"] is None
    assert stale["dealers"][2] == {"dealer": "daily", "last_good_at": iso(NOW - 4 * DAY), "expected_within_hours": 72.0}
    assert client.get("/v1/listings?dealer=weekly").json()["stale_dealers"]["count"] == 0


def test_many_stale_dealers_are_counted_and_some_named(client: TestClient, stock: Stock) -> None:
    for number in range(25):
        crawled(stock, f"dealer{number:02}", 100 + number)
    stale = client.get("/v1/listings").json()["stale_dealers"]
    assert (stale["count"], len(stale["dealers"]), stale["truncated"]) == (25, 20, True)
    assert stale["dealers"][0]["dealer"] == "dealer24"


def test_what_is_only_ingested_is_as_old_as_its_newest_listing(client: TestClient, stock: Stock) -> None:
    fed = stock.dealer("fed", source="ingest")
    stock.many(fed, [{"last_seen": T0}, {"last_seen": NOW - DAY}])
    answer = client.get("/v1/listings").json()
    assert answer["data_as_of"] == iso(NOW - DAY)
    assert answer["stale_dealers"]["count"] == 0


def test_what_took_long_to_read_of_the_ingested_is_kept_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now, took_s, read = [100.0], [0.5], [0]

    def reader(_connection: object, _ids: object) -> dict[int, datetime]:
        now[0] += took_s[0]
        read[0] += 1
        return {7: NOW}

    monkeypatch.setattr(freshness, "last_ingested", reader)
    known = freshness.LastIngested(clock=lambda: now[0])
    for dealer_ids, later_s, reads in (
        ([7], 0.0, 1), ([7], 49.0, 1), ([7], 2.0, 2), ([7, 8], 0.0, 3), ([7, 8], 49.0, 3),
    ):  # fmt: skip
        now[0] += later_s
        assert known(None, dealer_ids) == {7: NOW}  # type: ignore[arg-type]
        assert read[0] == reads, (dealer_ids, later_s)
    took_s[0] = 0.001
    now[0] += 60
    for _ in range(3):
        known(None, [7])  # type: ignore[arg-type]
    assert read[0] == 6


def test_only_the_last_good_crawls_tell_when_the_next_is_due(stock: Stock) -> None:
    crawled(stock, "daily", *range(200, 100, -10), 6, 5, 4, 3, 2, 1)
    with stock.engine.connect() as connection:
        [sight] = read_sights(connection)
    assert sight.expected_within == 3 * DAY


def test_a_due_time_is_three_usual_distances_and_never_less_than_a_day() -> None:
    times = [NOW - n * timedelta(minutes=5) for n in range(6)]
    assert expected_within(times) == DAY
    assert expected_within([NOW, NOW - DAY, NOW - 3 * DAY]) == USUAL
    assert expected_within([NOW, NOW - DAY, NOW - 3 * DAY, NOW - 5 * DAY]) == 6 * DAY


def test_sights_are_read_again_after_a_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    now = [100.0]

    def reader(_connection: object, **_given: object) -> list[Sight]:
        read.append(len(read))
        return []

    monkeypatch.setattr(freshness, "read_sights", reader)
    sights = Sights(clock=lambda: now[0])
    for moment in (100.0, 104.0, 105.5, 106.0):
        now[0] = moment
        sights.known(None)  # type: ignore[arg-type]
    assert read == [0, 1]


def test_strict_refuses_what_would_be_a_warning(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.many(dealer, [{"price": 10, "currency": "USD"}, {"price": 20, "currency": "EUR"}])
    loose = client.get("/v1/listings?sort=price")
    assert [w["code"] for w in loose.json()["warnings"]] == ["mixed_currencies"]
    answer = client.get("/v1/listings?sort=price&strict=1")
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"].endswith(":misleading")
    assert problem["warnings"][0]["counts"] == {"EUR": 1, "USD": 1}
    assert problem["errors"][0]["parameter"] == "sort"
    assert client.get("/v1/listings?sort=price&strict=1&currency=USD").status_code == 200
    assert client.get("/v1/listings?sort=price&strict=maybe").status_code == 422

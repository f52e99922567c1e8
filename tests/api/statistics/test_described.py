"""What is served, what it means, what failed."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.testclient import TestClient

from api.resources import LISTINGS
from inventory.settings import Settings
from tests.api.stock import T0, Stock


def test_every_column_of_every_list_is_described_with_how_many_rows_have_it(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    ids = stock.many(dealer, [{"hours": 5}, {"hours": None}, {"hours": 0}, {"hours": None}])
    stock.details(ids[0], description="Runs well")
    stock.crawl(dealer, errors={"timeout": 3})
    answer = client.get("/v1/schema").json()
    lists = {one["path"]: one for one in answer["data"]}
    assert lists["/v1/listings"]["measured_rows"] == 4
    columns = {column["name"]: column for column in lists["/v1/listings"]["columns"]}
    assert list(columns) == list(LISTINGS.columns)
    assert (columns["hours"]["fill"], columns["description"]["fill"], columns["id"]["fill"]) == (0.5, 0.25, 1)
    assert (columns["hours"]["unit"], columns["hours"]["type"]) == ("h", "integer")
    assert columns["status"]["words"] == ["active", "gone", "sold"]
    assert lists["/v1/failures"]["measured_rows"] == 1
    for one in lists.values():
        assert all(column["description"] for column in one["columns"])


def test_an_empty_database_has_a_schema_too(client: TestClient) -> None:
    lists = client.get("/v1/schema").json()["data"]
    assert {one["measured_rows"] for one in lists} == {0}
    assert {column["fill"] for one in lists for column in one["columns"]} == {None}


def test_meta_says_what_and_how_much_there_is(client: TestClient, stock: Stock) -> None:
    listing = stock.listing(stock.dealer())
    stock.event(listing, "listed")
    answer = client.get("/v1/meta").json()
    assert answer["rows"]["listings"] == {"rows": 1, "exact": True}
    assert (answer["last_change"], answer["licence"], answer["api"]) == ("2026-01-01T12:00:00Z", None, "v1")
    for path in answer["links"].values():
        assert client.get(path).status_code == 200
    assert client.get("/v1/meta?x=1").status_code == 422
    assert answer["rate_limit"] is None


def test_meta_says_how_often_one_may_ask(sqlite_settings: Settings, client_for: Callable[..., TestClient]) -> None:
    limited = client_for(sqlite_settings.model_copy(update={"api_rate_limit": "100/60"}))
    assert limited.get("/v1/meta").json()["rate_limit"] == {"requests": 100, "seconds": 60}


def test_failures_are_crawls_that_ended_badly_or_lost_requests(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.crawl(dealer, errors={})
    stock.crawl(dealer)
    some = stock.crawl(dealer, errors={"timeout": 3})
    blocked = stock.crawl(dealer, outcome="failed", failure_class="blocked", reason="403 on the first page", pages=7)
    stopped = stock.crawl(dealer, outcome="stopped")
    rows = client.get("/v1/failures").json()["data"]
    assert [row["crawl_id"] for row in rows] == [stopped, blocked, some]
    assert rows[1] == {
        "crawl_id": blocked,
        "dealer": "northside",
        "outcome": "failed",
        "class": "blocked",
        "message": "403 on the first page",
        "errors": None,
        "first_at": T0.isoformat().replace("+00:00", "Z"),
        "last_at": "2026-01-01T12:03:00Z",
        "vertical": "equipment",
        "pages": 7,
        "listings_seen": 0,
    }
    assert rows[2]["errors"] == {"timeout": 3}
    assert [row["crawl_id"] for row in client.get("/v1/failures?class=blocked").json()["data"]] == [blocked]
    assert client.get("/v1/failures?vertical=dog").json()["data"] == []
    assert client.get("/v1/failures?limit=1&dealer=northside").json()["outcome"]["failed"] == 1

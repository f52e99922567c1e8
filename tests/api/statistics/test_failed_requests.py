"""Requests that failed for good, as a list of the API."""

from __future__ import annotations

from datetime import timedelta

from fastapi.testclient import TestClient

from inventory.store.failures import FailureBatch, FailureRow, store_failures
from tests.api.stock import T0, Stock


def fail(stock: Stock, crawl_id: int, number: int, dealer: str = "northside", **said: object) -> None:
    facts: dict[str, object] = {
        "crawl_id": crawl_id, "dealer": dealer, "url": f"https://x.example/{number}", "url_hash": str(number),
        "kind": "detail", "section": "excavators", "visit": {"url": "u"}, "failure_class": "timeout",
        "message": "too late", "attempts": 3, "first_at": T0, "last_at": T0 + timedelta(minutes=number),
    }  # fmt: skip
    store_failures(stock.engine, FailureBatch([FailureRow(**(facts | said))]), T0)  # type: ignore[arg-type]


def test_requests_that_failed_can_be_filtered_and_paged(client: TestClient, stock: Stock) -> None:
    crawl_id = stock.crawl(stock.dealer())
    other = stock.crawl(stock.dealer("southside"))
    for number in range(5):
        fail(stock, crawl_id, number)
    fail(stock, crawl_id, 5, kind="section", failure_class="http_503", status=503)
    fail(stock, other, 6, dealer="southside")
    store_failures(stock.engine, FailureBatch(resolved={"northside": {"0"}}), T0)

    first = client.get("/v1/failures/requests?limit=3").json()
    assert first["kind"] == {"section": 1, "detail": 6}
    assert first["count"] == 7
    rest = client.get("/v1/failures/requests", params={"limit": 10, "cursor": first["next_cursor"]}).json()
    rows = first["data"] + rest["data"]
    assert [row["url"].rpartition("/")[2] for row in rows] == ["6", "5", "4", "3", "2", "1", "0"]
    assert rows[1] == {
        "kind": "section", "id": rows[1]["id"], "crawl_id": crawl_id, "dealer": "northside",
        "url": "https://x.example/5", "section": "excavators", "class": "http_503", "status": 503,
        "message": "too late", "attempts": 3, "first_at": "2026-01-01T12:00:00Z", "last_at": "2026-01-01T12:05:00Z",
        "requeued": 0, "resolved_at": None, "vertical": "equipment",
    }  # fmt: skip
    for filters, count in (
        ("dealer=southside", 1),
        ("class=http_503", 1),
        (f"crawl_id={crawl_id}", 6),
        ("resolved_at__isnull=false", 1),
        ("kind=section&vertical=equipment", 1),
        ("status=503", 1),
    ):
        assert client.get(f"/v1/failures/requests?{filters}").json()["count"] == count, filters
    assert client.get("/v1/failures/requests?dealer=nobody").status_code == 422

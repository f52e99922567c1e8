"""`/metrics`: requests by the templates of routes, whatever is asked for, at little cost."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Receive, Scope, Send

from api.access.keys import new_key
from api.app import create_app
from api.serving.metrics import MOST_PATHS, OTHER, ApiMetrics, Metered, Routes
from inventory.settings import Settings

TEMPLATES = ["/v1/listings", "/v1/listings/{listing_id}", "/v1/listings/{listing_id}/events", "/v1/x/{name}.parquet"]
Values = dict[tuple[str, ...], float]


def values(text: str) -> Values:
    """Name and labels, by the order of their names → value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status(client: TestClient) -> None:
    for path in ("/v1/listings", "/v1/listings?make=x", "/v1/listings?limit=x", "/v1/listings/77", "/v1/listings/78"):
        client.get(path)
    client.head("/v1/listings")
    client.get("/v1/nothing/at/all")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = values(answer.text)
    counted = {key[1:]: n for key, n in found.items() if key[0] == "yardstick_api_requests_total"}
    assert counted == {
        ("/v1/listings", "200"): 3, ("/v1/listings", "422"): 1, ("/v1/listings/{listing_id}", "404"): 2,
        (OTHER, "404"): 1,
    }  # fmt: skip
    assert found["yardstick_api_request_seconds_count", "/v1/listings"] == 4
    assert 0 < found["yardstick_api_request_seconds_sum", "/v1/listings"] < 60
    assert found["yardstick_api_requests_in_flight",] == 1
    assert ("yardstick_api_pool_connections", "in_use") in found
    assert "process_resident_memory_bytes" in answer.text


def test_who_may_not_read_the_api_may_not_read_them(sqlite_settings: Settings) -> None:
    key, line = new_key("prometheus", ["read"])
    settings = Settings(database_url=sqlite_settings.database_url, api_keys=line)
    with TestClient(create_app(settings)) as client:
        assert client.get("/metrics").status_code == 401
        found = values(client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).text)
    assert found["yardstick_api_requests_total", "/metrics", "401"] == 1


def test_a_fault_of_the_program_is_a_500(sqlite_settings: Settings) -> None:
    app = create_app(sqlite_settings)

    @app.get("/v1/broken")
    def broken() -> None:
        raise RuntimeError

    with TestClient(app, raise_server_exceptions=False) as client:
        client.get("/v1/broken")
        found = values(client.get("/metrics").text)
    assert found["yardstick_api_requests_total", OTHER, "500"] == 1
    assert found["yardstick_api_requests_in_flight",] == 1


@given(st.lists(st.text(), max_size=6).map("/".join))
def test_no_address_makes_a_series_of_its_own(path: str) -> None:
    assert Routes(TEMPLATES).of(path) in {*TEMPLATES, OTHER}


def test_each_address_finds_its_route() -> None:
    routes = Routes(TEMPLATES)
    asked = {
        "/v1/listings/12": "/v1/listings/{listing_id}",
        "/v1/listings/12/events": "/v1/listings/{listing_id}/events",
        "/v1/listings/": OTHER,
        "/v1/x/dog.parquet": "/v1/x/{name}.parquet",
        "/v1/x/dog.csv": OTHER,
    }
    assert {path: routes.of(path) for path in asked} == asked
    for number in range(MOST_PATHS + 50):
        routes.of(f"/v1/listings/{number}")
    assert len(routes._known) <= MOST_PATHS


def test_kept_answers_and_durations_are_counted() -> None:
    metrics = ApiMetrics(TEMPLATES, lambda: None)
    for kept, seconds in ((True, 0.0005), (False, 0.3), (False, 99.0)):
        metrics.add("/v1/listings", 200, seconds, kept=kept)
    found = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in metrics.collect()
        for sample in family.samples
    }
    assert found["yardstick_api_cache_hits_total",] == 1
    bucket = "yardstick_api_request_seconds_bucket"
    assert [found[bucket, le, "/v1/listings"] for le in ("0.001", "0.25", "0.5", "15.0", "+Inf")] == [1, 1, 2, 2, 3]


async def _inner(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_counting_costs_a_request_some_microseconds() -> None:
    """2.5 to 5 µs on two slow cores; the bound only tells of something that is done a hundred times too often."""
    metered = Metered(_inner, ApiMetrics(TEMPLATES, lambda: None))

    async def send(_: Any) -> None:
        return None

    async def receive() -> Any:
        return None

    async def ask(requests: int) -> float:
        started = time.process_time()
        for number in range(requests):
            await metered({"type": "http", "path": f"/v1/listings/{number}", "state": {}}, receive, send)
        return (time.process_time() - started) / requests

    assert asyncio.run(ask(20_000)) < 100e-6

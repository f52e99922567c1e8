"""304, and what goes with it: ETag, Last-Modified, Cache-Control, Vary, HEAD, gzip, CORS."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from inventory.settings import Settings
from tests.api.stock import Stock

PATHS = ("/v1/listings", "/v1/units", "/v1/dealers", "/v1/categories", "/v1/crawls", "/v1/changes", "/v1/listings/1")


@pytest.fixture(autouse=True)
def _stocked(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    stock.listing(stock.dealer("acme"))
    if (second := _time() % 60) > 54:  # answers change with the minute
        time.sleep(60.5 - second)
    # Two seconds later: of a second that is not over, Last-Modified says nothing.
    monkeypatch.setattr("api.serving.cached.time.time", lambda: _time() + 2)


_time = time.time


@pytest.mark.parametrize("path", PATHS)
def test_what_a_client_holds_is_not_sent_again(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    for header, value in (
        ("If-None-Match", answer.headers["etag"]),
        ("If-Modified-Since", answer.headers["last-modified"]),
    ):
        again = client.get(path, headers={header: value})
        assert (again.status_code, again.content) == (304, b"")
        assert "content-length" not in again.headers
        assert "cache-control" in again.headers
        assert again.headers["etag"] == answer.headers["etag"]
        assert again.headers["vary"] == answer.headers["vary"]


def test_a_change_of_the_data_is_seen_at_once(client: TestClient, stock: Stock) -> None:
    first = client.get("/v1/listings")
    stock.listing(stock.dealer("other"))
    for headers in (
        {"If-None-Match": first.headers["etag"]},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = client.get("/v1/listings", headers=headers)
        assert (again.status_code, again.json()["count"]) == (200, 2)


def test_a_change_elsewhere_is_a_304_too_because_the_content_is_the_same(client: TestClient, stock: Stock) -> None:
    path = "/v1/listings?dealer=acme"
    tag = client.get(path).headers["etag"]
    stock.listing(stock.dealer("other"))
    again = client.get(path, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.headers["etag"] != tag


def test_a_tag_of_one_address_says_nothing_about_another(client: TestClient) -> None:
    tag = client.get("/v1/listings").headers["etag"]
    assert client.get("/v1/listings?count=none", headers={"If-None-Match": tag}).status_code == 200
    assert client.get("/v1/units", headers={"If-None-Match": tag}).status_code == 200


def test_parameters_in_another_order_are_the_same_address(client: TestClient) -> None:
    tag = client.get("/v1/listings?dealer=acme&limit=5").headers["etag"]
    assert client.get("/v1/listings?limit=5&dealer=acme", headers={"If-None-Match": tag}).status_code == 304


def test_errors_are_never_304_and_never_kept(client: TestClient) -> None:
    for path, status in (("/v1/nothing", 404), ("/v1/listings?x=1", 422), ("/v1/listings/99", 404)):
        for headers in ({"If-None-Match": "*"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
            answer = client.get(path, headers=headers)
            assert answer.status_code == status
            assert answer.headers["cache-control"] == "no-store"
            assert "etag" not in answer.headers


def test_an_export_has_a_tag_of_the_data(client: TestClient, stock: Stock) -> None:
    tag = client.get("/v1/listings.csv").headers["etag"]
    assert client.get("/v1/listings.csv", headers={"If-None-Match": tag}).status_code == 304
    stock.listing(stock.dealer("other"))
    assert client.get("/v1/listings.csv", headers={"If-None-Match": tag}).status_code == 200


def test_head_has_the_headers_of_get_and_a_304_of_its_own(client: TestClient) -> None:
    found, head = client.get("/v1/listings"), client.head("/v1/listings")
    assert head.content == b""
    for name in ("etag", "content-length", "content-type", "cache-control", "vary"):
        assert head.headers[name] == found.headers[name]
    assert client.head("/v1/listings", headers={"If-None-Match": found.headers["etag"]}).status_code == 304


def test_compressed_or_not_the_tag_is_that_of_the_content(client: TestClient) -> None:
    packed = client.get("/v1/listings", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/v1/listings", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] == plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept, Accept-Encoding"
    assert packed.json() == plain.json()


def test_a_browser_of_an_allowed_origin_may_ask_conditionally(
    any_settings: Settings, client_for: Callable[..., TestClient]
) -> None:
    origin = "https://observable.example"
    client = client_for(any_settings.model_copy(update={"api_cors_origins": origin}))
    answer = client.get("/v1/listings", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert "etag" in answer.headers["access-control-expose-headers"].lower()
    assert answer.headers["vary"] == "Accept, Accept-Encoding, Origin"
    assert client.get("/v1/listings").headers["vary"] == "Accept, Accept-Encoding, Origin"
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    assert client.options("/v1/listings", headers=asked).status_code == 200
    again = client.get("/v1/listings", headers={"Origin": origin, "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["access-control-allow-origin"]) == (304, origin)


def test_probes_have_no_tag(client: TestClient) -> None:
    for path in ("/health", "/ready"):
        assert "etag" not in client.get(path).headers


def test_an_answer_that_depends_on_the_time_is_not_held_beyond_its_minute(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.get("/v1/listings/1")
    later = _time() + 180
    monkeypatch.setattr("api.serving.cached.time.time", lambda: later)
    fresh = client.get("/v1/listings/1")
    assert fresh.headers["etag"].split("-")[0] != answer.headers["etag"].split("-")[0]
    since = {"If-Modified-Since": answer.headers["last-modified"]}
    assert client.get("/v1/listings/1", headers=since).status_code == 200


def test_a_second_that_is_not_over_is_no_last_modified(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = float(int(_time()) // 60 * 60)  # the minute has just begun
    monkeypatch.setattr("api.serving.cached.time.time", lambda: now)
    assert "last-modified" not in client.get("/v1/listings").headers
    monkeypatch.setattr("api.serving.cached.time.time", lambda: now + 61)
    assert "last-modified" in client.get("/v1/listings").headers

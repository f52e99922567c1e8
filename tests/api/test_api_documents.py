"""What a person opens: the front page, /docs, the OpenAPI document; and HEAD, gzip, CORS."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.columns import ApiColumn, ColumnError, by_name
from api.resources import CRAWLS, DEALERS, LISTINGS
from api.resources_of_units import PAIRS, UNITS, history_of
from inventory.settings import Settings
from tests.api.stock import Stock


@pytest.fixture
def any_settings(sqlite_settings: Settings) -> Settings:
    """Nothing here differs by database."""
    return sqlite_settings


def _hosts(text: str) -> set[str]:
    return set(re.findall(r"(?:https?:)?//([a-zA-Z0-9][a-zA-Z0-9.-]*)", text))


def test_the_docs_ask_no_other_host(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert _hosts(page.text) == set()
    assert '"validatorUrl": null' in page.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for path in loaded:
        assert client.get(path).status_code == 200, path


def test_the_front_page_asks_no_other_host_and_its_links_work(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer("<b>north</b>")
    stock.many(dealer, [{"vertical": "equipment", "status": status} for status in ("active", "active", "gone")])
    stock.crawl(dealer, outcome="failed", reason='"blocked" <script>')
    stock.crawl(dealer, ended_at=None, outcome="running")
    page = client.get("/")
    assert _hosts(page.text) == {"testserver"}
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<b>2</b><span>active equipment listings</span><small>1 gone, 0 sold</small>" in page.text
    assert "&lt;b&gt;north" in page.text
    assert "<script" not in page.text
    links = [path.replace("&amp;", "&") for path in re.findall(r'href="(/[^"]*)"', page.text)]
    assert len(links) >= 10
    for path in links:
        assert client.get(path).status_code == 200, path


def test_the_front_page_speaks_before_the_first_crawl(client: TestClient) -> None:
    assert "No crawl yet" in client.get("/").text


def _document(client: TestClient) -> dict[str, Any]:
    return client.get("/openapi.json").json()  # type: ignore[no-any-return]


def test_openapi_shows_every_column_as_a_filter_with_a_description(client: TestClient) -> None:
    paths = _document(client)["paths"]
    lists = {
        "/v1/listings": LISTINGS,
        "/v1/crawls": CRAWLS,
        "/v1/dealers": DEALERS,
        "/v1/units": UNITS,
        "/v1/pairs": PAIRS,
        "/v1/listings/{listing_id}/events": history_of(1),
    }
    for path, resource in lists.items():
        shown = {parameter["name"]: parameter for parameter in paths[path]["get"]["parameters"]}
        for name in resource.columns:
            assert name in shown or f"{name}__isnull" in shown, name
        assert all(parameter["description"] for parameter in shown.values())
        assert {"limit", "cursor", "sort", "fields", "count"} <= shown.keys()
        assert ("dedup" in shown) == (path == "/v1/listings")
        assert shown["limit"]["schema"]["maximum"] == 1000


def test_openapi_gives_an_example_for_most_filters_and_they_are_accepted(client: TestClient, stock: Stock) -> None:
    stock.dealer("northside")
    for path in ("/v1/listings", "/v1/crawls", "/v1/units", "/v1/pairs", "/v1/changes"):
        parameters = _document(client)["paths"][path]["get"]["parameters"]
        examples = {p["name"]: p["example"] for p in parameters if "example" in p}
        assert len(examples) > 8
        for name, example in examples.items():
            value = ",".join(map(str, example)) if isinstance(example, list) else str(example)
            answer = client.get(path, params={name: value})
            assert answer.status_code == 200, (name, value, answer.text[:300])


def test_openapi_documents_every_address_and_its_problems(client: TestClient) -> None:
    document = _document(client)
    assert set(document["paths"]) == {
        "/health",
        "/ready",
        "/v1/categories",
        "/v1/changes",
        "/v1/changes.csv",
        "/v1/changes.ndjson",
        "/v1/comparables",
        "/v1/crawls",
        "/v1/crawls/{crawl_id}",
        "/v1/dealers",
        "/v1/facets",
        "/v1/failures",
        "/v1/failures/requests",
        "/v1/listings",
        "/v1/listings.csv",
        "/v1/listings.ndjson",
        "/v1/listings.xlsx",
        "/v1/listings/{listing_id}",
        "/v1/listings/{listing_id}/events",
        "/v1/meta",
        "/v1/pairs",
        "/v1/queue",
        "/v1/schema",
        "/v1/snapshots",
        "/v1/snapshots/{vertical}.parquet",
        "/v1/stats",
        "/v1/trends",
        "/v1/units",
        "/v1/units.csv",
        "/v1/units.ndjson",
        "/v1/units.xlsx",
        "/v1/units/{unit_id}",
    }
    for path, item in document["paths"].items():
        assert item["get"]["summary"]
        assert item["get"]["description"]
        if path.startswith("/v1/snapshots"):
            assert {"200", "422"} <= item["get"]["responses"].keys()  # files: no database is asked
        elif path.startswith("/v1"):
            assert {"200", "422", "503"} <= item["get"]["responses"].keys()
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_a_column_that_is_described_but_not_there_stops_the_start() -> None:
    some: list[ApiColumn] = [column for column in LISTINGS.columns.values() if column.name != "price"]
    with pytest.raises(ColumnError, match="price"):
        by_name("listings", some)


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/docs", "/v1/listings", "/v1/listings.csv", "/nothing"])
def test_head_answers_as_get_without_a_body(client: TestClient, stock: Stock, path: str) -> None:
    stock.listing(stock.dealer())
    get, head = client.get(path), client.head(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    if path in ("/v1/listings", "/docs"):
        assert head.headers["content-length"] == get.headers["content-length"]


def test_other_methods_are_refused_with_what_is_offered(client: TestClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, "/v1/listings")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_long_answers_are_compressed_for_who_asks(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{}] * 20)
    for path in ("/v1/listings", "/v1/listings.csv"):
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        plain = client.get(path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.text == plain.text
        assert "accept-encoding" in plain.headers["vary"].lower()


def test_browsers_of_named_origins_may_read_and_no_others(sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update={"api_cors_origins": "https://a.example, https://b.example"})
    with TestClient(create_app(settings)) as client:
        named = client.get("/v1/listings", headers={"Origin": "https://b.example"})
        other = client.get("/v1/listings", headers={"Origin": "https://c.example"})
    assert named.headers["access-control-allow-origin"] == "https://b.example"
    assert "Link" in named.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in other.headers


def test_without_the_setting_no_origin_may_read(client: TestClient) -> None:
    answer = client.get("/health", headers={"Origin": "https://a.example"})
    assert "access-control-allow-origin" not in answer.headers

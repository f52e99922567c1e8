"""CSV: the whole filtered set, as a program and as a spreadsheet read it."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import Any
from urllib.parse import parse_qsl

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from api import export as module
from api.app import create_app
from api.database import Database
from api.export import BrokenOff, open_export
from api.formats.choosing import wanted
from api.formats.csv_rows import guarded
from api.parameters import parse_query
from api.problems import Problem
from api.resources import LISTINGS
from inventory.settings import Settings
from tests.api.stock import T0, Stock

pytestmark = pytest.mark.long


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_whole_filtered_set_is_exported_in_its_order(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.many(dealer, [{"year": year, "make": "Komatsu"} for year in range(1, 2501)])
    stock.listing(dealer, year=9999, make="Caterpillar")
    answer = client.get("/v1/listings.csv?make=Komatsu&sort=-year&fields=year,make")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines() == ["year,make", *(f"{year},Komatsu" for year in range(2500, 0, -1))]


def test_columns_are_those_of_a_page_unless_fields_says_otherwise(client: TestClient, stock: Stock) -> None:
    listing = stock.listing(stock.dealer())
    stock.details(listing, description='A, "b"\nc', images=["x", "y"])
    (row,) = client.get("/v1/listings").json()["data"]
    assert list(_rows(client.get("/v1/listings.csv").text)[0]) == list(row)
    (wide,) = _rows(client.get("/v1/listings.csv?fields=id,description,images").text)
    assert wide["description"] == 'A, "b"\nc'
    assert wide["images"].replace(" ", "") == '["x","y"]'


def test_values_are_written_as_the_docs_say(client: TestClient, stock: Stock) -> None:
    given: dict[str, Any] = {"price": "1234567.10", "hours": 0, "lat": 36.154, "last_seen": T0.replace(microsecond=5)}
    stock.listing(stock.dealer(), **given, title="Grün", currency=None)
    fields = "title,price,currency,hours,lat,first_seen,last_seen"
    (line,) = client.get(f"/v1/listings.csv?fields={fields}").text.splitlines()[1:]
    assert line == "Grün,1234567.10,,0,36.154,2026-01-01T12:00:00Z,2026-01-01T12:00:00.000005Z"


def test_nothing_found_is_a_header_alone(client: TestClient) -> None:
    answer = client.get("/v1/listings.csv?fields=id,title")
    assert (answer.status_code, answer.text) == (200, "id,title\n")


def test_texts_that_begin_a_formula_are_escaped_and_only_they(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    titles = ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(1)", "\t=1", "a=1", None]
    stock.many(dealer, [{"title": title, "lat": -1.5} for title in titles])
    rows = _rows(client.get("/v1/listings.csv?fields=title,lat&sort=id").text)
    assert [row["title"] for row in rows] == ["'=HYPERLINK(1)", "'+1", "'-2+3", "'@SUM(1)", "'\t=1", "a=1", ""]
    assert {row["lat"] for row in rows} == {"-1.5"}
    plain = _rows(client.get("/v1/listings.csv?fields=title&sort=id&escape=false").text)
    assert [row["title"] for row in plain] == [title or "" for title in titles]


@pytest.mark.parametrize(
    "query",
    ["limit=5", "cursor=x", "count=exact", "escape=perhaps", "shape=array", "format=csv", "pirce=1", "dealer=nobody"],
)
def test_an_export_refuses_what_would_cut_it_or_is_unknown(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/listings.csv?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_memory_stays_flat_however_long_the_export_is(any_settings: Settings, stock: Stock) -> None:
    dealer = stock.dealer()
    database = Database(any_settings)
    query = parse_query(LISTINGS, [("fields", "id,title")], max_page_size=10, export=True)

    def peak(asked: str) -> int:
        tracemalloc.start()
        export = open_export(database, query, wanted(parse_qsl(asked), None), head=False, file_name="x")
        with export._release:
            for _ in export.chunks:
                pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    forms = ("format=csv", "format=csv&decimal=,", "format=ndjson", "shape=array")
    stock.many(dealer, [{"title": "x" * 500}] * 3000)
    for asked in forms:
        peak(asked)
    short = {asked: peak(asked) for asked in forms}
    stock.many(dealer, [{"title": "x" * 500}] * 6000)
    for asked in forms:
        assert peak(asked) < 1.3 * short[asked], asked
    database.close()


def test_connections_come_back_after_exports_read_to_the_end_or_left(any_settings: Settings, stock: Stock) -> None:
    stock.many(stock.dealer(), [{}] * 3000)
    app = create_app(any_settings)
    with TestClient(app) as client:
        for _ in range(2 * any_settings.database_pool_size):
            with client.stream("GET", "/v1/listings.csv") as answer:
                next(answer.iter_bytes())
            assert client.head("/v1/listings.csv").status_code == 200
        assert app.state.database.engine.pool.checkedout() == 0
        assert len(client.get("/v1/listings.csv?fields=id").text.splitlines()) == 3001


def test_exports_beyond_the_pool_are_put_off_and_pages_still_answer(any_settings: Settings, stock: Stock) -> None:
    stock.many(stock.dealer(), [{}] * 5)
    database = Database(any_settings)
    query = parse_query(LISTINGS, [], max_page_size=10, export=True)

    def export() -> Any:
        return open_export(database, query, wanted([], None, "csv"), head=False, file_name="x.csv")

    running = [export() for _ in range(any_settings.database_pool_size)]
    with pytest.raises(Problem) as refused:
        export()
    assert refused.value.status == 503
    assert "Retry-After" in refused.value.headers
    assert database.latency_ms() > 0
    for one in running:
        one._release.close()
    export()._release.close()
    database.close()


def test_a_guard_stands_only_before_what_a_spreadsheet_would_run() -> None:
    assert [guarded(text) for text in ("=1", "a", "", "\r1")] == ["'=1", "a", "", "'\r1"]


@pytest.mark.parametrize(("silent_s", "longest_s", "why"), [(0.1, 60.0, "took nothing"), (60.0, 0.3, "EXPORT_MINUTES")])
def test_a_client_that_does_not_read_is_cut_off_and_holds_nothing(
    any_settings: Settings, stock: Stock, monkeypatch: pytest.MonkeyPatch, silent_s: float, longest_s: float, why: str
) -> None:
    stock.many(stock.dealer(), [{"title": "x" * 500}] * 3000)
    monkeypatch.setattr(module, "SILENT_S", silent_s)
    database = Database(any_settings.model_copy(update={"export_minutes": longest_s / 60}))
    query = parse_query(LISTINGS, [("fields", "id,title")], max_page_size=10, export=True)
    export = open_export(database, query, wanted([("format", "csv")], None), head=False, file_name="x")
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) > 2:
            await anyio.sleep(30)

    async def receive() -> Message:
        await anyio.sleep(30)
        raise AssertionError("it was cut off long ago")

    async def run() -> None:
        await export({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)

    assert database.engine.pool.checkedout() == 1
    with pytest.raises(BrokenOff, match=why):
        anyio.run(run)
    assert database.engine.pool.checkedout() == 0
    assert all(database.exports.acquire(blocking=False) for _ in range(any_settings.database_pool_size))
    assert all(message.get("more_body", True) for message in sent)
    database.close()

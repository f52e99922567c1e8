"""The same list as JSON, as a bare array, as NDJSON and as CSV: by ending, by parameter, by Accept."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.columns import ApiColumn
from api.formats.choosing import FORMATS, accepted, asks_for_export, wanted
from api.formats.csv_options import CsvOptions
from api.formats.csv_rows import BOM, FORMULA_STARTS, csv_chunks
from api.formats.json_rows import array_chunks
from api.problems import Problem
from tests.api.stock import T0, Stock

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"


def odd_rows(stock: Stock) -> list[int]:
    """Rows with everything that a format could trip over."""
    rows: list[dict[str, Any]] = [
        {
            "title": 'a "b", c;d|e\tf',
            "price": "1234567.10",
            "hours": 0,
            "lat": 36.154,
            "lon": -0.5,
            "size_value": 27000.0,
        },
        {
            "title": "=1+1",
            "section": "two\nlines\r\nthree\rfour",
            "price": None,
            "size_value": 1e21,
            "category": "excavators",
        },
        {"title": "Grün \u2028 \\x \\n ' % %(x)s :y", "make": "", "last_seen": T0 + timedelta(microseconds=5)},
        {"title": "😀 \x01\x02\x1f", "first_seen": T0 + timedelta(milliseconds=500), "unit_price_per_kg": "0.07"},
        {"title": None, "doubtful": {"price": [1, "x"]}},
    ]
    ids = stock.many(stock.dealer(), [{"first_seen": T0, "last_seen": T0} | row for row in rows])
    stock.details(ids[0], description='line 1\n"line 2"', images=["x", "ü"])
    stock.unit(ids[0], ids[1])
    return ids


@pytest.mark.parametrize("path", ["/v1/listings", "/v1/units"])
def test_an_ending_a_parameter_and_accept_give_the_same_bytes(client: TestClient, stock: Stock, path: str) -> None:
    odd_rows(stock)
    for name, media_type in (("csv", CSV), ("ndjson", NDJSON)):
        by_ending = client.get(f"{path}.{name}?sort=-id")
        by_parameter = client.get(f"{path}?format={name}&sort=-id")
        by_accept = client.get(f"{path}?sort=-id", headers={"Accept": media_type})
        assert by_ending.status_code == 200
        assert by_ending.content == by_parameter.content == by_accept.content
        assert by_ending.headers["content-type"].startswith(media_type)
        assert "Accept" in by_accept.headers["vary"]
        assert by_accept.headers["content-disposition"].endswith(f'.{name}"')
    assert "Accept" in client.get(path).headers["vary"]


def test_every_format_has_the_rows_of_the_pages(client: TestClient, stock: Stock) -> None:
    odd_rows(stock)
    fields = "fields=" + ",".join([*client.get("/v1/listings").json()["data"][0], "description", "images"])
    rows = client.get(f"/v1/listings?{fields}").json()["data"]
    assert client.get(f"/v1/listings?{fields}&shape=array").json() == rows
    assert client.get(f"/v1/listings?{fields}&shape=array&limit=2").json() == rows[:2]
    lines = client.get(f"/v1/listings.ndjson?{fields}").text.split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == rows
    found = list(csv.DictReader(io.StringIO(client.get(f"/v1/listings.csv?{fields}&escape=false").text, newline="")))
    assert [list(row) for row in found] == [list(row) for row in rows]
    for cells, row in zip(found, rows, strict=True):
        for name, value in row.items():
            assert _said(cells[name], value) == value, name


def _said(cell: str, value: Any) -> Any:
    """The cell as what it should be."""
    if value is None or value == "":
        return value if cell == "" else cell
    return cell if isinstance(value, str) else json.loads(cell)


def test_both_databases_write_the_same_csv(client: TestClient, stock: Stock) -> None:
    odd_rows(stock)
    fields = "title,section,price,unit_price_per_kg,hours,lat,lon,size_value,category,first_seen,last_seen,gone_at"
    assert client.get(f"/v1/listings.csv?fields={fields}").content.decode() == (
        f"{fields}\n"
        '"a ""b"", c;d|e\tf",,1234567.10,,0,36.154,-0.5,27000,,2026-01-01T12:00:00Z,2026-01-01T12:00:00Z,\n'
        '\'=1+1,"two\nlines\r\nthree\rfour",,,,,,1e+21,excavators,2026-01-01T12:00:00Z,2026-01-01T12:00:00Z,\n'
        "Grün \u2028 \\x \\n ' % %(x)s :y,,,,,,,,,2026-01-01T12:00:00Z,2026-01-01T12:00:00.000005Z,\n"
        "😀 \x01\x02\x1f,,,0.07,,,,,,2026-01-01T12:00:00.500000Z,2026-01-01T12:00:00Z,\n"
        ",,,,,,,,,2026-01-01T12:00:00Z,2026-01-01T12:00:00Z,\n"
    )


def test_options_of_csv(client: TestClient, stock: Stock) -> None:
    stock.listing(stock.dealer(), title="a;b", price="1234.50", lat=-36.154)
    path = "/v1/listings.csv?fields=title,price,lat"
    assert client.get(f"{path}&bom=1").content == BOM + b"title,price,lat\na;b,1234.50,-36.154\n"
    assert client.get(f"{path}&sep=;").text == 'title;price;lat\n"a;b";1234.50;-36.154\n'
    assert client.get(f"{path}&sep=tab").text == "title\tprice\tlat\na;b\t1234.50\t-36.154\n"
    assert client.get(f"{path}&decimal=,").text == 'title;price;lat\n"a;b";1234,50;-36,154\n'
    assert client.get(f"{path}&decimal=,&sep=|&bom=1").content == BOM + b"title|price|lat\na;b|1234,50|-36,154\n"


def test_a_csv_of_one_column_has_a_line_for_each_row(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{"title": "a"}, {"title": None}, {"title": "b"}])
    assert client.get("/v1/listings.csv?fields=title").text == 'title\na\n""\nb\n'


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("format=xml", "format"),
        ("format=CSV", "format"),
        ("format=csv&format=csv", "format"),
        ("shape=list", "shape"),
        ("shape=array&format=csv", "shape"),
        ("bom=1", "bom"),
        ("sep=;", "sep"),
        ("format=ndjson&decimal=,", "decimal"),
        ("format=csv&sep=a", "sep"),
        ("format=csv&decimal=,&sep=,", "sep"),
        ("format=csv&decimal=;", "decimal"),
        ("format=csv&bom=perhaps", "bom"),
        ("format=csv&limit=5", "limit"),
        ("format=ndjson&cursor=x", "cursor"),
        ("shape=array&count=exact", "count"),
        ("fromat=csv", "fromat"),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(client: TestClient, query: str, parameter: str) -> None:
    answer = client.get(f"/v1/listings?{query}")
    assert answer.status_code == 422
    assert parameter in [error["parameter"] for error in answer.json()["errors"]]


def test_a_misspelt_parameter_of_formats_is_recognised(client: TestClient) -> None:
    (error,) = client.get("/v1/listings?fromat=csv").json()["errors"]
    assert error["did_you_mean"] == "format"


def test_accept_without_a_format_that_there_is_gets_406_that_names_them(client: TestClient) -> None:
    answer = client.get("/v1/listings", headers={"Accept": "application/xml"})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(found.media_type in answer.json()["detail"] for found in FORMATS.values())
    assert client.get("/v1/listings?format=json", headers={"Accept": "application/xml"}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV; charset=utf-8", "csv"),
        ("text/*", "csv"),
        ("application/*", "json"),
        ("application/json;q=0.5, text/csv", "csv"),
        ("application/json, text/csv", "json"),
        ("text/csv, */*", "csv"),
        ("application/ndjson", "ndjson"),
        ("*/*, application/json;q=0", "ndjson"),
        (FORMATS["xlsx"].media_type, "xlsx"),
    ],
)
def test_accept_is_read_as_the_standard_says(accept: str | None, name: str) -> None:
    assert accepted(accept).name == name


@pytest.mark.parametrize("accept", ["application/xml", "text/csv;q=0", "*/*;q=0", "text/csv;q=nan", ",", "csv"])
def test_accept_that_leaves_nothing_is_refused(accept: str) -> None:
    with pytest.raises(Problem) as refused:
        accepted(accept)
    assert refused.value.status == 406


@pytest.mark.parametrize(
    ("path", "query", "accept", "export"),
    [
        ("/v1/listings", [], None, False),
        ("/v1/listings.csv", [], None, True),
        ("/v1/units.xlsx", [], None, True),
        ("/v1/listings", [("format", "csv")], None, True),
        ("/v1/listings", [], CSV, True),
        ("/v1/listings", [("format", "json")], CSV, False),
        ("/v1/listings", [("shape", "array")], None, True),
        ("/v1/listings", [("shape", "array"), ("limit", "5")], None, False),
        ("/v1/listings", [("format", "xml")], None, False),
        ("/v1/listings/7/events", [], NDJSON, True),
        ("/v1/dealers", [], CSV, False),
        ("/v1/snapshots/dog.parquet", [], None, True),
    ],
)
def test_one_place_says_what_is_an_export(
    path: str, query: list[tuple[str, str]], accept: str | None, export: bool
) -> None:
    assert asks_for_export(path, query, accept) is export


def test_an_array_without_limit_is_the_whole_set_and_with_limit_a_page_that_leads_on(
    client: TestClient, stock: Stock
) -> None:
    stock.many(stock.dealer(), [{}] * 250)
    whole = client.get("/v1/listings?shape=array&fields=id")
    assert len(whole.json()) == 250
    assert "link" not in whole.headers
    rows: list[Any] = []
    following: str | None = "/v1/listings?shape=array&fields=id&limit=100"
    while following:
        page = client.get(following)
        rows += page.json()
        following = page.links.get("next", {}).get("url")
    assert rows == whole.json()


def test_nothing_found_is_empty_in_every_format(client: TestClient) -> None:
    assert client.get("/v1/listings?shape=array").json() == []
    assert client.get("/v1/listings.ndjson").content == b""
    assert client.get("/v1/units.csv?fields=id,title").text == "id,title\n"


def test_values_of_filters_reach_the_database_as_values(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    nasty = ["o'hara", "a\\'b", "%s %(x)s %%", "$1 $$", "); DROP TABLE listings; --", "ü\u2028"]
    ids = stock.many(dealer, [{"make": make, "price": "9.99", "year": 2000 + n} for n, make in enumerate(nasty)])
    stock.details(ids[0], images=["o'x"])
    for name in ("csv", "ndjson"):
        for make in nasty:
            answer = client.get(f"/v1/listings.{name}", params={"make": f'"{make}"', "fields": "id,make"})
            assert len(answer.text.splitlines()) - (name == "csv") == 1 or "\u2028" in make, make
        one = {
            "images": "o'x",
            "price__gte": "9.985",
            "first_seen__gte": "2026-01-01",
            "year": "2000,2001",
            "title__isnull": "true",
            "make__contains": "'",
            "dedup": "unit",
            "sort": "-price,year",
            "fields": "id,year",
        }
        assert "2000" in client.get(f"/v1/listings.{name}", params=one).text


def test_events_of_a_listing_come_in_every_format(client: TestClient, stock: Stock) -> None:
    listing = stock.listing(stock.dealer())
    stock.event(listing, "listed", changes={"price": [None, 5]})
    path = f"/v1/listings/{listing}/events"
    (row,) = client.get(path).json()["data"]
    assert client.get(f"{path}?shape=array").json() == [row]
    assert [json.loads(line) for line in client.get(f"{path}?format=ndjson").text.splitlines()] == [row]
    assert len(client.get(f"{path}?format=csv").text.splitlines()) == 2


def test_strict_refuses_an_export_that_would_mislead(client: TestClient, stock: Stock) -> None:
    rows = [{"price": "1", "currency": "USD", "price_period": "once"}, {"price": "2", "currency": "EUR"}]
    stock.many(stock.dealer(), rows)
    assert client.get("/v1/listings.csv?sort=price&strict=1").status_code == 422
    assert client.get("/v1/listings.csv?sort=price&strict=1&currency=USD").status_code == 200


def _text_column(name: str) -> ApiColumn:
    return ApiColumn(name, None, "text", True, "")


@given(rows=st.lists(st.tuples(st.text() | st.none(), st.text() | st.none())), sep=st.sampled_from(",;|\t"))
def test_any_text_comes_back_from_csv_and_no_cell_begins_a_formula(
    rows: list[tuple[str | None, str | None]], sep: str
) -> None:
    columns = [_text_column("a"), _text_column("b")]
    options = CsvOptions(sep=sep)
    text = b"".join(csv_chunks([rows] if rows else [], columns, options)).decode("utf-8", "surrogatepass")
    _, *found = csv.reader(io.StringIO(text, newline=""), delimiter=sep)
    assert len(found) == len(rows)
    for cells, row in zip(found, rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            assert not cell.startswith(FORMULA_STARTS)
            assert cell.removeprefix("'") == (value or "").removeprefix("'") or cell == value


@given(st.lists(st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.none(), max_size=3), max_size=4)))
def test_lines_in_any_chunks_make_one_array(chunks: list[list[dict[str, Any]]]) -> None:
    lines = [b"".join(json.dumps(row).encode() + b"\n" for row in chunk) for chunk in chunks]
    assert json.loads(b"".join(array_chunks(lines))) == [row for chunk in chunks for row in chunk]


@given(st.text(max_size=40))
def test_no_accept_header_breaks_anything(text: str) -> None:
    try:
        assert wanted([], text).format.name in FORMATS
    except Problem as refused:
        assert refused.status == 406  # noqa: PT017

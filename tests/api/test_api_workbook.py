"""Workbooks, as openpyxl reads them."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.columns import ApiColumn
from api.formats import answering, workbook
from api.formats.workbook import ABOUT_SHEET, MOST_LETTERS, ROWS_SHEET, About, written_workbook
from tests.api.stock import T0, Stock

HALF_S = timedelta(milliseconds=500)


def read(content: bytes) -> tuple[Any, dict[str, Any]]:
    """The sheet of rows, and what the other sheet says."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return book[ROWS_SHEET], {row[0].value: row[1].value for row in book[ABOUT_SHEET].iter_rows()}


def test_cells_have_types_under_a_frozen_header(client: TestClient, stock: Stock) -> None:
    stock.listing(
        stock.dealer(), title="=1+1", price="1234.50", hours=7, lat=36.154, last_seen=T0.replace(microsecond=500_000)
    )
    answer = client.get("/v1/listings.xlsx?fields=title,price,hours,lat,last_seen,make,id")
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert int(answer.headers["content-length"]) == len(answer.content)
    sheet, about = read(answer.content)
    assert sheet.freeze_panes == "A2"
    header, row = sheet.iter_rows()
    assert [cell.value for cell in header] == ["title", "price", "hours", "lat", "last_seen", "make", "id"]
    assert [cell.data_type for cell in row] == ["s", "n", "n", "n", "d", "n", "n"]
    assert [cell.value for cell in row[:4]] == ["=1+1", 1234.5, 7, 36.154]
    assert row[4].value == datetime(2026, 1, 1, 12, 0, 0, 500_000)
    assert row[5].value is None
    assert about["rows"] == 1
    assert about["query"].endswith("/v1/listings.xlsx?fields=title,price,hours,lat,last_seen,make,id")
    assert about["status"] == "active: 1"


def test_the_second_sheet_tells_what_could_mislead_and_how_new_the_data_are(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.crawl(dealer)
    stock.many(dealer, [{"price": "1", "currency": "USD"}, {"price": "2", "currency": "EUR"}])
    _, about = read(client.get("/v1/listings?format=xlsx&sort=price").content)
    assert "EUR: 1" in about["mixed_currencies"]
    assert about["data_as_of"] == "2026-01-01T12:03:00Z"


def test_too_many_rows_are_refused_before_anything_is_written(
    client: TestClient, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_ROWS", 2)
    monkeypatch.setattr(answering, "written_workbook", None)
    stock.many(stock.dealer(), [{}] * 3)
    answer = client.get("/v1/listings.xlsx")
    assert answer.status_code == 422
    assert answer.json()["rows"] == 3
    assert "format=csv" in answer.json()["detail"]


def test_rows_that_come_in_meanwhile_are_refused_too(
    client: TestClient, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    stock.many(stock.dealer(), [{}] * 3)
    assert client.get("/v1/listings.xlsx").json()["type"].endswith("too-many-rows")


def test_units_nothing_and_head(client: TestClient, stock: Stock) -> None:
    assert client.head("/v1/units.xlsx").status_code == 200
    sheet, about = read(client.get("/v1/units.xlsx?fields=id,title").content)
    assert (sheet.max_row, about["rows"]) == (1, 0)
    listing = stock.listing(stock.dealer(), title="x")
    unit = stock.unit(listing)
    sheet, _ = read(client.get("/v1/units.xlsx?fields=id,title").content)
    assert [cell.value for cell in sheet[2]] == [unit, "x"]


def _column(name: str, kind: Any) -> ApiColumn:
    return ApiColumn(name, None, kind, True, "")


def _book(rows: list[Any], columns: list[ApiColumn]) -> tuple[Any, dict[str, Any]]:
    about = About("q", T0, None, "status", {}, [])
    with written_workbook([rows], columns, about) as file:
        file.seek(0)
        return read(file.read())


def test_a_text_that_no_cell_can_hold_is_cut_and_said() -> None:
    sheet, about = _book([("x" * MOST_LETTERS,), ("y" * (MOST_LETTERS + 1),)], [_column("description", "text")])
    assert [len(sheet.cell(row, 1).value) for row in (2, 3)] == [MOST_LETTERS, MOST_LETTERS]
    assert about["texts cut"].startswith("description: 1 ")


def test_what_excel_cannot_count_is_a_text() -> None:
    columns = [_column("id", "integer"), _column("at", "time"), _column("list", "list"), _column("flag", "boolean")]
    sheet, _ = _book([(2**60 + 1, datetime(1850, 1, 1, tzinfo=T0.tzinfo), '["a"]', 1)], columns)
    assert [cell.value for cell in sheet[2]] == [str(2**60 + 1), "1850-01-01T00:00:00Z", '["a"]', True]


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(["=", "+", "-", "@", "{=", "http://", ""]), PLAIN), min_size=1, max_size=20))
def test_any_text_is_a_text_cell_with_the_same_text(parts: list[tuple[str, str]]) -> None:
    texts = [start + rest for start, rest in parts]
    sheet, _ = _book(
        [(json.dumps(n), text) for n, text in enumerate(texts)], [_column("n", "text"), _column("t", "text")]
    )
    for row, text in enumerate(texts, start=2):
        cell = sheet.cell(row, 2)
        assert cell.data_type == "s" or text == ""
        assert (cell.value or "") == text

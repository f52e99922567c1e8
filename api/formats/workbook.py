"""Rows of a driver → an Excel workbook in a file: typed columns under a frozen header, and a sheet about them.

A text is a text cell whatever it begins with, never a formula. Memory stays flat: rows go to the disk one by one.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO, Any, Final

import xlsxwriter

from api.columns import ApiColumn, Kind
from api.formats.csv_rows import time as iso
from api.rows import sqlite_time
from api.warnings import Warned

MOST_ROWS: Final = 200_000
"""More are refused: a spreadsheet takes 1,048,576, but nobody waits for that many."""
MOST_LETTERS: Final = 32_767
"""Of a cell, in UTF-16 units: Excel's limit."""
EXACT: Final = 2**53
"""Excel's numbers are doubles: a whole number beyond this is written as a text."""
ROWS_SHEET: Final = "rows"
ABOUT_SHEET: Final = "about"
_FIRST_DAY: Final = datetime(1899, 12, 30)
_OLDEST: Final = datetime(1900, 3, 1)
"""Before it Excel's calendar has a day that never was: such a time is written as a text."""
_WIDTHS: Final[Mapping[Kind, float]] = {"text": 24, "time": 19, "money": 12, "float": 10, "integer": 9}
_FORMS: Final[Mapping[Kind, str]] = {"money": "#,##0.00", "time": "yyyy-mm-dd hh:mm:ss"}


@dataclass(frozen=True, slots=True)
class About:
    """What the second sheet says. `counts`: rows by each value of the column `group`."""

    query: str
    written_at: datetime
    data_as_of: Any
    group: str
    counts: Mapping[str, int]
    warnings: Sequence[Warned]


@dataclass(slots=True)
class _Written:
    rows: int = 0
    cut: dict[str, int] = field(default_factory=dict)


class TooManyRows(RuntimeError):
    """More rows came than were counted, and than a workbook takes."""


def written_workbook(
    batches: Iterable[Sequence[Sequence[Any]]], columns: Sequence[ApiColumn], about: About
) -> IO[bytes]:
    """A temporary file with the workbook; it is gone when it is closed. Raises `TooManyRows`."""
    file = tempfile.TemporaryFile(prefix="yardstick-", suffix=".xlsx")  # noqa: SIM115 (the caller closes it)
    try:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        try:
            written = _rows(book, batches, columns)
            _about(book, about, written)
        finally:
            book.close()  # also where something failed: its own temporary files go only by this
    except BaseException:
        file.close()
        raise
    return file


def _rows(book: Any, batches: Iterable[Sequence[Sequence[Any]]], columns: Sequence[ApiColumn]) -> _Written:
    sheet = book.add_worksheet(ROWS_SHEET)
    sheet.freeze_panes(1, 0)
    forms = {kind: book.add_format({"num_format": form}) for kind, form in _FORMS.items()}
    bold = book.add_format({"bold": True})
    for position, column in enumerate(columns):
        sheet.set_column(position, position, _WIDTHS.get(column.kind, 14))
        sheet.write_string(0, position, column.name, bold)
    written = _Written()
    cell = _cell_writer(sheet, columns, forms, written)
    for rows in batches:
        if written.rows + len(rows) > MOST_ROWS:
            raise TooManyRows(f"more than {MOST_ROWS} rows")
        for row in rows:
            written.rows += 1
            for position, value in enumerate(row):
                if value is not None:
                    cell[position](written.rows, position, value)
    sheet.autofilter(0, 0, written.rows, len(columns) - 1)
    return written


def _cell_writer(
    sheet: Any, columns: Sequence[ApiColumn], forms: Mapping[Kind, Any], written: _Written
) -> list[Callable[[int, int, Any], None]]:
    """How a cell of each column is written."""

    def put_text(row: int, position: int, value: Any) -> None:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if sheet.write_string(row, position, text) == -2:  # cut to Excel's limit
            name = columns[position].name
            written.cut[name] = written.cut.get(name, 0) + 1

    def put_number(row: int, position: int, value: Any) -> None:
        if isinstance(value, int) and abs(value) > EXACT:
            put_text(row, position, str(value))
        elif math.isfinite(value):
            sheet.write_number(row, position, value)

    def put_money(row: int, position: int, value: Any) -> None:
        sheet.write_number(row, position, float(value), forms["money"])

    def put_time(row: int, position: int, value: Any) -> None:
        moment = datetime.fromisoformat(sqlite_time(value)) if isinstance(value, str) else value
        plain = moment.astimezone(UTC).replace(tzinfo=None)
        if plain < _OLDEST:
            put_text(row, position, iso(plain))
        else:
            sheet.write_number(row, position, (plain - _FIRST_DAY) / timedelta(days=1), forms["time"])

    def put_boolean(row: int, position: int, value: Any) -> None:
        sheet.write_boolean(row, position, bool(value))

    by_kind: dict[Kind, Callable[[int, int, Any], None]] = {
        "integer": put_number,
        "float": put_number,
        "money": put_money,
        "time": put_time,
        "boolean": put_boolean,
    }
    return [by_kind.get(column.kind, put_text) for column in columns]


def _about(book: Any, about: About, written: _Written) -> None:
    sheet = book.add_worksheet(ABOUT_SHEET)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    counted = ", ".join(f"{word}: {count}" for word, count in about.counts.items())
    lines: list[tuple[str, str | int]] = [
        ("query", about.query),
        ("written_at", iso(about.written_at)),
        ("data_as_of", "unknown" if about.data_as_of is None else iso(about.data_as_of)),
        ("rows", written.rows),
        (about.group, counted or "none"),
        ("times", "UTC"),
        ("unknown values", "empty cells; 0 means zero"),
    ]
    lines += [
        (warned.code, f"{warned.detail} ({', '.join(f'{word}: {n}' for word, n in warned.counts.items())})")
        for warned in about.warnings
    ]
    lines += [
        ("texts cut", f"{name}: {count} longer than {MOST_LETTERS} letters, Excel's limit; format=csv has them whole")
        for name, count in written.cut.items()
    ]
    for row, (name, value) in enumerate(lines):
        sheet.write_string(row, 0, name)
        if isinstance(value, int):
            sheet.write_number(row, 1, value)
        else:
            sheet.write_string(row, 1, value)

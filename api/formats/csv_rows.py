"""Rows of a driver → CSV (UTF-8, RFC 4180 but for lines that end in a line feed, as PostgreSQL's COPY writes them).

The way for SQLite, and for what COPY cannot write (a decimal comma). Both ways give the same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from api.columns import ApiColumn
from api.formats.csv_options import CsvOptions
from api.rows import sqlite_time

BOM: Final = b"\xef\xbb\xbf"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection)."""
GUARDED: Final = ("text", "category")
"""Kinds whose values are anybody's words."""


class _Lines:
    """Takes the lines of a `csv.writer` that ends them in CRLF, so that it quotes what holds either of the two."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line[:-2])

    def taken(self) -> bytes:
        """What was written since the last call."""
        text = "\n".join([*self.lines, ""]).encode()
        self.lines.clear()
        return text


def csv_chunks(
    batches: Iterable[Sequence[Sequence[Any]]], columns: Sequence[ApiColumn], options: CsvOptions
) -> Iterator[bytes]:
    """The header line, then a chunk a batch of rows. Unknown values are empty."""
    writers = cell_writers(columns, options)
    lines = _Lines()
    writer = csv.writer(lines, delimiter=options.sep, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    head = BOM if options.bom else b""
    for rows in batches:
        cells = [list(row) for row in rows]
        for position, write in writers:
            for row in cells:
                if row[position] is not None:
                    row[position] = write(row[position])
        writer.writerows(cells)
        yield head + lines.taken()
        head = b""
    if lines.lines:
        yield head + lines.taken()


def cell_writers(columns: Sequence[ApiColumn], options: CsvOptions) -> list[tuple[int, Callable[[Any], Any]]]:
    """Position → how the cell is written, for columns whose driver's value is not its text already."""
    by_kind: dict[str, Callable[[Any], Any]] = {"money": money, "float": number, "time": time, "boolean": boolean}
    if options.decimal != ".":
        by_kind |= {kind: _with_comma(by_kind[kind]) for kind in ("money", "float")}
    if options.escape:
        by_kind |= dict.fromkeys(GUARDED, guarded)
    return [(position, by_kind[c.kind]) for position, c in enumerate(columns) if c.kind in by_kind]


def guarded(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def money(value: float) -> str:
    """An amount with its two decimals."""
    return f"{value:.2f}"


def number(value: float) -> str:
    """The shortest text that is read as the same number, as PostgreSQL writes it: 27000, 36.154, 1e+16."""
    return repr(float(value)).removesuffix(".0")


def time(value: datetime | str) -> str:
    """ISO 8601 in UTC with Z, fractions of a second only where there are any."""
    return sqlite_time(value) if isinstance(value, str) else value.isoformat().removesuffix("+00:00") + "Z"


def boolean(value: object) -> str:
    """true or false."""
    return "true" if value else "false"


def _with_comma(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: write(value).replace(".", ",")

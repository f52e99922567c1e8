"""CSV as people and spreadsheets write it: bytes into numbered records, a line that cannot be read among them.

The delimiter is the header's: comma, semicolon, tab or bar (Excel's `sep=;` too). Values stay text, as the parsers
want them. It streams: no more than a block and one record are held.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from inventory.listing import FIELD_NAMES
from pipelines.json_lines import MAX_LINE_BYTES, LineError, SourceError

DELIMITERS: Final = (",", ";", "\t", "|")
_AS_JSON: Final = frozenset({"specs", "breadcrumbs", "attributes", "images", "raw", "provenance", "breed_sizes"})
"""Columns whose cells may hold a list or an object, as the API's own export writes them."""

_COORDINATES: Final = frozenset({"lat", "lon"})
_COMMA: Final = re.compile(r"\s*-?\d{1,3},\d+\s*")
_SEP: Final = re.compile(r"sep=(.)", re.IGNORECASE)
_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")
_OURS: Final = frozenset({*FIELD_NAMES, "specs", "breadcrumbs", "size", "operating_weight", "net_weight"})

Numbered = tuple[int, dict[str, Any] | LineError]


class HeaderError(SourceError):
    """The columns of a file cannot be followed; the message names them."""


@dataclass(frozen=True, slots=True)
class Header:
    """How a file's records are read. `names` are the keys of a record, None for a column that has none."""

    delimiter: str
    names: tuple[str | None, ...]


def csv_records(blocks: Iterable[bytes], columns: Mapping[str, str]) -> Iterator[Numbered]:
    """The records below the header, each with the number of its first line, or with why it cannot be used.

    `columns` is the user's map from the file's header to fields; a header that is a field's name needs no entry.
    Raises `SourceError`; `HeaderError` where the header is missing or does not fit the map.
    """
    source = _Source(blocks)
    header = _header(source, columns)
    while True:
        for number, cells in _rows(source, header.delimiter):
            found = _record(header, cells) if isinstance(cells, list) else cells
            if isinstance(found, LineError) and source.give_back():
                yield number, found
                break  # read on behind the record's first line, with a reader that knows of no open quote
            if found is not None:
                yield number, found
            source.taken.clear()
        else:
            return


def _rows(source: _Source, delimiter: str) -> Iterator[tuple[int, list[str] | LineError]]:
    """Strict, so that a quote that is not closed does not swallow lines up to the next quote."""
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        try:
            cells: list[str] | LineError = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = source.by_itself(delimiter) or LineError(f"is no CSV: {error}")
        number = source.taken[0][0]
        if source.ended:  # the reader asked for more
            cells = LineError("opens a quote that is never closed")
        yield number, cells


def _header(source: _Source, columns: Mapping[str, str]) -> Header:
    first = next(source, None)
    said = _SEP.fullmatch(first.strip()) if first is not None else None
    if said:
        first = next(source, None)
    if first is None:
        raise HeaderError("the file is empty: the first line names the columns")
    delimiter = said[1] if said else max(DELIMITERS, key=lambda sign: len(_cells(first, sign)))
    given = [cell.strip() for cell in _cells(first, delimiter)]
    if missing := [theirs for theirs in columns if theirs not in given]:
        raise HeaderError(f"--map {missing[0]}=…: no such column; the file's columns are: {', '.join(given)}")
    names = tuple(columns.get(name) or _name(name) for name in given)
    ours = [name for name in names if name in _OURS]
    if twice := next((name for name in ours if ours.count(name) > 1), None):
        raise HeaderError(f"two columns are {twice!r}: {', '.join(given)}")
    if not {"external_id", "url"} & set(ours):
        raise HeaderError(f"no column is external_id or url: say which with --map; they are: {', '.join(given)}")
    source.taken.clear()
    return Header(delimiter, names)


def _name(theirs: str) -> str | None:
    """A column's key: our field where it is one in other letters ("External ID"), else as it stands."""
    ours = re.sub(r"[\s-]+", "_", theirs.casefold())
    return ours if ours in _OURS else theirs or None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _record(header: Header, cells: list[str]) -> dict[str, Any] | LineError | None:
    """A record without its empty cells; None for a blank line."""
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) != len(header.names):
        return LineError(f"has {len(cells)} cells, the header {len(header.names)}")
    if any(_NOT_UTF8.search(cell) for cell in cells):
        return LineError("is not UTF-8; convert the file first: iconv -f windows-1252 -t utf-8")
    record: dict[str, Any] = {}
    for name, cell in zip(header.names, cells, strict=True):
        if name is not None and cell.strip():
            record.setdefault(name, _value(name, cell))
    return record


def _value(name: str, cell: str) -> Any:
    if name in _AS_JSON and cell.lstrip()[:1] in ("[", "{"):
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            return cell
    return cell.replace(",", ".") if name in _COORDINATES and _COMMA.fullmatch(cell) else cell


class _Source:
    """Lines for a csv.reader, which takes as many as a record has. `taken` are those of the record being read."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._lines = _numbered(blocks)
        self._back: deque[tuple[int, str | None]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.ended = False

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> str:
        entry = self._back.popleft() if self._back else next(self._lines, None)
        if entry is None:
            self.ended = True
            raise StopIteration
        number, text = entry
        self.taken.append((number, text or ""))
        if text is None:
            raise csv.Error(f"longer than {MAX_LINE_BYTES // 1024 // 1024} MB")
        return text + "\n"

    def by_itself(self, delimiter: str) -> list[str] | None:
        """A line whose quotes are in the wrong place (`"CAT" 320`), read all the same where they are in pairs."""
        (_, text), *more = self.taken
        return None if more or self.ended or text.count('"') % 2 else _cells(text, delimiter)

    def give_back(self) -> bool:
        """A record's lines but the first may be good records by themselves. False where it had one line."""
        rest = self.taken[1:]
        self.taken.clear()
        self._back.extendleft(reversed(rest))
        self.ended = False
        return bool(rest)


def _numbered(blocks: Iterable[bytes]) -> Iterator[tuple[int, str | None]]:
    """Lines numbered from 1; None for one that is too long. What is not UTF-8 is kept as half surrogates."""
    number, length = 1, 0
    held: list[bytes] = []
    for block in blocks:
        *lines, rest = block.split(b"\n")
        for line in lines:
            yield number, None if length > MAX_LINE_BYTES else _text(b"".join([*held, line]))
            number, length, held = number + 1, 0, []
        length += len(rest)
        if length > MAX_LINE_BYTES:
            held = []
        else:
            held.append(rest)
    if length:
        yield number, None if length > MAX_LINE_BYTES else _text(b"".join(held))


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")

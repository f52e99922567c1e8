"""The records of a feed in any of its forms, read as they come."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Any, Final

from crawler.platforms.base import BrokenRecord, UnreadablePage
from crawler.platforms.feed_file import FeedFile
from crawler.platforms.records import find_items, read_json
from crawler.platforms.xml_records import is_html, xml_records

DELIMITERS: Final = "\t,;|"
MAX_LINE: Final = 1_000_000
"""Characters; a longer line is no row, and would have to be held in memory."""


def read_records(file: FeedFile, form: str, path: str | None) -> Iterator[Any]:
    """The records of a feed: dicts of text (csv, tsv, xml), JSON values (json, jsonl); `BrokenRecord` for a bad one.

    `path` is the JMESPath of a JSON array, or the name of an XML feed's element (`item`). Raises `UnreadablePage` for
    another form, and at the end for a feed that was cut off: what stood before has been given.
    """
    readers: dict[str, Callable[[], Iterator[Any]]] = {
        "csv": lambda: delimited(file, None),
        "tsv": lambda: delimited(file, "\t"),
        "json": lambda: iter(find_items(read_json(file.whole()), path)),
        "jsonl": lambda: _json_lines(file),
        "xml": lambda: xml_records(file, path or "item"),
    }
    return readers[form]()


def delimited(file: FeedFile, delimiter: str | None) -> Iterator[dict[str, str] | BrokenRecord]:
    """A dict for each row of a file with a header; the delimiter is told by the header where it is not given."""
    if file.head.lstrip().startswith("<"):
        raise UnreadablePage("is a page of HTML, not a feed" if is_html(file.head) else "is XML, not delimited text")
    header_line = file.head.partition("\n")[0]
    delimiter = delimiter or max(DELIMITERS, key=header_line.count)
    lines = _Lines(file)
    if _closes_its_quotes(file.head, delimiter):
        rows = _rows(csv.reader(lines, delimiter=delimiter))
    else:
        rows = _rows(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
    header = next(rows, [])
    if isinstance(header, BrokenRecord):
        raise UnreadablePage(f"has no header: it {header.reason}")
    header = [name.strip().lstrip("\ufeff") for name in header]
    held: list[str] | None = None
    for row in rows:
        if held is not None:
            yield _named(header, held)
        held = None
        if isinstance(row, BrokenRecord):
            yield row
        else:
            held = row
    file.check_whole()
    if held is not None and len(held) < len(header) and not lines.ended:
        raise UnreadablePage("ends in the middle of a row; what stood before was read")
    if held is not None:
        yield _named(header, held)


def _named(header: list[str], row: list[str]) -> dict[str, str]:
    return {name: value.strip() for name, value in zip(header, row, strict=False) if name}


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str] | BrokenRecord]:
    """The rows that hold anything; one that cannot be read (a cell without end) costs only itself."""
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield BrokenRecord(f"is no row: {error}")
            continue
        if row is None:
            return
        if row:
            yield row


def _closes_its_quotes(head: str, delimiter: str) -> bool:
    """Whether quotes enclose cells here. Tab files often have bare ones (`12" bowl`), which would swallow rows."""
    lines = [line for line in head.split("\n")[:-1] if line.strip()]
    if delimiter != "\t" or '"' not in head:
        return True
    plain = [line.split("\t") for line in lines]
    quoted = _rows(csv.reader((f"{line}\n" for line in lines), delimiter="\t"))
    return len({len(row) for row in plain}) != 1 or len(plain) == len(list(quoted))


class _Lines:
    """A feed's lines; `ended` tells whether the last one given was closed by a line's end.

    Raises `csv.Error` for one that is too long, and goes on behind it.
    """

    def __init__(self, file: FeedFile) -> None:
        self._text = file.text
        self.ended = True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.ended = line.endswith(("\n", "\r"))
        if self.ended or len(line) < MAX_LINE:
            return line
        while rest := self._text.readline(MAX_LINE):
            self.ended = rest.endswith(("\n", "\r"))
            if self.ended:
                break
        raise csv.Error(f"a line of more than {MAX_LINE:,} characters")


def _json_lines(file: FeedFile) -> Iterator[Any]:
    if file.head.lstrip().startswith("<"):
        raise UnreadablePage("is a page of HTML, not a feed")
    lines = _Lines(file)
    while True:
        try:
            line = next(lines, None)
            if line is None:
                break
            if line.strip():
                yield read_json(line.encode())
        except (UnreadablePage, csv.Error) as error:
            if not lines.ended:
                raise UnreadablePage("ends in the middle of a record; what stood before was read") from None
            yield BrokenRecord(str(error))
    file.check_whole()

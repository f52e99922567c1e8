"""Rows of a driver → JSON texts: one a line (NDJSON). An array of them is made of the same chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson

from api.columns import ApiColumn
from api.rows import JSON_OPTIONS, converters


def ndjson_chunks(
    batches: Iterable[Sequence[Sequence[Any]]], columns: Sequence[ApiColumn], dialect: str
) -> Iterator[bytes]:
    """A chunk a batch of rows, each row an object on a line of its own."""
    names = [column.name for column in columns]
    changed: list[tuple[str, Callable[[Any], Any]]] = converters(columns, dialect)
    for rows in batches:
        objects = [dict(zip(names, row, strict=True)) for row in rows]
        for name, convert in changed:
            for object_ in objects:
                if object_[name] is not None:
                    object_[name] = convert(object_[name])
        yield b"".join([orjson.dumps(object_, option=JSON_OPTIONS | orjson.OPT_APPEND_NEWLINE) for object_ in objects])


def array_chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Chunks of whole lines → one JSON array. It is no JSON before its end: what breaks off cannot be taken for all.

    A JSON text on a line holds no line feed, so that each one in a chunk ends an object.
    """
    before = b"[\n"
    for chunk in lines:
        if chunk:
            yield before + chunk[:-1].replace(b"\n", b",\n")
            before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"

"""A JSON document that holds stock: where its list is, what its keys mean, and how its next page is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crawler.probing.record_fields import plain_name
from crawler.probing.record_map import RecordMap, guess_map

_DEPTH: Final = 4
_MAX_LISTS: Final = 30
_NEXT: Final = ("next", "next page", "next url", "next href", "next link", "next page url", "nextpage")
_TOTAL: Final = ("total", "total count", "total results", "total items", "total records", "total hits", "nb hits",
                 "count", "num found", "result count", "results count")  # fmt: skip
_PAGES: Final = ("pages", "total pages", "last page", "page count", "num pages", "nb pages")
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class JsonStock:
    """The list of a document. `path`, `next_path`: JMESPath, None where the document is the list, or names no next."""

    path: str | None
    records: list[Mapping[str, Any]]
    map: RecordMap
    next_path: str | None = None
    next_value: str | None = None
    total: int | None = None
    pages: int | None = None


def find_stock(document: Any) -> JsonStock | None:
    """The best list of things on offer in a document; None where there is none."""
    best: tuple[float, str | None, list[Mapping[str, Any]], RecordMap] | None = None
    for path, records in _lists(document):
        guessed = guess_map(records)
        if guessed.describes_stock:
            score = len(guessed.fields) * min(len(records), 20)
            if best is None or score > best[0]:
                best = (score, path, records, guessed)
    if best is None:
        return None
    _, path, records, guessed = best
    around = list(_scalars(document, path))
    following = _first(around, _NEXT)
    said = next((entry for entry in following if isinstance(entry[1], str | int) and entry[1]), None)
    return JsonStock(
        path,
        records,
        guessed,
        said[0] if said else None,
        str(said[1]) if said else None,
        _number(around, _TOTAL, at_least=len(records)),
        _number(around, _PAGES, at_least=1),
    )


def _lists(document: Any) -> Iterator[tuple[str | None, list[Mapping[str, Any]]]]:
    """Lists of objects with their JMESPaths, the nearest to the root first."""
    waiting: list[tuple[str | None, Any, int]] = [(None, document, 0)]
    seen = 0
    while waiting and seen < _MAX_LISTS:
        path, value, depth = waiting.pop(0)
        if isinstance(value, list):
            records: list[Mapping[str, Any]] = [entry for entry in value if isinstance(entry, dict)]
            if records and len(records) == len(value):
                seen += 1
                yield path, records
        elif isinstance(value, dict) and depth < _DEPTH:
            waiting += [(_joined(path, key), inner, depth + 1) for key, inner in list(value.items())[:200]]


def _scalars(document: Any, list_path: str | None) -> Iterator[tuple[str, Any]]:
    """Path and value of what stands around the list: numbers of pages, the next one's address."""
    waiting: list[tuple[str | None, Any, int]] = [(None, document, 0)]
    while waiting:
        path, value, depth = waiting.pop(0)
        if path is not None and path == list_path:
            continue
        if isinstance(value, dict) and depth < _DEPTH:
            waiting += [(_joined(path, key), inner, depth + 1) for key, inner in list(value.items())[:200]]
        elif path is not None and not isinstance(value, list | dict):
            yield path, value


def _first(around: list[tuple[str, Any]], names: tuple[str, ...]) -> list[tuple[str, Any]]:
    return [(path, value) for path, value in around if _name(path) in names]


def _number(around: list[tuple[str, Any]], names: tuple[str, ...], at_least: int) -> int | None:
    found = [(names.index(_name(path)), value) for path, value in _first(around, names)]
    numbers = [(rank, int(value)) for rank, value in found if str(value).isdecimal() and int(value) >= at_least]
    return min(numbers)[1] if numbers else None


def _name(path: str) -> str:
    last = plain_name(path.rpartition(".")[2].strip('"'))
    if last in ("href", "url", "link") and "." in path:
        return f"{plain_name(path.rsplit('.', 2)[-2])} {last}".removesuffix(f" {last}")
    return last


def _joined(path: str | None, key: str) -> str:
    name = key if _KEY.fullmatch(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{path}.{name}" if path else name

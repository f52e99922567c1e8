"""JSON into records, and records into raw fields by a dealer's `[map]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import jmespath
import orjson

from crawler.dealers.declaration import is_template
from crawler.platforms.base import UnreadablePage

MAX_CELL: Final = 100_000
"""Characters of one value that are kept; more is no field of a listing."""


def read_json(body: bytes) -> Any:
    """Parsed JSON. Raises `UnreadablePage` for anything else."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadablePage(f"is no JSON: {error}") from None


def find_items(document: Any, path: str | None) -> list[Any]:
    """The array at a JMESPath (the document itself without one). Raises `UnreadablePage` where none is there."""
    try:
        found = jmespath.search(path, document) if path else document
    except jmespath.exceptions.JMESPathError:  # a function met a value of another kind
        found = None
    if not isinstance(found, list):
        raise UnreadablePage(f"holds no array at {path or 'its root'}")
    return found


def find_records(document: Any, path: str | None) -> list[dict[str, Any]]:
    """The objects of an array (`find_items`); what is no object among them is left out."""
    return [item for item in find_items(document, path) if isinstance(item, dict)]


def identifier(value: Any) -> str | None:
    """A record's number as text, None where it has none."""
    return None if value in (None, "") else str(value)


def mapped(record: Any, mapping: Mapping[str, str], *, by_path: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Raw fields and their provenance. `by_path`: the map's values are JMESPaths, else the names of columns."""
    raw: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    for name, source in mapping.items():
        if is_template(source):
            value: Any = _filled(source, record)
        else:
            value = _searched(source, record) if by_path else record.get(source)
        if value not in (None, "", []):
            raw[name] = value[:MAX_CELL] if isinstance(value, str) else value
            provenance[name] = f"{'json' if by_path else 'column'} {source}"
    return raw, provenance


def _searched(path: str, record: Any) -> Any:
    try:
        return jmespath.search(path, record)
    except jmespath.exceptions.JMESPathError:  # a function met a value of another kind, as `length` a missing list
        return None


def _filled(template: str, record: Mapping[str, Any]) -> str | None:
    known = {key: quote(str(value), safe="") for key, value in record.items() if value not in (None, "")}
    try:
        return template.format_map(known)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return None

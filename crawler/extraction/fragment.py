"""The answer to "load more": JSON that carries a piece of HTML, and often where the next piece is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson

from crawler.extraction.pagination import COUNTS_THINGS, place_in_list
from pipelines.parsing.urls import absolute_url

_LINK: Final = re.compile(r"<a\b[^<>]{0,2000}\bhref\s*=", re.IGNORECASE)
_NEXT_KEYS: Final = frozenset({"next", "nexturl", "nextpage", "nextpageurl", "nexthref", "nextlink", "loadmoreurl"})
_MORE_KEYS: Final = frozenset({"hasmore", "hasnext", "hasnextpage", "more", "moreavailable", "morepages"})
_MAX_DEPTH: Final = 6
_MAX_VALUES: Final = 5000


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a list: its HTML, and the address of the next piece."""

    html: str
    next_url: str | None = None


def read_fragment(url: str, body: bytes) -> Fragment | None:
    """The HTML with the most links of a JSON answer, in one piece or a piece a card; None for no such JSON."""
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    said = list(_scalars(data))
    pieces: dict[str, list[str]] = {}
    for key, value in said:
        if isinstance(value, str) and _LINK.search(value):
            pieces.setdefault(key, []).append(value)
    if not pieces:
        return None
    html = max(map("\n".join, pieces.values()), key=lambda piece: len(_LINK.findall(piece)))
    return Fragment(html, _next_url(url, said))


def _next_url(url: str, said: list[tuple[str, Any]]) -> str | None:
    for key, value in said:
        if key in _NEXT_KEYS and isinstance(value, str) and ("/" in value or "?" in value):
            return absolute_url(url, value)
    following = next((v for k, v in said if k in _NEXT_KEYS and type(v) is int and v > 0), None)
    if following is None and not any(key in _MORE_KEYS and value is True for key, value in said):
        return None
    return _numbered(url, following)


def _numbered(url: str, following: int | None) -> str | None:
    """The same address with the next page's number, where the number stands in its query."""
    place = place_in_list(url)
    if place is None or place.key == "" or (following is None and place.name in COUNTS_THINGS):
        return None
    number = place.value + 1 if following is None else following
    parts = urlsplit(url)
    query = [(k, str(number) if k == place.key else v) for k, v in parse_qsl(parts.query, keep_blank_values=True)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _scalars(data: Any) -> Iterator[tuple[str, Any]]:
    """Key (letters only, lower case) and value of every scalar near the top, breadth first."""
    level: list[tuple[str, Any]] = [("", data)]
    seen = 0
    for _ in range(_MAX_DEPTH):
        below: list[tuple[str, Any]] = []
        for key, value in level:
            seen += 1
            if seen > _MAX_VALUES:
                return
            if isinstance(value, dict):
                below += [(re.sub(r"[^a-z]", "", str(k).lower()), v) for k, v in value.items()]
            elif isinstance(value, list):
                below += [(key, v) for v in value]
            else:
                yield key, value
        level = below

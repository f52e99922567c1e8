"""Whether a response is a block or challenge page instead of the page asked for. A pure predicate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from crawler.extraction.page import Page
from crawler.extraction.query import string, strings
from crawler.extraction.shell import holds_an_application
from crawler.extraction.visible import DATA
from pipelines.parsing.lexicon import fold, rows

_TITLE: Final = string("string(//title)")
_HEADING: Final = string("string(//h1)")
_TEXT: Final = strings("//body//text()[not(parent::script or parent::style)]")
_MUCH_TEXT: Final = 3000
"""A challenge page says little. With more text than this, words in it are the page's own."""
_MANY_LINKS: Final = 20
"""A challenge page has a handful: the operator's privacy notice, a contact."""
_TITLE_TAG: Final = re.compile(rb"<title[^>]{0,200}>([^<]{1,200})")
_LOOKED_AT: Final = 60_000
_LARGE: Final = 200_000
"""Challenge pages are sent by the million: even those with all their scripts inside stay below half of this."""
_LITTLE_TEXT: Final = 400
_NO_TEXT: Final = 120
_BLOCKING: Final = frozenset({401, 403, 405, 406, 409, 418, 429, 503})


def block_reason(status: int, headers: Mapping[str, str], page: Page | None) -> str | None:
    """What blocks us, or `None`. `headers`: names in any case; `page`: `None` where the body is no page.

    A marker in a header counts by itself, or with a blocking status alone; in the title or main heading on a page with
    little text; in the body only together with a blocking status or next to no text. What forms and ordinary pages
    have as well (`widget`) counts where there is nothing else on the page: neither text nor data nor an application.
    """
    lowered = {name.lower(): value.lower() for name, value in headers.items()}
    for marker, reason in _markers("header"):
        name, _, value = marker.partition("=")
        if name in lowered and value in lowered[name]:
            return reason
    if status in _BLOCKING:
        for marker, reason in _markers("blocking header"):
            if marker.partition("=")[0] in lowered:
                return reason
    if page is None:
        return f"HTTP {status}" if status in (403, 429) else None
    length, text = _text(page)
    if length < _MUCH_TEXT:
        said = fold(f"{_TITLE(page.root)[:200]} | {_HEADING(page.root)[:200]}")
        for marker, reason in _markers("title"):
            if marker in said:
                return reason
        source = page.body[:_LOOKED_AT].lower()
        blocking = status in _BLOCKING
        own = not blocking and holds_an_application(page)
        places = ["body"] * (blocking or (length < _LITTLE_TEXT and not own))
        places += ["widget"] * (blocking or (length < _NO_TEXT and not own))
        for place in places:
            for marker, reason in _markers(place):
                if marker in text or marker.encode() in source:
                    return reason
    return f"HTTP {status}" if status in (403, 429) else None


def may_block(body: bytes) -> bool:
    """Whether it is worth parsing a body for `block_reason`: cheap, and rarely true of a page that is read.

    A challenge page leads nowhere and describes nothing; one in the frame of the site still has its title.
    """
    if len(body) < _LARGE and body.count(b"<a ") < _MANY_LINKS and b"application/ld+json" not in body:
        return True
    begin = body.find(b"<title", 0, _LOOKED_AT)
    title = _TITLE_TAG.match(body, begin) if begin >= 0 else None
    said = fold(title[1].decode("utf-8", "replace")) if title else ""
    return any(marker in said for marker, _ in _markers("title"))


def _text(page: Page) -> tuple[int, str]:
    """Length of the page's text, counted up to `_MUCH_TEXT`, and the text."""
    parts: list[str] = []
    length = 0
    for text in _TEXT(page.root):
        stripped = text.strip()
        if stripped:
            parts.append(stripped)
            length += len(stripped)
            if length >= _MUCH_TEXT:
                break
    return length, fold(re.sub(r"\s+", " ", " ".join(parts)))


@cache
def _markers(place: str) -> tuple[tuple[str, str], ...]:
    return tuple((fold(r["marker"]), r["reason"]) for r in rows("block_markers.csv", DATA) if r["place"] == place)

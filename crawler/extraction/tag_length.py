"""Whether a page has a tag with so many attributes that the HTML parser would not come to an end.

libxml2 compares each new attribute with all before it: 1,000 take 3 ms, 20,000 a second, a million days. Nothing stops
it inside one tag, so the source is looked at first: in steps, as between two `>` there are seldom many bytes.
"""

from __future__ import annotations

import re
from typing import Final

MAX_ATTRIBUTES: Final = 400
_MAX_REPEATED: Final = 20_000
_STEP: Final = 4096
"""Bytes without a `>` from which a tag is looked at: into fewer fit 1,000 attributes, 3 ms."""
_RAW: Final = ((b"<script", b"</script"), (b"<SCRIPT", b"</SCRIPT"), (b"<style", b"</style"), (b"<!--", b"-->"))
"""Where no tag starts, though there may be a `<`."""
_TAG: Final = re.compile(rb"<[A-Za-z][^\s/>]*+")
_ATTRIBUTE: Final = re.compile(rb"""[\s/"']++([^\s/>"'=]++)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?""")


def has_endless_tag(body: bytes) -> bool:
    """Whether one tag holds more than `MAX_ATTRIBUTES` attributes. Costs a hundredth of parsing."""
    position, size, raw = 0, len(body), _Raw(body)
    while position + _STEP < size:
        nearest = body.rfind(b">", position, position + _STEP)
        if nearest >= 0:
            position = nearest + 1
            continue
        opening = body.find(b"<", position, position + _STEP)
        tag = _TAG.search(body, opening, position + _STEP) if opening >= 0 else None
        raw_until = raw.end(tag.start() if tag else position)
        if raw_until is not None:
            end = raw_until
        elif tag and _has_many_attributes(body, tag.end()):
            return True
        else:
            end = body.find(b">", position + _STEP)
        if end < 0:
            return False
        position = end + 1
    return False


def _has_many_attributes(body: bytes, position: int) -> bool:
    names: set[bytes] = set()
    for _ in range(_MAX_REPEATED):
        attribute = _ATTRIBUTE.match(body, position)
        if attribute is None:
            return False
        names.add(attribute[1])
        if len(names) > MAX_ATTRIBUTES:
            return True
        position = attribute.end()
    return True


class _Raw:
    """Where scripts, style sheets and comments end. Asked for places in their order: no byte is looked at twice."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._looked: dict[bytes, int] = {}
        self._open: dict[bytes, int] = {}

    def end(self, position: int) -> int | None:
        """Where the one around a place ends (-1: never); `None` outside of one."""
        for opening, closing in _RAW:
            looked = max(0, self._looked.get(opening, 0) - len(opening) + 1)
            start = self._body.rfind(opening, looked, position)
            self._looked[opening] = position
            if start < 0:
                start = self._open.get(opening, -1)
            if start >= 0:
                inside = self._body.find(closing, start, position) < 0
                self._open[opening] = start if inside else -1
                if inside:
                    return self._body.find(closing, position)
        return None

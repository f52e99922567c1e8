"""The id of a thing in its page's address: "/item/7235216655.html", "?pid=260591", "…-x3410048.php"."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_ID_PARAMETERS: Final = (
    "sku",
    "pid",
    "productid",
    "product_id",
    "itemid",
    "item_id",
    "item",
    "id",
    "artikel",
    "article",
    "stock",
)
_DIGITS: Final = re.compile(r"(?<!\d)(\d{5,15})(?!\d)")
_CODE: Final = re.compile(r"(?<![A-Za-z0-9])(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{8,14}(?![A-Za-z0-9])")
_DATE: Final = re.compile(r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$")
"""A day as 20240131: "20448913" is none, but a number."""


def id_in_url(url: str) -> str | None:
    """The id in the address: a parameter that is named as one, else the last long number of the path, else a code."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    for name in _ID_PARAMETERS:
        for key, value in query.items():
            if key.lower() == name and re.fullmatch(r"[\w-]*\d[\w-]{2,20}", value):
                return value
    path = unquote(parts.path)
    for segment in reversed([s for s in path.split("/") if s]):
        numbers = [n for n in _DIGITS.findall(segment) if not _DATE.match(n)]
        if numbers:
            return str(numbers[-1])
        codes = _CODE.findall(segment)
        if codes:
            return str(codes[-1])
    return None


def stands_in(url_text: str, code: str) -> bool:
    """Whether a code stands in the address, as a word of its own, dots and dashes aside."""
    plain = re.sub(r"[\W_]", "", code).lower()
    return len(plain) >= 4 and plain in re.sub(r"[\W_]", "", url_text).lower()

"""The country of a city that a page names without it: by the postal code, the dealer's address, telephone, host.

Weaker than what the page says of the machine, so each answer says where it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject, text_of
from crawler.extraction.visible import DATA, Visible
from pipelines.parsing.lexicon import rows
from pipelines.parsing.places import country_code, parse_place

_LAST: Final = 40
"""Texts at the end of a page among which the dealer's address stands."""
_PARTS: Final = re.compile(r"\s*[,;|·•\n]\s*|\s+[-–—]\s+")
_CODE: Final = re.compile(r"(?<![\d-])\d{4,5}(?![\d-])")
_CALLING: Final = re.compile(r"(?:\+|\b00)\s?(\d{2,3})\b")
_MAX_FOOTER: Final = 3000


def likely_country(subject: Subject, visible: Visible, found: Reading) -> tuple[str, str] | None:
    """A country's code and where it came from; None where nothing tells, or the location names one itself."""
    location = str(found.raw["location"])
    place = parse_place(location)
    if place is not None and place.country is not None:
        return None
    texts = list(_about_the_dealer(subject, visible))
    named = {code for text in texts for part in _PARTS.split(text) if (code := _country_in(part))}
    if len(named) == 1:
        return named.pop(), "dealer's address on the page"
    postal = _CODE.search(location)
    language = (subject.root.get("lang") or "")[:2].lower()
    if postal and (code := _by("postal code", f"{language} {len(postal[0])}")):
        return code, "postal code"
    called = {code for text in texts for m in _CALLING.finditer(text) if (code := _by("calling code", m[1]))}
    if len(called) == 1:
        return called.pop(), "dealer's telephone"
    host = (urlsplit(subject.url).hostname or "").rsplit(".", 1)[-1]
    if code := _by("host", host):
        return code, "host"
    currency = str(found.raw.get("currency") or "")
    code = _by("currency", currency)
    return (code, "currency") if code else None


def _about_the_dealer(subject: Subject, visible: Visible) -> Iterator[str]:
    """Footers and address elements, and the first and last texts of the page."""
    for element in subject.root.iter("footer", "address"):
        yield text_of(element)[:_MAX_FOOTER]
        for inner in element.iter():
            if inner.text and len(inner.text) <= 60:
                yield inner.text.strip()
            if inner.tail and len(inner.tail) <= 60:
                yield inner.tail.strip()
    for node in (*visible.nodes[:_LAST], *visible.nodes[-_LAST:]):
        if len(node.text) <= 250:
            yield node.text


def _country_in(part: str) -> str | None:
    """The country that a part of an address is, or that a code before its city names ("A-9500 Villach")."""
    if len(part) > 60:
        return None
    if (code := country_code(part.strip(" .()"))) and len(part.strip(" .()")) > 2:
        return code
    place = parse_place(part) if any(map(str.isdigit, part)) else None
    return place.country if place is not None and place.city is not None else None


@cache
def _table() -> dict[tuple[str, str], str]:
    return {(row["evidence"], row["value"]): row["country"] for row in rows("country_evidence.csv", DATA)}


def _by(evidence: str, value: str) -> str | None:
    return _table().get((evidence, value))

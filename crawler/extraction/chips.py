"""Facts without a label in short texts by the heading: "2018 · 7.915 h · 11,9 t · Prenzlau, DE".

A text counts for what its form says only in such company: right behind the heading or beside another of them. Alone,
"5.000 h" may stand under a label that nobody knows ("Next service").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Final

from crawler.extraction.identifiers import Code
from crawler.extraction.reading import Reading
from crawler.extraction.visible import Visible
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.hours import parse_hours
from pipelines.parsing.lexicon import fold, patterns
from pipelines.parsing.places import parse_place
from pipelines.parsing.quantity import find_quantities
from pipelines.parsing.years import parse_year
from pipelines.wording.clauses import labelled
from pipelines.wording.field_values import accepted
from pipelines.wording.labels import label_fields

_NEAR: Final = 40
"""Texts behind the heading among which chips are looked for."""
_LONGEST: Final = 60
_SEPARATOR: Final = re.compile(r"\s+[·|•–—/]\s+|\s*[|•·]\s*")
_YEAR: Final = re.compile(r"\(?(?:19|20)\d\d\)?")
_NUMBER: Final = re.compile(r"(?:ca\.? ?|approx\.? ?|env\.? ?|~ ?)?(\d[\d.,' \u00a0\u202f’]*?) ?(\D{1,24})")
_MONEY: Final = re.compile(
    r"\d.*(?:[€$£]|zł|\b(?:eur|usd|gbp|chf|pln|cad|aud)\b)|(?:[€$£]|\b(?:eur|usd|gbp|chf)\b).*\d"
)
_LEAST_KG: Final = 200
_MOST_WORDS: Final = 6
_NAMING: Final = ("data-label", "data-title", "data-th", "title", "aria-label")
_CELLS: Final = frozenset({"td", "th", "dd", "dt", "option", "button", "label"})


def read_chips(visible: Visible, found: Reading, codes: list[Code]) -> None:
    """Fill what is missing from the chips near the main heading."""
    _read_attributes(visible, found, codes)
    pieces = list(_pieces(visible))
    kinds = [_kind(text) for text, _ in pieces]
    for at, (text, _) in enumerate(pieces):
        kind = kinds[at]
        if kind is None:
            continue
        name, value = kind
        if name == "labelled":
            _take_labelled(text, found, codes)
            continue
        beside = {k[0] for k in (kinds[at - 1] if at else None, kinds[at + 1] if at + 1 < len(kinds) else None) if k}
        if not (beside - {name}) and at > 0 and not (name == "location" and _is_plain_place(text)):
            continue
        where = f"text “{text}” near the heading"
        if name == "weight" and not any(other[0] == "Weight" for other in found.specs):
            found.add_spec("Weight", value)
        elif name in ("year", "hours", "location", "condition"):
            found.put(name, value, where)


def _read_attributes(visible: Visible, found: Reading, codes: list[Code]) -> None:
    """Labels that are not seen but said to machines: `data-label`, `title`, a picture's `alt` before the text."""
    start = visible.heading_at or 0
    for node in visible.nodes[start + 1 : min(start + 1 + 5 * _NEAR, visible.main_end)]:
        if len(node.text) > _LONGEST or not any(map(str.isalnum, node.text)):
            continue
        element, before = node.element, node.element.getprevious()
        names = [element.get(attribute) for attribute in _NAMING]
        if (parent := element.getparent()) is not None and len(parent) <= 2:
            names += [parent.get(attribute) for attribute in _NAMING]
        if before is None and len(element):
            before = element[0]
        if before is not None and before.tag in ("img", "i", "svg", "span") and not (before.text or "").strip():
            names += [before.get("alt"), before.get("title"), before.get("aria-label")]
        for name in names:
            if name and (fields := label_fields(name)) and not visible.is_aside(element):
                _put(fields, node.text, f"text “{node.text}” named “{name}”", found, codes)


def _put(fields: tuple[str, ...], value: str, where: str, found: Reading, codes: list[Code]) -> None:
    for name in fields:
        clean = accepted(name, value)
        if clean is None or name == "price" or (name == "model" and not any(map(str.isdigit, clean))):
            continue
        if name == "sku":
            codes.append(Code(clean, where, -0.3))
        else:
            found.put(name, clean, where)


def _pieces(visible: Visible) -> Iterator[tuple[str, int]]:
    """Short texts behind the heading, those of several statements cut apart."""
    if visible.heading_at is None:
        return
    heading = visible.nodes[visible.heading_at].element
    for node in visible.nodes[visible.heading_at + 1 : min(visible.heading_at + 1 + _NEAR, visible.main_end)]:
        if len(node.text) > _LONGEST or node.element is heading or node.element.tag in _CELLS:
            continue
        zone = visible.zone(node.element)
        if zone.hidden or zone.elsewhere or zone.linked or zone.struck:
            continue
        for piece in _SEPARATOR.split(node.text):
            plain = piece.strip(" -–—·|•,")
            parts = plain.split(", ") if ", " in plain and _kind(plain) is None else [plain]
            for part in parts:
                if part.strip(" -–—·|•/,:"):
                    yield part, node.index


def _kind(text: str) -> tuple[str, str] | None:
    """What a text is by its form alone: the field and its value."""
    return _kind_on(datetime.now(UTC).date(), text)


@lru_cache(maxsize=4096)
def _kind_on(today: date, text: str) -> tuple[str, str] | None:
    # Most of what stands near a heading stands on every page of its dealer.
    if text.endswith(":"):
        return None
    if _YEAR.fullmatch(text):
        return ("year", text) if parse_year(text, today=today) else None
    folded = fold(text)
    if _MONEY.search(folded):
        return "price", text
    if number := _NUMBER.fullmatch(folded):
        unit = number[2].strip(" .")
        if patterns("hours_words.csv")["unit"].fullmatch(unit) and parse_hours(text):
            return "hours", text
        masses = find_quantities(text, "mass", limit=1)
        if masses and masses[0].value >= _LEAST_KG and masses[0].end >= len(folded) - 1:
            return "weight", text
        return ("power", text) if _power().fullmatch(unit) else None
    if labelled(text)[0]:
        return "labelled", text
    words = text.split()
    if len(words) <= 2 and parse_condition(text):
        return "condition", text
    place = parse_place(text) if text[:1].isupper() and len(words) <= _MOST_WORDS + 2 else None
    if place and place.city and place.country and not any(map(str.isdigit, text)):
        return "location", text
    return None


def _is_plain_place(text: str) -> bool:
    return len(text.split()) <= _MOST_WORDS and ("," in text or "(" in text)


def _take_labelled(text: str, found: Reading, codes: list[Code]) -> None:
    fields, value = labelled(text)
    _put(fields, value, f"text “{text}” near the heading", found, codes)


@cache
def _power() -> re.Pattern[str]:
    return re.compile(r"kw|hp|ps|ch|cv|km|pk|bhp|hk|kva|к\.?с|kw ?\(.*|hp ?\(.*|mm|m|m³|cm|l|cc")

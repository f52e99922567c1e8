"""Labels that name a field in many languages: "Baujahr", "Hours", "Art. Nr." (data/labels.csv)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from crawler.extraction.visible import DATA
from pipelines.parsing.lexicon import rows

_EDGES: Final = " \t\n:：.•·*-–—|#()[]►»>\u200b\u200e\u200f\ufeff"
_IN_BRACKETS: Final = re.compile(r" *[(\[][^()\[\]]{0,30}[)\]]$")
LONGEST: Final = 45
_SPLIT: Final = re.compile(r"[:：=]|#(?= ?\w)")


def label_fields(text: str) -> tuple[str, ...]:
    """The fields that a label may name, in the order of the data file; none for what is no label."""
    return _fields_of(text) if 1 < len(text) <= LONGEST else ()


@lru_cache(maxsize=20_000)
def _fields_of(text: str) -> tuple[str, ...]:
    """Remembered: the pages of a shop say the same labels and menus again and again."""
    known = _labels()
    folded = text.casefold().strip(_EDGES)
    if folded in known:
        return known[folded]
    if "(" not in folded and "[" not in folded:
        return ()
    bare = _IN_BRACKETS.sub("", text.casefold().rstrip(" :：")).strip(_EDGES)
    return known.get(bare, ())


def split_label(text: str) -> tuple[tuple[str, ...], str] | None:
    """A text that holds label and value ("Hours: 5,239") as the label's fields and the value."""
    match = _SPLIT.search(text, 2, LONGEST + 1)
    if match is None:
        return None
    fields = label_fields(text[: match.end()])
    value = text[match.end() :].strip(" :：")
    return (fields, value) if fields and value else None


@cache
def _labels() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in rows("labels.csv", DATA):
        fields = found.setdefault(row["label"].casefold().strip(_EDGES), [])
        if row["field"] not in fields:
            fields.append(row["field"])
    return {label: tuple(fields) for label, fields in found.items()}

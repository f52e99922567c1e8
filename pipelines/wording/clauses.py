"""Clauses of a sentence and the labels they start with: "Baujahr 2012", "S/N 216113907", "Réf. BM-0713"."""

from __future__ import annotations

import re
from typing import Final

from pipelines.wording.labels import label_fields, may_be_label, split_label

_CLAUSE_END: Final = re.compile(
    r"[;|•·\n]|[,.](?=\s|$)(?<!\bNr\.)(?<!\bno\.)(?<!\bNo\.)(?<!\bRef\.)(?<!\bRéf\.)(?<!\bn\.)"
)
_WITHOUT_COLON: Final = frozenset({"make", "model", "year", "hours", "serial_number", "sku"})
"""Fields whose values can be told from ordinary words behind a label without a colon."""
_LONGEST_LABEL: Final = 4
_MOST_WORDS: Final = 4
_MAX_CLAUSES: Final = 400
_IS: Final = re.compile(r"^(?:is|ist|lautet|est|es|è|:|=|no\.?|nr\.?|n°|nº|#)\s+", re.IGNORECASE)
_IS_STARTS: Final = frozenset("ileènILEÈNıİ:=#")
"""What _IS starts with."""


def clauses_of(text: str) -> list[str]:
    """The text cut at commas, points and the like, the first 400 pieces."""
    return [clause.strip() for clause in _CLAUSE_END.split(text)[:_MAX_CLAUSES]]


def labelled(clause: str) -> tuple[tuple[str, ...], str]:
    """A clause's label and value; no fields where it starts with no label. "Die Seriennummer lautet X" has one too."""
    if not may_be_label(clause):
        return (), ""
    split = split_label(clause)
    if split:
        return split
    words = clause.split(" ")
    for count in range(min(_LONGEST_LABEL, len(words) - 1), 0, -1):
        value = " ".join(words[count:])
        if value[:1] in _IS_STARTS:
            value = _IS.sub("", value)
        if value.count(" ") >= _MOST_WORDS or not (value[:1].isupper() or value[:1].isdigit()):
            continue
        fields = tuple(f for f in label_fields(" ".join(words[:count])) if f in _WITHOUT_COLON)
        if fields:
            return fields, value
    return (), ""

"""Facts of a machine in sentences: "Hersteller Caterpillar, Baujahr 2012, 12.023 Std. Seriennummer: YKY07389."

A sentence is cut into clauses; a clause that starts with a known label gives its field, with or without a colon. Hours
are also found by their unit alone.
"""

from __future__ import annotations

import re
from typing import Final

from crawler.extraction.field_values import accepted
from crawler.extraction.identifiers import Code
from crawler.extraction.labels import label_fields, split_label
from crawler.extraction.reading import Reading
from crawler.extraction.visible import Visible
from pipelines.parsing.hours import find_hours
from pipelines.parsing.places import country_code

_CLAUSE_END: Final = re.compile(r"[;|•·\n]|[,.](?=\s|$)(?<!\bNr\.)(?<!\bno\.)(?<!\bNo\.)")
_WITHOUT_COLON: Final = frozenset({"make", "model", "year", "hours", "serial_number", "sku"})
"""Fields whose values can be told from ordinary words behind a label without a colon."""
_LONGEST_LABEL: Final = 4
_MOST_WORDS: Final = 4
_MAX_TEXTS: Final = 80
_MAX_CLAUSES: Final = 400


def read_prose(visible: Visible, found: Reading, codes: list[Code]) -> None:
    """Fill what is missing from the sentences between the main heading and what is related."""
    start = visible.heading_at
    if start is None:
        return
    texts = [
        n.text
        for n in visible.nodes[start + 1 : min(start + 1 + _MAX_TEXTS, visible.main_end)]
        if len(n.text) > 40 and not visible.is_aside(n.element) and not visible.zone(n.element).linked
    ]
    for text in texts:
        _read_clauses(text, found, codes)
    if "hours" not in found.raw and texts:
        hours = find_hours(" . ".join(texts))
        if hours is not None:
            found.put("hours", str(hours), "sentence near the heading")


def _read_clauses(text: str, found: Reading, codes: list[Code]) -> None:
    clauses = [c.strip() for c in _CLAUSE_END.split(text)[:_MAX_CLAUSES]]
    for place, clause in enumerate(clauses):
        fields, value = _labelled(clause)
        if fields == ("location",) and place + 1 < len(clauses) and country_code(clauses[place + 1]):
            value = f"{value}, {clauses[place + 1]}"
        for field in fields:
            clean = accepted(field, value)
            if clean is None or field == "price":
                continue
            if field == "model" and not any(map(str.isdigit, clean)):
                continue
            if field == "sku":
                codes.append(Code(clean, f"sentence “{clause[:40]}”", -0.5))
            else:
                found.put(field, clean, f"sentence “{clause[:40]}”")


def _labelled(clause: str) -> tuple[tuple[str, ...], str]:
    """A clause's label and value; no fields where it starts with no label."""
    split = split_label(clause)
    if split:
        return split
    words = clause.split(" ")
    for count in range(min(_LONGEST_LABEL, len(words) - 1), 0, -1):
        fields = tuple(f for f in label_fields(" ".join(words[:count])) if f in _WITHOUT_COLON)
        value = " ".join(words[count:])
        if fields and len(words) - count <= _MOST_WORDS and (value[:1].isupper() or value[:1].isdigit()):
            return fields, value
    return (), ""

"""Facts of a machine in sentences: "Hersteller Caterpillar, Baujahr 2012, 12.023 Std. Seriennummer: YKY07389."

A sentence is cut into clauses; a clause that starts with a known label gives its field, with or without a colon. Hours
are also found by their unit alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from crawler.extraction.chips import read_chips
from crawler.extraction.identifiers import Code
from crawler.extraction.reading import Reading
from crawler.extraction.visible import Visible
from inventory.taxonomy.makes import canonical_make
from pipelines.inference.title import read_title
from pipelines.parsing.hours import find_hours
from pipelines.wording.field_values import accepted
from pipelines.wording.machine_prose import labelled_clauses, own_sentences
from pipelines.wording.machine_sentences import serial_in, standing_place

_MAX_TEXTS: Final = 80
_LEAST: Final = 40
_MAX_DESCRIPTION: Final = 5000


def read_prose(visible: Visible, found: Reading, codes: list[Code]) -> None:
    """Fill what is missing from the chips and sentences between the main heading and what is related."""
    start = visible.heading_at
    if start is None:
        return
    title = read_title(visible.nodes[start].text)
    if title.make or "make" in found.raw or "model" in found.raw:
        read_chips(visible, found, codes)
    texts = [
        n.text
        for n in visible.nodes[start + 1 : min(start + 1 + _MAX_TEXTS, visible.main_end)]
        if len(n.text) > _LEAST and not visible.is_aside(n.element) and not visible.zone(n.element).linked
    ]
    if isinstance(description := found.raw.get("description"), str) and description[:_LEAST] not in " ".join(texts):
        texts += [line for line in description[:_MAX_DESCRIPTION].split("\n") if line.strip()]
    make = canonical_make(str(found.raw.get("make") or title.make or ""))
    model = str(found.raw.get("model") or (title.model if title.make else None) or "")
    wants_year = title.year is None and "year" not in found.raw
    own, stated = own_sentences(texts, make, model, wants_year=wants_year, today=datetime.now(UTC).date())
    for one in stated:
        found.put(one.field, one.value, f"sentence “{one.words[:40]}”")
    for text in own:
        _read_clauses(text, found, codes)
    if "hours" not in found.raw and own:
        hours = find_hours(" . ".join(own))
        if hours is not None:
            found.put("hours", str(hours), "sentence near the heading")
    if "serial_number" not in found.raw:
        serial = next((serial for text in own if (serial := serial_in(text))), None)
        found.put("serial_number", serial, "sentence near the heading")
    if "location" not in found.raw:
        place = next((place for text in own if (place := standing_place(text))), None)
        found.put("location", place, "sentence near the heading")


def _read_clauses(text: str, found: Reading, codes: list[Code]) -> None:
    for fields, value, clause in labelled_clauses(text):
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

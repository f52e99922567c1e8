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
from inventory.taxonomy.makes import canonical_make, squashed
from pipelines.inference.title import TitleParts, read_title
from pipelines.parsing.hours import find_hours
from pipelines.parsing.places import country_code
from pipelines.wording.clauses import clauses_of, labelled
from pipelines.wording.field_values import accepted
from pipelines.wording.machine_sentences import built_year, make_and_model, sentences, serial_in, standing_place

_MAX_TEXTS: Final = 80
_FIRST: Final = 4
"""Texts in which maker, model and year are looked for; later ones speak of other machines too."""
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
    own = _read_machine(title, texts, found)
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


def _read_machine(title: TitleParts, texts: list[str], found: Reading) -> list[str]:
    """Maker, model and year in the first sentences; the heading's own words are read with the title and go before.

    Returns the sentences about the thing: not those that name another machine, as "we took a Cat 320 in exchange".
    """
    make = canonical_make(str(found.raw.get("make") or title.make or ""))
    model = str(found.raw.get("model") or (title.model if title.make else None) or "")
    today = datetime.now(UTC).date()
    own: list[str] = []
    for place, text in enumerate(texts):
        kept: list[str] = []
        for sentence in sentences(text):
            said = make_and_model(sentence)
            if said is not None and not _is_same(said, make, model):
                continue
            kept.append(sentence)
            if place >= _FIRST:
                continue
            if said is not None and not (make and model):
                make, model = said[0], said[1]
                found.put("make", make, f"sentence “{sentence[:40]}”")
                found.put("model", model, f"sentence “{sentence[:40]}”")
            if title.year is None and "year" not in found.raw and (make or model):
                year = built_year(sentence, said[2] if said else None, today=today)
                found.put("year", None if year is None else str(year), f"sentence “{sentence[:40]}”")
        own.append(" ".join(kept))
    return own


def _is_same(said: tuple[str, str, tuple[int, int]], make: str | None, model: str) -> bool:
    """Whether a sentence's maker and model are the page's, as far as these are known."""
    if make and said[0] != make:
        return False
    theirs, ours = squashed(said[1]), squashed(model)
    return not ours or theirs.startswith(ours) or ours.startswith(theirs) or theirs in ours


def _read_clauses(text: str, found: Reading, codes: list[Code]) -> None:
    clauses = clauses_of(text)
    for place, clause in enumerate(clauses):
        fields, value = labelled(clause)
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

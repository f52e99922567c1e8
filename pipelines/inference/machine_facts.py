"""A machine's make, model, year, hours, serial number and condition from its specification pairs and its description.

Only what is still unknown is filled, and each value says where it was read: `specs: Baujahr`, `description`. Words are
those that pages are read by (pipelines/wording).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from inventory.listing import FROM_DESCRIPTION, FROM_HOURS, FROM_SPECS, Listing
from inventory.taxonomy.makes import canonical_make, find_make
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.hours import find_hours, parse_hours
from pipelines.parsing.lexicon import fold, patterns
from pipelines.parsing.numbers import has_digit
from pipelines.parsing.years import parse_year
from pipelines.wording.field_values import accepted
from pipelines.wording.labels import label_fields
from pipelines.wording.machine_prose import labelled_clauses, own_sentences
from pipelines.wording.machine_sentences import lone_year, registered_year, says_used, serial_in

FACTS: Final = ("make", "model", "year", "hours", "serial_number", "condition")
NUMBERS: Final = frozenset({"year", "hours", "serial_number"})
MAX_SPECS: Final = 200
MAX_DESCRIPTION: Final = 5000
CERTAINLY_USED: Final = 250
"""Hours that no new machine has: tests and delivery take a few dozen."""


def fill_from_specs(listing: Listing) -> None:
    """Fill what the specification pairs say under labels of the trade; a first registration is left for last."""
    pairs = listing.raw.get("specs")
    for name, label, value in spec_facts(pairs, unknown(listing)) if pairs else ():
        if getattr(listing, name) is None and not (name == "year" and is_registration(label)):
            _put(listing, name, value, FROM_SPECS + label)


def fill_from_description(listing: Listing) -> None:
    """Fill what the description's own sentences say, then the year of a first registration, from either."""
    if not listing.description and "specs" not in listing.raw:
        _condition_by_hours(listing)
        return
    wanted = unknown(listing)
    text = (listing.description or "")[:MAX_DESCRIPTION]
    if not has_digit(text):
        wanted -= NUMBERS | {"model"}
    if text and wanted & {"make", "model", *NUMBERS}:
        for name, value in described_facts(text, listing.make, listing.model, wanted, today=date.today()):
            if getattr(listing, name) is None:
                _put(listing, name, value, FROM_DESCRIPTION)
    if listing.year is None:
        for name, label, value in spec_facts(listing.raw.get("specs"), {"year"}):
            if listing.year is None:
                _put(listing, name, value, FROM_SPECS + label)
    _condition_by_hours(listing)
    if listing.condition is None and listing.offer_type != "rent" and text and says_used(text):
        listing.condition, listing.provenance["condition"] = "used", FROM_DESCRIPTION


def _condition_by_hours(listing: Listing) -> None:
    """Used by its hours; what is for rent is not asked how new it is."""
    used = listing.hours is not None and listing.hours >= CERTAINLY_USED and listing.offer_type != "rent"
    if used and listing.condition is None:
        listing.condition, listing.provenance["condition"] = "used", FROM_HOURS


def unknown(listing: Listing) -> set[str]:
    """The facts that nobody has said yet."""
    return {name for name in FACTS if getattr(listing, name) is None}


def spec_facts(pairs: Any, wanted: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Field, label and value of the pairs whose label names a wanted fact and whose value can be one.

    A label that stands there twice with two values speaks of several machines, and for none.
    """
    said: dict[str, tuple[tuple[str, ...], set[str]]] = {}
    for pair in pairs[:MAX_SPECS] if isinstance(pairs, list) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2 and (names := facts_named(str(pair[0]))):
            said.setdefault(str(pair[0]).strip(" :"), (names, set()))[1].add(str(pair[1]).strip())
    for label, (names, values) in said.items():
        for name in names if len(values) == 1 else ():
            if name not in wanted:
                continue
            value = accepted(name, next(iter(values)))
            if value is not None and not (name == "model" and _is_kind(label, value)):
                yield name, label, value


@lru_cache(maxsize=8192)
def facts_named(label: str) -> tuple[str, ...]:
    """The facts that a label may name."""
    return tuple(name for name in label_fields(label) if name in FACTS)


@lru_cache(maxsize=1024)
def is_registration(label: str) -> bool:
    """Whether a label names the first registration, which may be years after the machine was built."""
    words, folded = patterns("year_words.csv"), fold(label)
    return words["registered"].search(folded) is not None and words["label"].search(folded) is None


def described_facts(
    text: str, make: str | None, model: str | None, wanted: set[str], *, today: date
) -> Iterator[tuple[str, str]]:
    """Field and value of the wanted facts that a description states of its own machine."""
    lines = [line for line in text.split("\n") if line.strip()]
    own, stated = own_sentences(lines, make, model or "", wants_year="year" in wanted, today=today)
    for one in stated:
        yield one.field, one.value
    for line in own:
        for fields, value, _ in labelled_clauses(line):
            yield from _wanted(fields, value, wanted)
    if "hours" in wanted and (hours := find_hours(" . ".join(own))) is not None:
        yield "hours", str(hours)
    if "serial_number" in wanted and (serial := _first(map(serial_in, own))):
        yield "serial_number", serial
    if "year" in wanted:
        for read in (lone_year, registered_year):
            if year := _first(read(line, today=today) for line in own):
                yield "year", str(year)


def _wanted(fields: Sequence[str], value: str, wanted: set[str]) -> Iterator[tuple[str, str]]:
    for name in fields:
        clean = accepted(name, value) if name in wanted else None
        if clean is not None and not (name == "model" and not any(map(str.isdigit, clean))):
            yield name, clean


def _put(listing: Listing, name: str, value: str, where: str) -> None:
    typed: Any = value
    if name == "year":
        typed = parse_year(value, today=date.today())
    elif name == "hours":
        typed = parse_hours(value)
    elif name == "condition":
        typed = parse_condition(value)
    elif name == "make":
        typed = canonical_make(value)
    elif name == "model":
        typed = _bare_model(value)
    if typed is not None:
        setattr(listing, name, typed)
        listing.provenance[name] = where


def _bare_model(value: str) -> str:
    """A model without its maker before it: "Volvo L110H" is L110H."""
    hit = find_make(value)
    rest = value[hit[1][1] :].strip(" -–") if hit is not None and hit[1][0] == 0 else ""
    return rest if any(map(str.isdigit, rest)) else value


def _is_kind(label: str, value: str) -> bool:
    """ "Type: Excavator" names no model; "Model: Ergo" does."""
    return not any(map(str.isdigit, value)) and "mod" not in label.casefold()


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value), None)

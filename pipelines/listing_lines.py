"""Records of JSON Lines ↔ listings: what `scrapy extract` prints, `scrapy infer` prints, feeds and people write.

A record's keys are a listing's field names, with typed values or raw text. A `raw` object may hold the text behind
them, `provenance` where each came from. What our own inference wrote into a record (it has a `category_confidence`
then, or the provenance says `title`) is not taken for the source's word: it is inferred anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from inventory.listing import BOOKKEEPING, FIELD_NAMES, INFERRED, VERTICALS, Listing, Vertical, text_behind
from pipelines.cleaning.clean import clean
from pipelines.inference.dog_fill import OWN_ATTRIBUTES
from pipelines.inference.dog_texts import VARIANT
from pipelines.inference.infer import infer_category_and_model, infer_size
from pipelines.json_lines import LineError
from pipelines.outcomes import Unusable
from pipelines.parsing.text import clean_text
from pipelines.vertical_guess import guessed_vertical

INFERRED_OF_DOGS: Final = frozenset({"size_label"})
"""What inference writes besides for a dog product; a machine's is the source's."""

_BETWEEN_CRUMBS: Final = re.compile(r"\s*[>»›/|]\s*")
MAX_SECTION: Final = 200

_FIELDS: Final = frozenset(FIELD_NAMES) - BOOKKEEPING - {"dealer", "vertical", "section", "url", "attributes"}
_ALSO_RAW: Final = frozenset({"specs", "breadcrumbs", "size", "operating_weight", "net_weight"})
_NOT_ABOUT_IT: Final = frozenset({"id", "file", "no_listing", "variants", "raw", "provenance"})
_KNOWN: Final = frozenset(FIELD_NAMES) | _ALSO_RAW | _NOT_ABOUT_IT
_TO_RAW: Final = _FIELDS | _ALSO_RAW
_READ: Final = _FIELDS | {"url", "vertical", "attributes"}
_ADDED: Final = tuple(name for name in FIELD_NAMES if name not in BOOKKEEPING | {"dealer", "section"})
_SHAPES: Final = {"raw": dict, "provenance": dict, "attributes": dict, "url": str}
"""Keys that mean something in one form only: what somebody else says by them is kept in `raw`."""
_OWN_FIELDS: Final = frozenset({*VARIANT, "tags"})
"""Fields of a source that inference reads and a listing has not: with attributes alone they are told by their names."""
_ASSUMED: Final = {"offer_type": "sale", "price_tax": "unknown"}
"""Values that a listing has where its source says nothing."""

Record = Mapping[str, Any]


def listing_of(record: Record, vertical: Vertical | None = None) -> Listing:
    """A record as a listing with `raw` and `provenance`, before `clean`. `vertical` holds where the record has none.

    Where neither says it the record's words decide. Raises `LineError` where they do not, or for an unknown vertical.
    """
    said = {name: value for name, value in record.items() if _says(value)}
    given = said.get("vertical")
    if given is not None and given not in VERTICALS:
        raise LineError(f"vertical {str(given)[:40]!r} is neither equipment nor dog")
    provenance = _provenance(said)
    found: Vertical | None = given or vertical
    if found is None:
        found = guessed_vertical(said)
        if found is None:
            raise LineError("does not tell what it sells: give it a `vertical`, or say --vertical equipment or dog")
        provenance["vertical"] = "guessed from its words"
    ours = _ours(said, provenance, found)
    for name in ours:
        provenance.pop(name, None)
    return Listing(
        dealer=said["dealer"] if isinstance(said.get("dealer"), str) else "",
        vertical=found,
        url=said["url"] if isinstance(said.get("url"), str) else None,
        section=clean_text(said["section"], MAX_SECTION) if isinstance(said.get("section"), str) else None,
        raw=_raw(said, ours, provenance),
        provenance=provenance,
    )


def inferred_record(record: Record, vertical: Vertical | None, today: date) -> dict[str, Any]:
    """The record with what can be known of it: fields read from text, category, model and size.

    Keys that are no field of a listing stay as they are. A given value that was read as something else is kept in
    `raw`. Raises `LineError`.
    """
    listing = listing_of(record, vertical)
    with suppress(Unusable):  # nothing is stored here: neither an identity nor a title is needed
        clean(listing, currency=None, country=None, today=today)
    _keep_attributes(listing, record)
    infer_category_and_model(listing)
    infer_size(listing)
    return record_with(record, listing)


def record_with(record: Record, listing: Listing) -> dict[str, Any]:
    """What the listing knows, in the order of the record's keys, then of a listing's fields.

    Unknown fields are left out unless the record names them.
    """
    out: dict[str, Any] = {}
    for name, value in record.items():
        out[name] = getattr(listing, name) if name in _READ else value
    for name in _ADDED:
        value = getattr(listing, name)
        if value is not None and name not in out and _says(value) and _ASSUMED.get(name) != value:
            out[name] = value
    raw = _raw_out(record, listing, out)
    for name in ("raw", "provenance"):
        out.pop(name, None)
    return out | ({"raw": raw} if raw else {}) | ({"provenance": listing.provenance} if listing.provenance else {})


def _provenance(said: Record) -> dict[str, str]:
    given = said.get("provenance")
    if not isinstance(given, dict):
        return {}
    return {name: where for name, where in given.items() if isinstance(where, str)}


def _ours(said: Record, provenance: Mapping[str, str], vertical: Vertical) -> frozenset[str]:
    """Fields of the record that an earlier inference of ours wrote."""
    raw = said.get("raw")
    texts = (
        said.keys() | (raw.keys() if isinstance(raw, dict) else set()) | ({"specs"} if "attributes" in said else set())
    )
    read = {name for name, where in provenance.items() if text_behind(name, where) in texts}
    if "category_confidence" not in said:
        return frozenset(read)
    return INFERRED.union(read, INFERRED_OF_DOGS if vertical == "dog" else ())


def _raw(said: Record, ours: frozenset[str], provenance: Mapping[str, str]) -> dict[str, Any]:
    """What the source said, under our names: unknown keys, then the `raw` object, then the fields themselves."""
    raw = {name: value for name, value in said.items() if name not in _KNOWN}
    if isinstance(said.get("raw"), dict):
        raw |= said["raw"]
    raw |= {name: said[name] for name in said if name in _TO_RAW and name not in ours}
    _add_attributes(raw, _given_attributes(said))
    for name, value in _ASSUMED.items():
        if raw.get(name) == value and "provenance" in said and name not in provenance:
            del raw[name]  # `scrapy extract` prints it also where the page says nothing
    return in_shape(raw)


def _add_attributes(raw: dict[str, Any], attributes: Mapping[str, Any]) -> None:
    """Attributes to where they once stood: in the specification, or in a field of the source's own."""
    specs = raw.get("specs")
    if specs is None:
        own = {name: value for name, value in attributes.items() if name in _OWN_FIELDS}
        pairs = [[name, value] for name, value in attributes.items() if name not in own and not isinstance(value, dict)]
        raw |= own | ({"specs": pairs} if pairs else {})
        return
    names = {clean_text(str(pair[0]), 100) for pair in specs if _is_pair(pair)} if isinstance(specs, list) else set()
    raw |= {name: value for name, value in attributes.items() if name not in names and name not in raw.keys() | _KNOWN}


def in_shape(raw: dict[str, Any]) -> dict[str, Any]:
    """Raw fields with those that inference reads as it expects them: whoever writes a line may write anything.

    A category is text, breadcrumbs are texts, specs are pairs; specs may come as an object, breadcrumbs as one text.
    """
    category, crumbs, specs = raw.get("category"), raw.get("breadcrumbs"), raw.get("specs")
    if isinstance(category, list):
        category = ", ".join(map(str, category))
    if isinstance(specs, dict):
        specs = [list(pair) for pair in specs.items()]
    if isinstance(crumbs, str):
        crumbs = _BETWEEN_CRUMBS.split(crumbs)
    shaped = {
        "category": category if isinstance(category, str) else None,
        "breadcrumbs": [text for text in crumbs if isinstance(text, str)] if isinstance(crumbs, list) else None,
        "specs": [pair for pair in specs if _is_pair(pair)] if isinstance(specs, list) else None,
    }
    return {name: value for name, value in raw.items() if name not in shaped} | {n: v for n, v in shaped.items() if v}


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


def _given_attributes(said: Record) -> dict[str, Any]:
    given = said.get("attributes")
    if not isinstance(given, dict):
        return {}
    ours = OWN_ATTRIBUTES if "category_confidence" in said else ()
    return {name: value for name, value in given.items() if name not in ours}


def _keep_attributes(listing: Listing, record: Record) -> None:
    """Attributes as they were given, with those that cleaning found; a key of the record is not said twice."""
    kept = {name: value for name, value in listing.attributes.items() if name not in record}
    listing.attributes = kept | _given_attributes({name: value for name, value in record.items() if _says(value)})


def _raw_out(record: Record, listing: Listing, out: Mapping[str, Any]) -> dict[str, Any]:
    """The record's `raw`, and the given values that stand in the listing as something else."""
    given = record.get("raw")
    raw = dict(given) if isinstance(given, dict) else {}
    said = {name: value for name, value in record.items() if _says(value)}
    ours = _ours(said, _provenance(said), listing.vertical)
    raw = {n: v for n, v in _given_attributes(said).items() if n in OWN_ATTRIBUTES} | raw
    for name, kind in _SHAPES.items():
        if name in said and not isinstance(said[name], kind):
            raw.setdefault(name, said[name])
    for name, value in record.items():
        if name not in _FIELDS or name in ours or name in raw or not _says(value):
            continue
        always = name in INFERRED or name in INFERRED_OF_DOGS
        if (always or not _same(value, out[name])) and name in listing.raw:
            raw[name] = listing.raw[name]
    return raw


def _same(given: Any, found: Any) -> bool:
    if isinstance(found, Decimal) and isinstance(given, str | int | float):
        with suppress(InvalidOperation):
            return Decimal(str(given)) == found
        return False
    return bool(given == found)


def _says(value: Any) -> bool:
    return value not in (None, "", [], {})

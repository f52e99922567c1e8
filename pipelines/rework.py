"""Category, model and size of stored listings, inferred anew by the rules and tables of today.

`again` is pure: a stored listing in, the columns that are no longer right out. `rework` goes through a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine

from inventory.listing import Listing, text_behind
from inventory.store.corrections import overlay
from inventory.store.merge import STORED_FIELDS
from inventory.store.rework import REWRITTEN_DETAILS, Rewrite, Selection, StoredListing, next_ids, read, write
from pipelines.cleaning.place import place
from pipelines.corrections.applying import corrected
from pipelines.identity.matching import IdentityRules
from pipelines.inference.infer import infer_category_and_model, infer_size
from pipelines.inference_version import inference_version
from pipelines.listing_lines import in_shape
from pipelines.parsing.identifiers import normal_serial
from pipelines.parsing.text import clean_text

CORRECTION: Final = "correction"
"""The provenance of a value that a person corrected: no rule is better."""

TRIES: Final = 5
"""How often a row is read again that a crawl changes while we look at it."""

MAX_MAKE: Final = 100
EDGES: Final = ("size_min", "size_max")
"""The edges of a size class: told together, also where one of them stays."""

Change = tuple[Any, Any]


@dataclass(slots=True)
class Reworked:
    """What became of a batch: column → (old, new) of each listing that was looked at; id → why of each that was not."""

    changes: list[Mapping[str, Change]] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)
    last_id: int = 0


def rewritten(stored: StoredListing) -> dict[str, Any]:
    """The columns of both tables that are to hold another value today: by inference and the corrections in force."""
    if not stored.corrections and stored.values["corrections"] is None:
        return again(stored)
    said = stored.as_said()
    columns = {**said.values, **again(said)}
    laid = overlay(stored.dealer, columns, stored.corrections, corrected)
    wanted = {**columns, **laid.values, "corrections": laid.digest, "uncorrected": laid.uncorrected}
    return {name: value for name, value in wanted.items() if _known(value) != _known(stored.values[name])}


def again(stored: StoredListing) -> dict[str, Any]:
    """The columns of both tables that inference fills otherwise today, with their new values."""
    listing = as_source_said(stored)
    corrected = {
        name: stored.values[name]
        for name, where in listing.provenance.items()
        if where == CORRECTION and name in stored.values
    }
    infer_category_and_model(listing)
    _put(listing, corrected)
    infer_size(listing)
    place(listing)
    _put(listing, corrected)
    listing.provenance.update(dict.fromkeys(corrected, CORRECTION))
    new: dict[str, Any] = {name: getattr(listing, name) for name in (*STORED_FIELDS, *REWRITTEN_DETAILS)}
    if new["serial_number"] != stored.values["serial_number"]:
        new["serial_key"] = normal_serial(listing.serial_number) if listing.serial_number else None
    return {name: value for name, value in new.items() if _known(value) != _known(stored.values[name])}


def as_source_said(stored: StoredListing) -> Listing:
    """A stored listing without what inference once read from its texts or wrote over the source's word."""
    values = stored.values
    raw, attributes = in_shape(_object(values["raw"])), _object(values["attributes"])
    provenance = {name: where for name, where in _object(values["provenance"]).items() if isinstance(where, str)}
    listing = Listing(dealer=stored.dealer, vertical=values["vertical"], raw=raw, provenance=provenance)
    for name in STORED_FIELDS:
        setattr(listing, name, values[name])
    listing.description, listing.breed_sizes = values["description"], values["breed_sizes"]
    texts = {name for name in ("title", "description", "hours", "model") if values[name] is not None} | raw.keys()
    for name in [name for name, where in provenance.items() if text_behind(name, where) in texts]:
        if name in STORED_FIELDS:
            setattr(listing, name, None)
            del provenance[name]
    if provenance.get("base_model") != CORRECTION:
        listing.base_model = None
    if listing.make is not None and isinstance(raw.get("make"), str) and provenance.get("make") != CORRECTION:
        listing.make = clean_text(raw["make"], MAX_MAKE) or listing.make
    listing.attributes = attributes
    return listing


def rework(
    reader: Engine,
    writer: Engine | None,
    selection: Selection,
    *,
    tried: Callable[..., Any] | None = None,
) -> Iterator[Reworked]:
    """Go through the selected listings by id, a batch at a time; without a `writer` nothing is written.

    `tried` calls a function of the database and may call it again. What was yielded is committed.
    """
    attempt = tried or _once
    after = 0
    while ids := attempt(next_ids, reader, selection, after):
        yield _batch(reader, writer, selection, ids, attempt)
        after = ids[-1]


def _batch(
    reader: Engine, writer: Engine | None, selection: Selection, ids: Sequence[int], attempt: Callable[..., Any]
) -> Reworked:
    done = Reworked(last_id=ids[-1])
    waiting = list(ids)
    for _ in range(TRIES):
        found, broken = attempt(read, reader, selection, waiting)
        done.left |= broken
        rewrites = list(_rewrites(found, done.left))
        waiting = []
        if writer is not None and rewrites:
            written = attempt(write, writer, rewrites, inference_version(), IdentityRules(), _now)
            done.left |= written.refused
            waiting = written.overtaken
        skipped = set(waiting) | done.left.keys()
        done.changes += [_changes(one) for one in rewrites if one.stored.id not in skipped]
        if not waiting:
            break
    done.left |= dict.fromkeys(waiting, "a crawl keeps changing it; it is inferred by that crawl")
    return done


def _rewrites(found: Sequence[StoredListing], left: dict[int, str]) -> Iterator[Rewrite]:
    for stored in found:
        try:
            yield Rewrite(stored, rewritten(stored))
        except Exception as error:  # a bug of ours, or JSON of another shape, costs its listing, not the others
            left[stored.id] = f"cannot be inferred: {type(error).__name__}: {str(error)[:200]}"


def _changes(rewrite: Rewrite) -> dict[str, Change]:
    stored, new = rewrite.stored.values, rewrite.values
    names = {*new, *(EDGES if any(edge in new for edge in EDGES) else ())}
    return {name: (stored[name], new.get(name, stored[name])) for name in names}


def _known(value: Any) -> Any:
    """Empty is unknown, in whatever form it is stored; 0 is not."""
    return None if value in ("", [], {}) else value


def _object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _put(listing: Listing, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(listing, name, value)


def _once(call: Callable[..., Any], *arguments: Any) -> Any:
    return call(*arguments)


def _now() -> datetime:
    return datetime.now(UTC)

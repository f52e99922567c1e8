"""Stored listings read in batches, and written again with what newer rules make of them.

Reading takes no lock. Writing locks the rows of a batch for a moment and compares: a row that a crawl has touched
since it was read is left as it is, and told. A batch is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, func, select, update
from sqlalchemy.exc import OperationalError

from inventory.engine import said
from inventory.listing import Vertical
from inventory.store.corrections import as_said, fields_of, name_of
from inventory.store.dialect import REFUSALS, is_of_a_row, within
from inventory.store.matching import Matching
from inventory.store.merge import STORED_FIELDS
from inventory.store.turns import in_turn
from inventory.store.units import link
from inventory.tables import dealers, listing_details, listings

BATCH_ROWS: Final = 400

_TOKEN: Final = tuple(
    listings.c[name]
    for name in ("content_hash", "last_seen", "last_changed", "crawl_id", "status", "inference_version", "corrections")
)
"""Every writer of a listing changes one of these."""

_DETAILS: Final = ("description", "raw", "attributes", "provenance", "breed_sizes", "uncorrected")
REWRITTEN_DETAILS: Final = ("attributes", "provenance", "breed_sizes")
_KEPT: Final = ("serial_key", "corrections")
"""Columns of `listings` that are rewritten beside the fields of a listing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which listings: of a dealer, of a vertical, and only those of another version than `not_version`."""

    dealer: str | None = None
    vertical: Vertical | None = None
    not_version: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a query of `listings` joined with `dealers`."""
        found: list[ColumnElement[bool]] = []
        if self.dealer is not None:
            found.append(dealers.c.name == self.dealer)
        if self.vertical is not None:
            found.append(listings.c.vertical == self.vertical)
        if self.not_version is not None:
            found.append(listings.c.inference_version.is_distinct_from(self.not_version))
        return found


@dataclass(frozen=True, slots=True)
class StoredListing:
    """A stored listing: its dealer's name, the columns of both tables by name, and what tells whether it changed.

    `corrections` are those in force for it, as they are written.
    """

    id: int
    dealer: str
    values: Mapping[str, Any]
    token: tuple[Any, ...]
    corrections: Mapping[str, str] = field(default_factory=dict)

    def as_said(self) -> StoredListing:
        """The same as it would be without corrections."""
        return replace(self, values={**self.values, **as_said(self.values["uncorrected"])}, corrections={})


@dataclass(frozen=True, slots=True)
class Rewrite:
    """New values for some columns of a stored listing (`serial_key` too); none at all: only its version."""

    stored: StoredListing
    values: Mapping[str, Any]


@dataclass(slots=True)
class Written:
    """What became of a batch: ids of rows that somebody else changed meanwhile, and id → why it was refused."""

    overtaken: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def count(engine: Engine, selection: Selection) -> int:
    """How many listings are selected now."""
    query = select(func.count()).select_from(listings.join(dealers)).where(*selection.conditions())
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def next_ids(engine: Engine, selection: Selection, after: int) -> list[int]:
    """The ids of the next batch behind an id, ascending; none at the end."""
    query = select(listings.c.id).join(dealers).where(listings.c.id > after, *selection.conditions())
    with engine.connect() as connection:
        return list(connection.execute(query.order_by(listings.c.id).limit(BATCH_ROWS)).scalars())


def read(engine: Engine, selection: Selection, ids: Sequence[int]) -> tuple[list[StoredListing], dict[int, str]]:
    """The listings of these ids that are still selected, by id; and id → why, for those whose JSON is broken."""
    with engine.connect() as connection:
        return _read(connection, selection, ids)


def write(
    engine: Engine, rewrites: Sequence[Rewrite], version: str, matching: Matching, now: Callable[[], datetime]
) -> Written:
    """Write a batch in one transaction; a row that the database refuses is left as it is, the others are written.

    Neither `last_changed` nor an event tells of it: the dealer changed nothing. Raises SQLAlchemy's
    `OperationalError` where the database is out of reach: nothing of the batch is written then.
    """
    try:
        return in_turn(engine, lambda connection: _write(connection, rewrites, version, matching, now()))
    except REFUSALS as error:
        if not is_of_a_row(error):
            raise
        if len(rewrites) == 1:
            return Written(refused={rewrites[0].stored.id: said(error)})
    half = len(rewrites) // 2
    first = write(engine, rewrites[:half], version, matching, now)
    second = write(engine, rewrites[half:], version, matching, now)
    return Written(first.overtaken + second.overtaken, first.refused | second.refused)


def _read(
    connection: Connection, selection: Selection, ids: Sequence[int]
) -> tuple[list[StoredListing], dict[int, str]]:
    details = (listing_details.c[name] for name in _DETAILS)
    columns = (listings.c[name] for name in ("id", "identity_key", *_KEPT, *STORED_FIELDS))
    query = (
        select(dealers.c.name.label("dealer"), *columns, *details, *(c.label(f"token_{c.name}") for c in _TOKEN))
        .select_from(listings.join(dealers).outerjoin(listing_details))
        .where(listings.c.id.in_(ids), *selection.conditions())
        .order_by(listings.c.id)
    )
    try:
        rows = connection.execute(query).mappings().all()
    except (ValueError, RecursionError, OperationalError) as error:  # SQLite keeps JSON as text, which may be broken
        if isinstance(error, OperationalError) and "decode" not in said(error):
            raise
        if len(ids) == 1:
            return [], {ids[0]: f"what is stored of it is broken: {said(error)}"}
        half = len(ids) // 2
        first, broken = _read(connection, selection, ids[:half])
        second, more = _read(connection, selection, ids[half:])
        return first + second, broken | more
    names = {row["id"]: name_of(row["dealer"], row["identity_key"]) for row in rows}
    known = fields_of(connection, set(names.values()))
    return [
        StoredListing(
            row["id"],
            row["dealer"],
            dict(row),
            tuple(row[f"token_{column.name}"] for column in _TOKEN),
            known.get(names[row["id"]], {}),
        )
        for row in rows
    ], {}


def _write(
    connection: Connection, rewrites: Sequence[Rewrite], version: str, matching: Matching, now: datetime
) -> Written:
    tokens = _locked(connection, [rewrite.stored.id for rewrite in rewrites])
    current = [rewrite for rewrite in rewrites if tokens.get(rewrite.stored.id) == rewrite.stored.token]
    held = {rewrite.stored.id for rewrite in current}
    stamp = update(listings).where(within(connection, listings.c.id, held))
    connection.execute(stamp.values(inference_version=version))
    names = (*STORED_FIELDS, *_KEPT)
    _update_each(connection, listings.c.id, current, tuple(name for name in names if name in listings.c))
    _update_each(connection, listing_details.c.listing_id, current, (*REWRITTEN_DETAILS, "uncorrected"))
    link(connection, [rewrite.stored.id for rewrite in current if rewrite.values], matching, now)
    return Written(overtaken=[rewrite.stored.id for rewrite in rewrites if rewrite.stored.id not in held])


def _locked(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """The tokens of rows that are locked until the end, in the order in which crawls lock them."""
    query = select(listings.c.id, *_TOKEN).where(within(connection, listings.c.id, ids))
    ordered = query.order_by(listings.c.dealer_id, listings.c.identity_key)
    return {row[0]: tuple(row[1:]) for row in connection.execute(ordered.with_for_update(of=listings))}


def _update_each(connection: Connection, key: Any, rewrites: Sequence[Rewrite], names: Sequence[str]) -> None:
    """Update the columns that some of the rows have anew; the others get what they have."""
    rewritten = [rewrite for rewrite in rewrites if any(name in rewrite.values for name in names)]
    changed = sorted({name for rewrite in rewritten for name in rewrite.values if name in names})
    if not rewritten:
        return
    statement = (
        update(key.table)
        .where(key == bindparam("b_key"))
        .values({name: bindparam(f"b_{name}", type_=key.table.c[name].type) for name in changed})
    )
    rows = [
        {"b_key": rewrite.stored.id}
        | {f"b_{name}": rewrite.values.get(name, rewrite.stored.values[name]) for name in changed}
        for rewrite in rewritten
    ]
    connection.execute(statement, rows)

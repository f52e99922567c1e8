"""Corrections put into the database, file by file, and the stored listings brought into line with them.

One transaction, which no writer of listings overlaps: all of it is entered, stored listings included, or nothing. What
a file said when it was last entered and says no more is taken back: its listing gets back what its dealer says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, Table, bindparam, delete, select, update

from inventory.store.corrections import (
    Correct,
    Corrected,
    Corrections,
    Name,
    as_said,
    hold,
    in_force,
    name_of,
    stored_keys,
)
from inventory.store.dialect import within
from inventory.store.many_rows import are_among, insert_rows
from inventory.store.matching import Matching
from inventory.store.pair_corrections import ids_of
from inventory.store.units import link
from inventory.tables import corrections, dealers, listing_details, listings, pair_corrections

_BOTH: Final = (
    dealers.c.name.label("dealer_name"),
    *listings.c,
    *(column for column in listing_details.c if column.name != "listing_id"),
)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A person's word on a field of a listing; `value` as it is written."""

    dealer: str
    external_id: str
    field: str
    value: str
    reason: str
    by: str

    @property
    def name(self) -> Name:
        """Which listing."""
        return self.dealer, self.external_id


@dataclass(frozen=True, slots=True)
class PairRow:
    """A person's word on two listings, the lower name first."""

    one: Name
    other: Name
    verdict: Literal["same", "different"]
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Rows:
    """All that a file says."""

    fields: Sequence[FieldRow] = ()
    pairs: Sequence[PairRow] = ()


@dataclass(slots=True)
class Entered:
    """What came of it: rows that are new or say something else, that are as before, that were taken back; listings
    that hold other values now."""

    new: int = 0
    as_before: int = 0
    taken_back: int = 0
    listings_changed: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A stored listing as a check looks at it: its columns of both tables as its source has them, and its status."""

    dealer: str
    status: str
    values: Mapping[str, Any]
    others: Sequence[tuple[str, str, str]] = field(default=())
    """(file, field, value) of all corrections that are stored for it."""


def enter(
    engine: Engine, files: Mapping[str, Rows], correct: Correct, matching: Matching, now: Callable[[], datetime]
) -> Entered:
    """Make these files (by name) say what they say now, and apply it to what is stored."""
    done = Entered()
    with engine.begin() as connection:
        hold(connection)
        at = now()
        names: set[Name] = set()
        ends: set[Name] = set()
        for file, rows in files.items():
            names |= {row.name for row in rows.fields}
            fields: Said = {astuple(row)[:3]: astuple(row)[3:] for row in rows.fields}
            for dealer, external_id, _ in _replace(connection, corrections, _FIELD_KEY, file, fields, at, done):
                names.add((dealer, external_id))
            pairs: Said = {(*row.one, *row.other): (row.verdict, row.reason, row.by) for row in rows.pairs}
            for key in _replace(connection, pair_corrections, _PAIR_KEY, file, pairs, at, done):
                ends |= {(key[0], key[1]), (key[2], key[3])}
        changed = bring_into_line(connection, names, correct)
        done.listings_changed = len(changed)
        link(connection, changed.union(ids_of(connection, ends).values()), matching, at)
    return done


Said = Mapping[tuple[str, ...], tuple[str, ...]]
"""What a row is about → what it says of it, in the order of the columns."""

_FIELD_KEY: Final = ("dealer", "external_id", "field")
_PAIR_KEY: Final = ("dealer", "external_id", "other_dealer", "other_external_id")


def _replace(
    connection: Connection,
    table: Table,
    key_columns: Sequence[str],
    file: str,
    wanted: Said,
    at: datetime,
    done: Entered,
) -> set[tuple[str, ...]]:
    """Make a file's rows in a table these; the keys of those that are other than before.

    A row that says the same keeps its time, so that entering a file twice does not put it in front of others.
    """
    said_columns = [name for name in ("value", "verdict", "reason", "by") if name in table.c]
    query = select(table.c.id, *(table.c[name] for name in (*key_columns, *said_columns))).where(table.c.file == file)
    stored = {tuple(row[1 : 1 + len(key_columns)]): row for row in connection.execute(query).all()}
    before = {key: tuple(row[1 + len(key_columns) :]) for key, row in stored.items()}
    other = {key for key in wanted.keys() & before.keys() if wanted[key] != before[key]}
    gone, new = before.keys() - wanted.keys(), wanted.keys() - before.keys()
    if left := [stored[key].id for key in gone | other]:
        connection.execute(delete(table).where(within(connection, table.c.id, left)))
    rows = [
        dict(zip((*key_columns, *said_columns), (*key, *wanted[key]), strict=True)) | {"file": file, "entered_at": at}
        for key in sorted(new | other)
    ]
    insert_rows(connection, table, rows)
    done.new += len(rows)
    done.taken_back += len(gone)
    done.as_before += len(wanted) - len(rows)
    return gone | other | new


def bring_into_line(connection: Connection, names: Collection[Name], correct: Correct) -> set[int]:
    """Lay the corrections in force over the stored listings among these; the ids of those that bear other ones now."""
    known = in_force(connection, names, correct)
    changed: set[int] = set()
    for row in _rows(connection, names, lock=True):
        key = row["identity_key"]
        if row["corrections"] != known.digest(row["dealer_name"], key):
            _write(connection, row, _laid(row, known))
            changed.add(row["id"])
    return changed


def _laid(row: Mapping[str, Any], known: Corrections) -> tuple[Mapping[str, Any], Corrected]:
    said = as_said(row["uncorrected"])
    return said, known.over(row["dealer_name"], row["identity_key"], {**row, **said})


def _write(connection: Connection, row: Mapping[str, Any], laid: tuple[Mapping[str, Any], Corrected]) -> None:
    said, corrected = laid
    for table, key in ((listings, listings.c.id), (listing_details, listing_details.c.listing_id)):
        values = {name: value for name, value in said.items() if name in table.c} | corrected.columns_of(table)
        bound = {name: bindparam(f"b_{name}", type_=table.c[name].type) for name in values}
        statement = update(table).where(key == row["id"]).values(bound)
        connection.execute(statement, {f"b_{name}": value for name, value in values.items()})


def standing(engine: Engine, names: Collection[Name]) -> dict[Name, Standing]:
    """The stored listings among these, as a check looks at them. Writes nothing."""
    with engine.connect() as connection:
        others = _all_of(connection, names)
        return {
            name: Standing(name[0], row["status"], {**row, **as_said(row["uncorrected"])}, others[name])
            for row in _rows(connection, names, lock=False)
            if (name := name_of(row["dealer_name"], row["identity_key"])) in names
        }


def pair_words(engine: Engine) -> dict[tuple[Name, Name], list[tuple[str, str]]]:
    """Every pair that people spoke of: (file, verdict) of each that did, the one in force last."""
    found: dict[tuple[Name, Name], list[tuple[str, str]]] = defaultdict(list)
    columns = pair_corrections.c
    query = select(pair_corrections).order_by(columns.entered_at, columns.file)
    with engine.connect() as connection:
        for row in connection.execute(query).mappings():
            one, other = (row["dealer"], row["external_id"]), (row["other_dealer"], row["other_external_id"])
            found[one, other].append((row["file"], row["verdict"]))
    return found


def known_files(engine: Engine) -> dict[str, int]:
    """The files of which rows are stored, and how many rows of each."""
    found: dict[str, int] = defaultdict(int)
    with engine.connect() as connection:
        for table in (corrections, pair_corrections):
            for file in connection.execute(select(table.c.file)).scalars():
                found[file] += 1
    return found


def _rows(connection: Connection, names: Collection[Name], *, lock: bool) -> Iterable[Mapping[str, Any]]:
    """Stored listings by name: the columns of both tables and `dealer_name`."""
    if not names:
        return []
    joined = listings.join(dealers).join(listing_details)
    query = (
        select(*_BOTH)
        .select_from(joined)
        .where(are_among(connection, (listings.c.dealer_id, listings.c.identity_key), stored_keys(connection, names)))
    )
    ordered = query.order_by(listings.c.dealer_id, listings.c.identity_key)
    found = connection.execute(ordered.with_for_update(of=listings) if lock else ordered).mappings().all()
    return [dict(row) for row in found if name_of(row["dealer_name"], row["identity_key"]) in names]


def _all_of(connection: Connection, names: Collection[Name]) -> Mapping[Name, list[tuple[str, str, str]]]:
    found: dict[Name, list[tuple[str, str, str]]] = defaultdict(list)
    columns = corrections.c
    query = select(columns.dealer, columns.external_id, columns.file, columns.field, columns.value).where(
        are_among(connection, (columns.dealer, columns.external_id), names)
    )
    for dealer, external_id, *said in connection.execute(query.order_by(columns.entered_at, columns.file)):
        found[dealer, external_id].append((said[0], said[1], said[2]))
    return found

"""Stores a batch of listings in one transaction: new, changed, unchanged; events; unit links.

An unchanged listing (equal content hash) costs one comparison and one touch of `last_seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, bindparam, insert, select, tuple_, update

from inventory.engine import said
from inventory.listing import Listing
from inventory.store.corrections import Correct, Corrections, as_said, in_force, name_of, share
from inventory.store.dialect import REFUSALS, chunks, insert_ignoring, is_of_a_row
from inventory.store.history import Event, events_of, first_event, read_otherwise
from inventory.store.matching import Matching
from inventory.store.merge import DETAIL_FIELDS, Merged, merge, merge_details, values_of
from inventory.store.renamed import renamed
from inventory.store.sightings import is_late, rounds, widened
from inventory.store.unit_rows import seen_again
from inventory.store.units import link
from inventory.tables import crawls, dealers, events, listing_details, listings

Key = tuple[int, str]
_TOUCH: Final = (
    listings.c.id,
    listings.c.identity_key,
    listings.c.content_hash,
    *(listings.c[name] for name in ("missing", "doubtful", "status", "section", "first_seen", "last_seen", "gone_at")),
    listings.c.corrections,
)
"""All that an unchanged listing's row is read for."""


@dataclass(slots=True)
class Stored:
    """What became of a batch: one word a listing (`new`, `changed`, `unchanged`, `again`), or why it was refused."""

    outcomes: list[tuple[Listing, str]] = field(default_factory=list)
    refused: list[tuple[Listing, str]] = field(default_factory=list)


class UnknownDealer(LookupError):
    """A listing names a dealer that is not in the `dealers` table."""


def store(
    engine: Engine,
    batch: Sequence[Listing],
    matching: Matching,
    now: Callable[[], datetime],
    correct: Correct | None = None,
) -> Stored:
    """Store a batch; a listing that the database refuses is left out with its reason and the others are stored.

    `correct` applies what people know better; without it a listing that is corrected raises `NoRules`.
    Raises SQLAlchemy's `OperationalError` where the database is out of reach or full: nothing of the batch is
    stored then, and it may be tried again.
    """
    try:
        with engine.begin() as connection:
            return Stored(outcomes=_store(connection, batch, matching, now(), correct))
    except REFUSALS as error:
        if not is_of_a_row(error):
            raise
        if len(batch) == 1:
            return Stored(refused=[(batch[0], said(error))])
    half = len(batch) // 2
    first, second = (store(engine, part, matching, now, correct) for part in (batch[:half], batch[half:]))
    return Stored(first.outcomes + second.outcomes, first.refused + second.refused)


def _store(
    connection: Connection, batch: Sequence[Listing], matching: Matching, now: datetime, correct: Correct | None
) -> list[tuple[Listing, str]]:
    share(connection)
    known = in_force(connection, {name_of(listing.dealer, listing.identity_key) for listing in batch}, correct)
    ids = _dealer_ids(connection, {listing.dealer for listing in batch})
    parts, left_out = rounds(batch)
    outcomes = [(listing, "again") for listing in left_out]
    to_link: set[int] = set()
    for part in parts:
        pending = {(ids[dealer], key): listing for (dealer, key), listing in part.items()}
        while pending:
            rows = _stored_rows(connection, pending)
            unknown = {key: listing for key, listing in pending.items() if key not in rows}
            rows |= renamed(connection, unknown, rows.keys(), _TOUCH, now) if unknown else {}
            old = {key: listing for key, listing in pending.items() if key in rows}
            outcomes += _update(connection, old, rows, known, to_link, now)
            new = {key: listing for key, listing in pending.items() if key not in rows}
            added = _add(connection, new, known, to_link, now)
            outcomes += [(new[key], "new") for key in added]
            # What another writer added since we looked is there now: merge with it.
            pending = {key: listing for key, listing in new.items() if key not in added}
    link(connection, to_link, matching, now)
    return outcomes


def _dealer_ids(connection: Connection, names: set[str]) -> dict[str, int]:
    query = select(dealers.c.name, dealers.c.id).where(dealers.c.name.in_(names))
    ids: dict[str, int] = dict(connection.execute(query).all())
    if unknown := names - ids.keys():
        raise UnknownDealer(f"no such dealer in the database: {', '.join(sorted(unknown))}")
    return ids


def _stored_rows(connection: Connection, wanted: Iterable[Key]) -> dict[Key, Mapping[str, Any]]:
    """What tells whether a listing changed, by key; the rows are locked until the end."""
    found: dict[Key, Mapping[str, Any]] = {}
    for chunk in chunks(sorted(wanted)):  # in one order in every writer, against deadlocks
        query = (
            select(listings.c.dealer_id, *_TOUCH)
            .where(tuple_(listings.c.dealer_id, listings.c.identity_key).in_(chunk))
            .order_by(listings.c.dealer_id, listings.c.identity_key)
            .with_for_update()
        )
        for row in connection.execute(query).mappings():
            found[row["dealer_id"], row["identity_key"]] = dict(row)
    return found


def _add(
    connection: Connection, new: Mapping[Key, Listing], known: Corrections, to_link: set[int], now: datetime
) -> set[Key]:
    if not new:
        return set()
    rows = []
    corrected = {key: known.over(one.dealer, key[1], _columns_of(one)) for key, one in new.items()}
    for (dealer_id, key), listing in sorted(new.items(), key=lambda entry: entry[0]):
        seen = listing.observed_at or now
        rows.append(
            values_of(listing)
            | _bookkeeping(listing)
            | {
                "dealer_id": dealer_id,
                "identity_key": key,
                "first_seen": seen,
                "last_seen": seen,
                "last_changed": seen,
                "status": status_of(listing),
                "missing": None,
                "doubtful": None,
            }
            | corrected[dealer_id, key].columns_of(listings)
        )
    ids = insert_ignoring(connection, listings, rows, ("dealer_id", "identity_key"))
    if not ids:
        return set()
    details, history = [], []
    for (dealer_id, key), listing_id in ids.items():
        listing = new[dealer_id, key]
        details.append(
            {"listing_id": listing_id}
            | {name: getattr(listing, name) for name in DETAIL_FIELDS}
            | corrected[dealer_id, key].columns_of(listing_details)
        )
        history.append(_event_row(listing_id, listing, first_event(values_of(listing)), now))
    connection.execute(insert(listing_details), details)
    connection.execute(insert(events), history)
    to_link.update(ids.values())
    return set(ids)


def _update(
    connection: Connection,
    old: Mapping[Key, Listing],
    rows: Mapping[Key, Mapping[str, Any]],
    known: Corrections,
    to_link: set[int],
    now: datetime,
) -> list[tuple[Listing, str]]:
    outcomes: list[tuple[Listing, str]] = []
    touched: list[tuple[Mapping[str, Any], Listing]] = []
    read_again: dict[int, Listing] = {}
    for key, listing in old.items():
        row = rows[key]
        same = row["content_hash"] == listing.content_hash and row["missing"] is None and row["doubtful"] is None
        if is_late(row, listing):
            connection.execute(update(listings).where(listings.c.id == row["id"]).values(widened(row, listing)))
            to_link.add(row["id"])
            outcomes.append((listing, "unchanged"))
        elif (
            same
            and row["status"] == status_of(listing)
            and row["corrections"] == known.digest(listing.dealer, listing.identity_key)
        ):
            touched.append((row, listing))
            outcomes.append((listing, "unchanged"))
        else:
            read_again[row["id"]] = listing
    _touch(connection, touched, now)
    outcomes += _merge_all(connection, read_again, known, now)
    to_link.update(read_again)
    return outcomes


def _touch(connection: Connection, touched: Sequence[tuple[Mapping[str, Any], Listing]], now: datetime) -> None:
    """Seen, by which crawl and in which section; what no crawl read stays with the crawl that saw it last."""
    groups: dict[tuple[datetime, int | None, str | None], list[int]] = {}
    for row, listing in touched:
        moved = listing.section if listing.section != row["section"] else None
        groups.setdefault((listing.observed_at or now, listing.crawl_id, moved), []).append(row["id"])
    for (seen, crawl_id, section), ids in groups.items():
        values: dict[str, Any] = {"last_seen": seen}
        values |= {} if crawl_id is None else {"crawl_id": crawl_id}
        values |= {} if section is None else {"section": section}
        for chunk in chunks(sorted(ids)):
            connection.execute(update(listings).where(listings.c.id.in_(chunk)).values(values))
            seen_again(connection, chunk, seen)


def _merge_all(
    connection: Connection,
    read_again: Mapping[int, Listing],
    known: Corrections,
    now: datetime,
) -> list[tuple[Listing, str]]:
    if not read_again:
        return []
    rows = _rows_by(connection, listings.c.id, read_again)
    details = _rows_by(connection, listing_details.c.listing_id, read_again)
    healthy = _healthy(connection, [row["missing"] for row in rows.values()])
    outcomes, updates, detail_updates, history = [], [], [], []
    for listing_id, listing in read_again.items():
        said = as_said(details[listing_id]["uncorrected"])  # what the dealer said, not what people know better
        row, wide = {**rows[listing_id], **said}, {**details[listing_id], **said}
        merged = merge(row, listing, healthy, listing.crawl_id or (listing.observed_at or now).isoformat())
        reread = read_otherwise(merged.changes, {**row, **wide}, listing)
        happened = events_of(merged.changes, row["status"], status_of(listing), reread)
        updated, details_now = _updated(row, listing, merged, bool(happened), now), merge_details(wide, listing)
        columns = merged.values | {"serial_key": updated["b_serial_key"]} | details_now
        corrected = known.over(listing.dealer, listing.identity_key, columns)
        updates.append(updated | {f"b_{name}": value for name, value in corrected.columns_of(listings).items()})
        detail_updates.append({"b_id": listing_id} | details_now | corrected.columns_of(listing_details))
        history += [_event_row(listing_id, listing, event, now) for event in happened]
        outcomes.append((listing, "changed" if happened else "unchanged"))
    _write_updates(connection, updates, detail_updates)
    if history:
        connection.execute(insert(events), history)
    return outcomes


def _updated(row: Mapping[str, Any], listing: Listing, merged: Merged, changed: bool, now: datetime) -> dict[str, Any]:
    seen = listing.observed_at or now
    return (
        {f"b_{name}": value for name, value in merged.values.items()}
        | {f"b_{name}": value for name, value in _bookkeeping(listing).items()}
        | {
            "b_id": row["id"],
            "b_serial_key": listing.serial_key if listing.serial_number else _kept_serial(row, merged),
            "b_last_seen": seen,
            "b_last_changed": seen if changed else row["last_changed"],
            "b_status": status_of(listing),
            "b_gone_at": None,
            "b_missing": merged.missing,
            "b_doubtful": merged.doubtful,
            "b_crawl_id": row["crawl_id"] if listing.crawl_id is None else listing.crawl_id,
        }
    )


def _kept_serial(row: Mapping[str, Any], merged: Merged) -> str | None:
    """The key of a serial number that is kept where it was not read again."""
    return None if merged.values["serial_number"] is None else row["serial_key"]


def _write_updates(
    connection: Connection, updates: Sequence[dict[str, Any]], detail_updates: Sequence[dict[str, Any]]
) -> None:
    columns = [name.removeprefix("b_") for name in updates[0] if name != "b_id"]
    connection.execute(
        update(listings)
        .where(listings.c.id == bindparam("b_id"))
        .values({name: bindparam(f"b_{name}", type_=listings.c[name].type) for name in columns}),
        list(updates),
    )
    connection.execute(
        update(listing_details)
        .where(listing_details.c.listing_id == bindparam("b_id"))
        .values(
            {name: bindparam(name, type_=listing_details.c[name].type) for name in (*DETAIL_FIELDS, "uncorrected")}
        ),
        list(detail_updates),
    )


def _columns_of(listing: Listing) -> dict[str, Any]:
    """What corrections may look at and change."""
    wide = {name: getattr(listing, name) for name in DETAIL_FIELDS}
    return values_of(listing) | {"serial_key": listing.serial_key} | wide


def _bookkeeping(listing: Listing) -> dict[str, Any]:
    return {
        "serial_key": listing.serial_key,
        "content_hash": listing.content_hash,
        "crawl_id": listing.crawl_id,
        "inference_version": listing.inference_version,
    }


def _event_row(listing_id: int, listing: Listing, event: Event, now: datetime) -> dict[str, Any]:
    return {
        "listing_id": listing_id,
        "crawl_id": listing.crawl_id,
        "at": listing.observed_at or now,
        "kind": event.kind,
        "changes": event.changes,
    }


def _healthy(connection: Connection, missing: Iterable[Mapping[str, list[int]] | None]) -> set[int]:
    named = {crawl for entry in missing if entry for ids in entry.values() for crawl in ids}
    if not named:
        return set()
    query = select(crawls.c.id).where(crawls.c.id.in_(named), crawls.c.outcome == "healthy")
    return set(connection.execute(query).scalars())


def _rows_by(connection: Connection, column: Column[int], ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """Whole rows of a column's table, by the column."""
    found: dict[int, Mapping[str, Any]] = {}
    for chunk in chunks(sorted(ids)):
        query = select(column.table).where(column.in_(chunk))
        found.update({row[column.name]: row for row in connection.execute(query).mappings()})
    return found


def status_of(listing: Listing) -> str:
    """What a listing that was just seen is: sold where the page says so, else active."""
    return "sold" if listing.price_status == "sold" else "active"

"""Brings stored listings up to what was read of them now: those that say the same, and those that have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, select, update

from inventory.listing import Listing
from inventory.store.corrections import Corrections, as_said
from inventory.store.dialect import within
from inventory.store.history import events_of, read_otherwise
from inventory.store.listing_rows import Key, bookkeeping, event_row, status_of
from inventory.store.many_rows import insert_rows, update_rows
from inventory.store.merge import Merged, merge, merge_details
from inventory.store.sightings import is_late, widened
from inventory.store.unit_rows import seen_again
from inventory.tables import crawls, events, listing_details, listings

TOUCH: Final = (
    listings.c.id,
    listings.c.identity_key,
    listings.c.content_hash,
    *(listings.c[name] for name in ("missing", "doubtful", "status", "section", "first_seen", "last_seen", "gone_at")),
    listings.c.corrections,
)
"""All that an unchanged listing's row is read for."""


def bring_up_to_date(
    connection: Connection,
    old: Mapping[Key, Listing],
    rows: Mapping[Key, Mapping[str, Any]],
    known: Corrections,
    to_link: set[int],
    now: datetime,
) -> list[tuple[Listing, str]]:
    """Touch, or merge with the listings of `old`, their stored `rows` (which have the columns `TOUCH`).

    Returns a word for each (`changed`, `unchanged`); the ids of those that are to be linked anew come to `to_link`.
    """
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
        connection.execute(update(listings).where(within(connection, listings.c.id, ids)).values(values))
        seen_again(connection, ids, seen)


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
        columns = merged.values | {"serial_key": updated["serial_key"]} | details_now
        corrected = known.over(listing.dealer, listing.identity_key, columns)
        updates.append(updated | corrected.columns_of(listings))
        detail_updates.append({"listing_id": listing_id} | details_now | corrected.columns_of(listing_details))
        history += [event_row(listing_id, listing, event, now) for event in happened]
        outcomes.append((listing, "changed" if happened else "unchanged"))
    update_rows(connection, listings, updates, ("id",))
    update_rows(connection, listing_details, detail_updates, ("listing_id",))
    insert_rows(connection, events, history)
    return outcomes


def _updated(row: Mapping[str, Any], listing: Listing, merged: Merged, changed: bool, now: datetime) -> dict[str, Any]:
    seen = listing.observed_at or now
    return (
        merged.values
        | bookkeeping(listing)
        | {
            "id": row["id"],
            "serial_key": listing.serial_key if listing.serial_number else _kept_serial(row, merged),
            "last_seen": seen,
            "last_changed": seen if changed else row["last_changed"],
            "status": status_of(listing),
            "gone_at": None,
            "missing": merged.missing,
            "doubtful": merged.doubtful,
            "crawl_id": row["crawl_id"] if listing.crawl_id is None else listing.crawl_id,
        }
    )


def _kept_serial(row: Mapping[str, Any], merged: Merged) -> str | None:
    """The key of a serial number that is kept where it was not read again."""
    return None if merged.values["serial_number"] is None else row["serial_key"]


def _healthy(connection: Connection, missing: Iterable[Mapping[str, list[int]] | None]) -> set[int]:
    named = {crawl for entry in missing if entry for ids in entry.values() for crawl in ids}
    if not named:
        return set()
    query = select(crawls.c.id).where(crawls.c.id.in_(named), crawls.c.outcome == "healthy")
    return set(connection.execute(query).scalars())


def _rows_by(connection: Connection, column: Column[int], ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """Whole rows of a column's table, by the column."""
    query = select(column.table).where(within(connection, column, ids))
    return {row[column.name]: dict(row) for row in connection.execute(query).mappings()}

"""Listings whose id or address changed at the dealer: known again by serial or stock number, they keep their row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select, update

from inventory.listing import Listing
from inventory.store.dialect import within
from inventory.store.many_rows import are_among
from inventory.tables import listings

Key = tuple[int, str]
"""(dealer's id, identity_key)"""

UNSEEN_FOR: Final = timedelta(days=1)
"""A listing that no crawl read may be another's new number only if that was not seen for so long."""
MIN_STOCK_NUMBER: Final = 3
"""A shorter stock number, or one without a figure ("USED"), tells nothing."""
_SAID: Final = ("make", "model", "brand", "offer_type")
_ABOUT: Final = (*_SAID, "title", "serial_key", "sku", "gtin", "year", "net_weight_g", "crawl_id", "last_seen")


def renamed(
    connection: Connection,
    new: Mapping[Key, Listing],
    seen: Collection[Key],
    columns: Collection[ColumnElement[Any]],
    now: datetime,
) -> dict[Key, Mapping[str, Any]]:
    """Of listings that are stored under no such key, those stored under another of their dealer: key → row.

    The row has the given columns and bears the new key from now on. Those `seen` just now are none of them. Where
    several listings or several rows would do, none is taken: they are two advertisements.
    """
    found: dict[Key, dict[int, Mapping[str, Any]]] = defaultdict(dict)
    claims: dict[int, set[Key]] = defaultdict(set)
    by_number = _by_number(new)
    for row in _alike(connection, new, columns):
        if (row["dealer_id"], row["identity_key"]) in seen:
            continue
        for number in (("serial", row["serial_key"]), ("sku", row["sku"])):
            for key in by_number.get((row["dealer_id"], *number), ()):
                if same_listing(row, new[key], now):
                    found[key][row["id"]] = row
                    claims[row["id"]].add(key)
    known: dict[Key, Mapping[str, Any]] = {}
    for key, rows in found.items():
        [(listing_id, row), *more] = rows.items()
        if not more and claims[listing_id] == {key}:
            connection.execute(update(listings).where(listings.c.id == listing_id).values(identity_key=key[1]))
            known[key] = {**row, "identity_key": key[1]}
    return known


def _by_number(new: Mapping[Key, Listing]) -> Mapping[tuple[int, str, str | None], list[Key]]:
    found: dict[tuple[int, str, str | None], list[Key]] = defaultdict(list)
    for key, listing in new.items():
        found[key[0], "serial", listing.serial_key].append(key)
        found[key[0], "sku", listing.sku].append(key)
    return {number: keys for number, keys in found.items() if number[2] is not None}


def same_listing(row: Mapping[str, Any], listing: Listing, now: datetime) -> bool:
    """Whether a stored listing of the same dealer is this one under another id or address. Pure.

    Equal serials, or equal stock numbers and titles; nothing that makes it another thing, since a dealer that counts
    its stock anew gives old numbers to others; and the stored one was not seen by the crawl that read this one (by any,
    for a day, where no crawl did). An observation that brings its own time renames nothing: observations come in any
    order and in batches of any size, and must give the same listings.
    """
    if listing.crawl_id is None:
        if listing.observed_at is not None or now - row["last_seen"] < UNSEEN_FOR:
            return False
    elif row["crawl_id"] is not None and row["crawl_id"] >= listing.crawl_id:
        return False
    if _is_another_thing(row, listing):
        return False
    if listing.serial_key is not None and row["serial_key"] is not None:
        return bool(listing.serial_key == row["serial_key"])
    sku = listing.sku or ""
    telling = len(sku) >= MIN_STOCK_NUMBER and any(map(str.isdigit, sku))
    return telling and sku == row["sku"] and _folded(row["title"]) == _folded(listing.title)


def _is_another_thing(row: Mapping[str, Any], listing: Listing) -> bool:
    if any(_folded(row[name]) != _folded(getattr(listing, name)) for name in _SAID):
        return True
    known = ((row[name], getattr(listing, name)) for name in ("gtin", "net_weight_g"))
    if any(one is not None and other is not None and one != other for one, other in known):
        return True
    return row["year"] is not None and listing.year is not None and abs(row["year"] - listing.year) > 1


def _alike(
    connection: Connection, new: Mapping[Key, Listing], columns: Collection[ColumnElement[Any]]
) -> list[Mapping[str, Any]]:
    """Rows with the serial or stock number of one of the listings, at its dealer; locked until the end."""
    serials = {(key[0], one.serial_key) for key, one in new.items() if one.serial_key}
    stock_numbers = {(key[0], one.sku) for key, one in new.items() if one.sku}
    at = (listings.c.id, listings.c.dealer_id, listings.c.serial_key)
    # A serial number is asked for without its dealer: the index of serials has none, and SQLite would take another.
    by_serial = select(*at).where(are_among(connection, (listings.c.serial_key,), sorted({(n,) for _, n in serials})))
    ids = {row.id for row in connection.execute(by_serial) if (row.dealer_id, row.serial_key) in serials}
    by_sku = are_among(connection, (listings.c.dealer_id, listings.c.sku), sorted(stock_numbers))
    ids.update(connection.execute(select(listings.c.id).where(by_sku)).scalars())
    if not ids:
        return []
    wanted = {one.name: one for one in (*columns, *(listings.c[name] for name in ("id", "dealer_id", *_ABOUT)))}
    query = select(*wanted.values()).where(within(connection, listings.c.id, ids))
    locked = query.order_by(listings.c.dealer_id, listings.c.identity_key).with_for_update()
    return [dict(row) for row in connection.execute(locked).mappings()]


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())

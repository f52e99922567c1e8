"""How long listings and units are on the market, from their events. The rules are inventory/store/market_days.py's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Select, case, select

from api.direct import told_about
from api.queries.numbers import among
from inventory.store.market_days import Offered, listing_days, times_offered, unit_days
from inventory.store.replay import PastEvent
from inventory.tables import events, listings

KINDS: Final = ("listed", "relisted", "delisted", "sold_marked")
"""The events in which a time on offer begins or ends."""


def of_listings(listing_ids: Any) -> Select[Any]:
    """Those events of the listings."""
    return _beginnings_and_ends(listings.c.id, listing_ids)


def of_units(unit_ids: Any) -> Select[Any]:
    """Those events of the units' listings."""
    return _beginnings_and_ends(listings.c.unit_id, unit_ids)


def _beginnings_and_ends(column: Any, ids: Any) -> Select[Any]:
    """Of the listings whose `column` is among the ids, with each listing's unit."""
    # A first event holds all that was known then; of it only the status of the price tells something here.
    price_status = case((events.c.kind == "listed", events.c.changes["price_status"]))
    return (
        select(
            listings.c.unit_id,
            listings.c.first_seen,
            events.c.id,
            events.c.listing_id,
            events.c.at,
            events.c.kind,
            price_status.label("price_status"),
        )
        .join_from(events, listings, listings.c.id == events.c.listing_id)
        .where(among(column, ids), events.c.kind.in_(KINDS))
    )


Offers: TypeAlias = Mapping[int, tuple[int | None, list[Offered]]]
"""Listing → its unit and the times in which it was on offer."""


def offers(connection: Connection, about: Callable[[Any], Select[Any]], ids: list[int]) -> Offers:
    """Of the listings of these ids (`about` is `of_listings`), or of all of these units (`of_units`)."""
    history: dict[int, list[PastEvent]] = defaultdict(list)
    known: dict[int, tuple[int | None, datetime]] = {}
    for unit_id, first_seen, id_, listing_id, at, kind, price_status in told_about(connection, about, ids):
        history[listing_id].append(PastEvent(id_, listing_id, at, kind, {"price_status": price_status}))
        known[listing_id] = unit_id, first_seen
    return {number: (known[number][0], times_offered(told, known[number][1])) for number, told in history.items()}


def days_of_listings(offered: Offers, now: datetime) -> dict[int, int | None]:
    """Listing → whole days of its last time on offer. Without events nothing is known of it."""
    return {listing_id: listing_days(times, now) for listing_id, (_, times) in offered.items()}


def days_of_units(offered: Offers, now: datetime) -> Mapping[int, int | None]:
    """Unit → whole days of its last stay on the market, which a gap of up to 180 days does not end."""
    times: dict[int, list[list[Offered]]] = defaultdict(list)
    for unit_id, of_listing in offered.values():
        if unit_id is not None:
            times[unit_id].append(of_listing)
    return {unit_id: unit_days(found, now) for unit_id, found in times.items()}

"""What is read beside the rows of a page of units or pairs: a few statements for a page, however many rows it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from api.direct import told_about
from api.queries.on_market import Offers, days_of_units, of_units, offers
from api.queries.units import IN_SHORT, current_prices, dealers_of, listings_in_short
from api.rows import as_dicts

_SHORT: Final = {dialect: partial(listings_in_short, dialect=dialect) for dialect in ("postgresql", "sqlite")}
"""One object for each, by which its compiled statement is kept."""


def add_to_units(connection: Connection, rows: Sequence[dict[str, Any]], offered: Offers | None = None) -> None:
    """Dealers, days on market and current prices of each unit. Each row has its `id`; `offered` is read where it is
    not given."""
    ids = [row["id"] for row in rows]
    dealers: dict[int, list[str]] = defaultdict(list)
    for unit_id, name in told_about(connection, dealers_of, ids):
        dealers[unit_id].append(name)
    prices = prices_of(connection, ids)
    days = days_of_units(offers(connection, of_units, ids) if offered is None else offered, datetime.now(UTC))
    for row, id_ in zip(rows, ids, strict=True):
        row["dealers"] = dealers[id_]
        row["days_on_market"] = days.get(id_)
        row["prices"] = prices.get(id_, [])


def prices_of(connection: Connection, unit_ids: list[int]) -> Mapping[int, list[dict[str, Any]]]:
    """Unit → its lowest and highest current price, for each currency and kind of offer."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    names = ("currency", "offer_type", "price_period", "lowest", "highest", "listings")
    for unit_id, *values in told_about(connection, current_prices, unit_ids):
        found[unit_id].append(dict(zip(names, values, strict=True)))
    return found


def add_to_pairs(connection: Connection, rows: Sequence[dict[str, Any]], dialect: str) -> None:
    """The two listings of each pair in short, the one with the lower id first. Each row has `low_id` and `high_id`."""
    ids = sorted({row[end] for row in rows for end in ("low_id", "high_id")})
    if not ids:
        return
    found = {row["id"]: row for row in as_dicts(told_about(connection, _SHORT[dialect], ids), IN_SHORT, dialect)}
    for row in rows:
        # On PostgreSQL each statement sees its own state: a listing may be gone between the two.
        row["listings"] = [found[row[end]] for end in ("low_id", "high_id") if row[end] in found]

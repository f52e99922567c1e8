"""What is served here, in numbers that cost nothing to find."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select, text

from inventory.tables import crawls, dealers, events, listings, units

TABLES: Final[dict[str, Table]] = {
    "listings": listings,
    "units": units,
    "dealers": dealers,
    "crawls": crawls,
    "events": events,
}
COUNTED: Final = 100_000
"""PostgreSQL counts tables up to this size; of larger ones it knows about how many rows they have."""


def row_counts(connection: Connection, dialect: str) -> dict[str, dict[str, Any]]:
    """Table → its rows, and whether they were counted."""
    guesses: dict[str, int] = {}
    if dialect == "postgresql":
        known = text("SELECT relname, reltuples::bigint FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        guesses = {name: rows for name, rows in connection.execute(known) if name in TABLES and rows > COUNTED}
    found: dict[str, dict[str, Any]] = {}
    for name, table in TABLES.items():
        exact = name not in guesses
        rows = connection.execute(select(func.count()).select_from(table)).scalar_one() if exact else guesses[name]
        found[name] = {"rows": int(rows), "exact": exact}
    return found


def last_event(connection: Connection) -> datetime | None:
    """When something last happened to a listing."""
    return connection.execute(select(func.max(events.c.at, type_=events.c.at.type))).scalar_one_or_none()

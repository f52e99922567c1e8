"""Dealers whose listings are handed in, not crawled: what is known of them, and rows for those nobody knew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import Engine, select

from inventory.listing import Vertical
from inventory.store.many_rows import insert_rows
from inventory.tables import dealers

INGESTED: Final = "ingest"
"""`dealers.source` of a dealer that no file describes."""


@dataclass(frozen=True, slots=True)
class KnownDealer:
    """What a dealer's row says that its listings may leave out."""

    vertical: Vertical
    currency: str | None = None
    country: str | None = None


def known_dealers(engine: Engine) -> dict[str, KnownDealer]:
    """Every dealer that has a row, by name."""
    query = select(dealers.c.name, dealers.c.vertical, dealers.c.currency, dealers.c.country)
    with engine.connect() as connection:
        return {row.name: KnownDealer(row.vertical, row.currency, row.country) for row in connection.execute(query)}


def enter_dealers(engine: Engine, verticals: Mapping[str, Vertical]) -> dict[str, Vertical]:
    """Rows for the dealers that have none, marked as ingested; the vertical that each has now.

    A row that is there stays as it is, with whatever a dealer's file said.
    """
    rows = [{"name": name, "vertical": vertical, "source": INGESTED} for name, vertical in sorted(verticals.items())]
    query = select(dealers.c.name, dealers.c.vertical).where(dealers.c.name.in_(verticals))
    with engine.begin() as connection:
        insert_rows(connection, dealers, rows, unless=("name",))
        return {row.name: cast(Vertical, row.vertical) for row in connection.execute(query)}

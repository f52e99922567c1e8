"""Rows for the tests of the API."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select

from inventory.engine import writer_engine
from inventory.settings import Settings
from inventory.tables import crawls, dealers, events, listing_details, listing_pairs, listings, unit_links, units

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Stock:
    """Puts rows into a database. What a test does not say is filled in so that the row is valid."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.count = 0

    def dealer(self, name: str = "northside", **given: Any) -> int:
        return self._insert(dealers, {"name": name, "vertical": "equipment", **given})

    def crawl(self, dealer_id: int, **given: Any) -> int:
        usual = {"started_at": T0, "ended_at": T0 + timedelta(minutes=3), "outcome": "healthy"}
        return self._insert(crawls, {"dealer_id": dealer_id, "limited": False, "narrowed": False, **usual, **given})

    def listing(self, dealer_id: int, **given: Any) -> int:
        return self.many(dealer_id, [given])[0]

    def many(self, dealer_id: int, rows: list[dict[str, Any]]) -> list[int]:
        columns = {name for row in rows for name in row}
        full = [self._filled(dealer_id, {name: row.get(name) for name in columns}) for row in rows]
        with self.engine.begin() as connection:
            return list(connection.execute(insert(listings).returning(listings.c.id), full).scalars())

    def details(self, listing_id: int, **given: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(listing_details).values(listing_id=listing_id, **given))

    def event(self, listing_id: int, kind: str, **given: Any) -> int:
        return self._insert(events, {"listing_id": listing_id, "kind": kind, "at": T0, **given})

    def units_at_random(self, rng: random.Random, ids: list[int], largest: int, left: int) -> None:
        """Puts listings together at random, one to `largest` a unit, until at most `left` are in none."""
        rng.shuffle(ids)
        while len(ids) > left:
            size = rng.randint(1, largest)
            self.unit(*ids[:size])
            del ids[:size]

    def unit(self, *listing_ids: int) -> int:
        with self.engine.connect() as connection:
            found = connection.execute(select(listings).where(listings.c.id.in_(listing_ids))).mappings().all()
        summary = {
            "listing_id": min(listing_ids),
            "listings_count": len(found),
            "dealers_count": len({row["dealer_id"] for row in found}),
            "first_seen": min(row["first_seen"] for row in found),
            "last_seen": max(row["last_seen"] for row in found),
            "status": min((row["status"] for row in found), key=("active", "sold", "gone").index),
        }
        unit_id = self._insert(units, {"vertical": found[0]["vertical"], "created_at": T0, **summary})
        with self.engine.begin() as connection:
            for listing_id in listing_ids:
                link = {"method": "serial", "score": 1.0, "evidence": {"serial_key": "A1"}, "linked_at": T0}
                connection.execute(insert(unit_links).values(listing_id=listing_id, unit_id=unit_id, **link))
            connection.execute(listings.update().where(listings.c.id.in_(listing_ids)).values(unit_id=unit_id))
        return unit_id

    def pair(self, low_id: int, high_id: int, **given: Any) -> None:
        usual = {"verdict": "maybe", "method": "place", "score": 0.8, "evidence": {"hours": [5, 6]}, "judged_at": T0}
        with self.engine.begin() as connection:
            connection.execute(insert(listing_pairs).values(low_id=low_id, high_id=high_id, **usual | given))

    def _filled(self, dealer_id: int, given: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        key = f"{self.count:05}"
        usual = {
            "vertical": "equipment",
            "status": "active",
            "offer_type": "sale",
            "price_tax": "unknown",
            "identity_key": f"id:{key}",
            "external_id": key,
            "url": f"https://dealer.example/{key}",
            "first_seen": T0,
            "last_seen": T0,
            "last_changed": T0,
            "content_hash": key,
        }
        return {"dealer_id": dealer_id, **usual, **given}

    def _insert(self, table: Any, row: dict[str, Any]) -> int:
        with self.engine.begin() as connection:
            return int(connection.execute(insert(table).returning(table.c.id), [row]).scalar_one())


@contextmanager
def stock_of(settings: Settings) -> Iterator[Stock]:
    """Rows go into the database of these settings."""
    engine = writer_engine(settings)
    try:
        yield Stock(engine)
    finally:
        engine.dispose()

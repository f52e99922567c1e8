"""A database with one way to speak to it in tests: listings in, rows and events out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, func, insert, select, update

from inventory.listing import Listing
from inventory.store.batch import Stored, store
from inventory.tables import crawls, dealers, events, listing_details, listings, unit_links
from pipelines.corrections.applying import corrected
from pipelines.identity.keys import identify
from pipelines.identity.matching import IdentityRules

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def machine(external_id: str = "m1", **said: Any) -> Listing:
    """A digger of the dealer `acme`, identified; what is said replaces its facts."""
    facts: dict[str, Any] = {
        "dealer": "acme",
        "vertical": "equipment",
        "url": f"https://acme.example/{external_id}",
        "title": "2015 Caterpillar 320",
        "make": "Caterpillar",
        "model": "320",
        "year": 2015,
        "price": Decimal("45000.00"),
        "currency": "USD",
        "price_status": "priced",
        "price_period": "once",
        "raw": {"price": "$45,000"},
        "provenance": {"price": "json-ld offers.price"},
    }
    listing = Listing(external_id=external_id, **(facts | said))
    with suppress(TypeError):  # a value that cannot be hashed is meant for the database to refuse
        identify(listing)
    return listing


class Yard:
    """Stores by a clock of its own: an hour passes with each `crawl`."""

    def __init__(self, engine: Engine, names: Sequence[str] = ("acme", "bolt")) -> None:
        self.engine = engine
        self.now = START
        with engine.begin() as connection:
            connection.execute(insert(dealers), [{"name": name, "vertical": "equipment"} for name in names])

    def crawl(self, *found: Listing, outcome: str = "healthy", dealer: str = "acme") -> Stored:
        """One crawl of a dealer, begun, stored and ended."""
        self.now += timedelta(hours=1)
        with self.engine.begin() as connection:
            dealer_id = connection.execute(select(dealers.c.id).where(dealers.c.name == dealer)).scalar_one()
            row = {"dealer_id": dealer_id, "started_at": self.now, "limited": False, "narrowed": False}
            crawl_id = connection.execute(insert(crawls).values(row).returning(crawls.c.id)).scalar_one()
        for listing in found:
            listing.crawl_id = crawl_id
        stored = store(self.engine, found, IdentityRules(), lambda: self.now, corrected)
        with self.engine.begin() as connection:
            ended = update(crawls).where(crawls.c.id == crawl_id).values(outcome=outcome, ended_at=self.now)
            connection.execute(ended)
        return stored

    def row(self, external_id: str = "m1") -> dict[str, Any]:
        """The stored row of a listing."""
        return self._one(select(listings).where(listings.c.external_id == external_id))

    def details(self, external_id: str = "m1") -> dict[str, Any]:
        """The wide fields of a listing."""
        return self._one(
            select(listing_details)
            .join(listings, listings.c.id == listing_details.c.listing_id)
            .where(listings.c.external_id == external_id)
        )

    def link(self, external_id: str) -> dict[str, Any]:
        """Which unit a listing is linked to, and why."""
        return self._one(
            select(unit_links)
            .join(listings, listings.c.id == unit_links.c.listing_id)
            .where(listings.c.external_id == external_id)
        )

    def events(self, external_id: str = "m1") -> list[tuple[str, dict[str, Any]]]:
        """The events of a listing, oldest first: kind and changes."""
        query = (
            select(events.c.kind, events.c.changes)
            .join(listings, listings.c.id == events.c.listing_id)
            .where(listings.c.external_id == external_id)
            .order_by(events.c.id)
        )
        with self.engine.connect() as connection:
            return [(kind, changes) for kind, changes in connection.execute(query)]

    def count(self, table: Any) -> int:
        """Rows of a table."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def _one(self, query: Any) -> dict[str, Any]:
        with self.engine.connect() as connection:
            return dict(connection.execute(query).mappings().one())


def words(stored: Stored) -> dict[str, str]:
    """External id → what became of it."""
    return {str(listing.external_id): outcome for listing, outcome in stored.outcomes}

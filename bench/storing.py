"""Storing batches of 500 into SQLite and PostgreSQL: new, unchanged, and with one price in twenty changed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.measured import Measured
from inventory.engine import writer_engine
from inventory.ledger import Begun, DealerFacts, begin
from inventory.listing import Listing
from inventory.schema import migrate
from inventory.settings import load_settings
from inventory.store.batch import store
from pipelines.identity.keys import identify
from pipelines.identity.matching import IdentityRules
from tests.servers.postgres import running_postgres

ROWS = 20_000
BATCH = 500


def measure() -> Iterator[Measured]:
    """Rows a second of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _of_database("sqlite", f"sqlite:///{Path(folder) / 'bench.sqlite'}")
    with running_postgres() as url:
        yield from _of_database("postgresql", url)


def _of_database(name: str, url: str) -> Iterator[Measured]:
    engine = writer_engine(load_settings(database_url=url))
    try:
        migrate(engine)
        facts = DealerFacts(name="bench", vertical="equipment")
        begun = begin(engine, facts, "bench", timedelta(hours=1), _now(), narrowed=False, limited=False)
        assert isinstance(begun, Begun)
        stock = [_machine(number, begun.crawl_id) for number in range(ROWS)]
        changed = [_dearer(listing) if number % 20 == 0 else listing for number, listing in enumerate(stock)]
        for what, rows in (("new", stock), ("unchanged", stock), ("5 % changed", changed)):
            started = time.perf_counter()
            for start in range(0, ROWS, BATCH):
                store(engine, rows[start : start + BATCH], IdentityRules(), _now)
            yield Measured("storing", f"{name}: {what}", ROWS / (time.perf_counter() - started), "listings/s")
    finally:
        engine.dispose()


def _machine(number: int, crawl_id: int) -> Listing:
    listing = Listing(
        dealer="bench",
        vertical="equipment",
        external_id=str(number),
        url=f"https://dealer.example/{number}",
        title=f"20{number % 25:02} Caterpillar 320",
        make="Caterpillar",
        model="320",
        category="excavators",
        year=2000 + number % 25,
        hours=number % 12_000,
        price=Decimal(20_000 + number),
        currency="USD",
        price_status="priced",
        serial_number=f"CAT{number:08}",
        description="Runs well. " * 40,
        raw={"price": f"${20_000 + number}"},
        crawl_id=crawl_id,
    )
    identify(listing)
    return listing


def _dearer(listing: Listing) -> Listing:
    assert listing.price is not None
    other = replace(listing, price=listing.price + 500)
    identify(other)
    return other


def _now() -> datetime:
    return datetime.now(UTC)

"""What the database does alone, as a measure of ours: COPY out beside the export, COPY in beside `store`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from http.client import HTTPConnection
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from api.parameters import parse_query
from api.queries.lists import export_statement
from api.resources import LISTINGS
from bench.api.filling import made_listings, store_all
from bench.api.load import HOST
from bench.processes import used_by
from inventory.engine import writer_engine
from inventory.ingested import enter_dealers
from inventory.listing import Listing
from inventory.settings import load_settings
from inventory.tables import listings
from pipelines.identity.keys import identify

READ: Final = 1 << 20
FIRST_OF_NEW: Final = 5_000_000
TABLES: Final = ("units", "listings", "listing_details", "events", "unit_links", "listing_keys", "listing_pairs")
WORDS: Final = "listing_search"
"""Written by a trigger of `listings`, with COPY as with every other statement."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Seconds and bytes of an export; the greatest memory that the server held and that before it."""

    seconds: float
    size: int
    memory_mb: float
    before_mb: float


def exported(port: int, pid: int, path: str) -> Exported:
    """Reads a whole export as fast as it comes."""
    before = used_by(pid).memory_mb
    with _watched(pid) as most:
        started, size = time.perf_counter(), 0
        connection = HTTPConnection(HOST, port, timeout=600)
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        while block := answer.read(READ):
            size += len(block)
        connection.close()
        seconds = time.perf_counter() - started
    return Exported(seconds, size, max(most), before)


def copied_out(url: str) -> Exported:
    """The same rows and columns in the same order by COPY … TO STDOUT CSV, read by one client."""
    query = parse_query(LISTINGS, [], max_page_size=1000, export=True)
    compiled = export_statement(query, "postgresql").compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    started, size = time.perf_counter(), 0
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        text = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(sql.SQL(str(compiled)))
        with cursor.copy(text) as copy:
            for block in copy:
                size += len(block)
    return Exported(time.perf_counter() - started, size, 0, 0)


@dataclass(frozen=True, slots=True)
class Upserts:
    """Listings a second. `copy` is the same rows into the same indexed tables by COPY: all of them, and `listings`
    alone."""

    new: float
    unchanged: float
    changed: float
    copy_all: float
    copy_listings: float


def upserted(url: str, count: int) -> Upserts:
    """Stores `count` made listings that are not there yet, again, and with one price in twenty changed; then takes the
    rows that came of them out and puts them in again by COPY."""
    engine = writer_engine(load_settings(database_url=url))
    stock = made_listings(count, seed=77, first=FIRST_OF_NEW)
    changed = [_dearer(one) if place % 20 == 0 else one for place, one in enumerate(stock)]
    enter_dealers(engine, {listing.dealer: listing.vertical for listing in stock})
    with engine.connect() as connection:
        last = connection.execute(select(listings.c.id).order_by(listings.c.id.desc()).limit(1)).scalar_one()
    speeds = []
    try:
        for rows in (stock, stock, changed):
            started = time.perf_counter()
            store_all(engine, rows)
            speeds.append(len(rows) / (time.perf_counter() - started))
    finally:
        engine.dispose()
    copy_all, copy_listings = _copied_in(url, last, len(stock))
    new, unchanged, five_percent = speeds
    return Upserts(new, unchanged, five_percent, copy_all, copy_listings)


def _dearer(listing: Listing) -> Listing:
    if listing.price is None:
        return listing
    other = replace(listing, price=listing.price + Decimal(500))
    identify(other)
    return other


def _copied_in(url: str, last: int, count: int) -> tuple[float, float]:
    """Listings a second by COPY of the rows that came behind `last`: into every table, and into `listings` alone."""
    took: dict[str, float] = {}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # rows of others may hang on them meanwhile
        held = {name: _rows_behind(connection, name, last) for name in TABLES}
        for name in (WORDS, *reversed(TABLES)):
            connection.execute(sql.SQL("DELETE FROM {} WHERE {}").format(sql.Identifier(name), _behind(name, last)))
        connection.execute("SET session_replication_role = DEFAULT")
        for name in TABLES:
            started = time.perf_counter()
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _columns(connection, name))
            with connection.cursor().copy(into) as copy:
                copy.write(held[name])
            took[name] = time.perf_counter() - started
    return count / sum(took.values()), count / took["listings"]


def _rows_behind(connection: psycopg.Connection[Any], table: str, last: int) -> bytes:
    """The rows as COPY writes them, without columns that the database makes itself."""
    columns, behind = _columns(connection, table), _behind(table, last)
    text = sql.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT").format(columns, sql.Identifier(table), behind)
    with connection.cursor().copy(text) as copy:
        return b"".join(bytes(block) for block in copy)


def _columns(connection: psycopg.Connection[Any], table: str) -> sql.Composed:
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
    return sql.SQL(", ").join(sql.Identifier(row[0]) for row in connection.execute(query, (table,)))


def _behind(table: str, last: int) -> sql.Composed:
    """The rows of listings behind `last`; a unit goes with the listing that stands for it."""
    column = {"listings": "id", "listing_pairs": "high_id"}.get(table, "listing_id")
    return sql.SQL("{} > {}").format(sql.Identifier(column), sql.Literal(last))


@contextmanager
def _watched(pid: int) -> Iterator[list[float]]:
    """The memory of a process, looked at ten times a second."""
    looks, ended = [used_by(pid).memory_mb], threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            looks.append(used_by(pid).memory_mb)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield looks
    finally:
        ended.set()
        watcher.join()

"""A million listings in PostgreSQL in a few minutes: a few thousand by the real pipeline, the others as their copies.

Each copy is a dealer's stock once more, as another year, hours, price and number of the same model: listings of one
unit stay one unit, every table holds what the store would have written. Where a column comes from that is not named
here (what search and places need), it is the same as in the original.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import Engine, insert, select, update

from bench.ingest_lines import lines
from inventory.engine import writer_engine
from inventory.ingested import enter_dealers
from inventory.listing import Listing
from inventory.schema import migrate
from inventory.settings import load_settings
from inventory.store.batch import store
from inventory.tables import crawls, dealers, listings
from pipelines.identity.matching import IdentityRules
from pipelines.ingest import Addressing, read_lines

BASE_ROWS: Final = 4_000
BATCH: Final = 1_000
CRAWLS: Final = 8
"""Weekly crawls that each dealer had."""
RARE_WORD: Final = "quickhitchadapter"
RARE_EVERY: Final = 25_000
"""In the title of about one listing of so many."""
SESSIONS: Final = 2
BUILD: Final = ("maintenance_work_mem=512MB", "work_mem=64MB", "synchronous_commit=off")

# Dice that always fall the same: of a unit (its listings agree), of a listing.
_UNIT: Final = "abs(hashint8extended(coalesce(b.unit_id, b.id) * 7919 + k, 1))"
_LISTING: Final = "abs(hashint8extended(b.id * 7919 + k, 2))"
_SHIFT: Final = f"({_UNIT} % 5 - 2)::int"
_STATUS: Final = f"CASE WHEN {_UNIT} % 100 < 12 THEN 'gone' WHEN {_UNIT} % 100 < 15 THEN 'sold' ELSE 'active' END"
_HOURS: Final = f"greatest(b.hours + ({_UNIT} % 4001 - 2000)::int, ({_UNIT} % 90)::int)"
_SINCE: Final = f"b.first_seen - make_interval(mins => (129600 + {_UNIT} % 576000)::int)"
_IDLE: Final = f"CASE {_STATUS} WHEN 'active' THEN {_UNIT} % 2880 ELSE {_UNIT} % 86400 END"
_UNTIL: Final = f"b.last_seen - make_interval(mins => ({_IDLE})::int)"
_OF_UNIT: Final = ("coalesce(b.unit_id, b.id)", "b.id")
_RENAMED: Final = f"""CASE WHEN b.title LIKE 'Used%' THEN
    regexp_replace(b.title, ' - [0-9,]+ hrs', to_char({_HOURS}, '" - "FM999,999" hrs"')) ELSE b.title END"""
_RARE: Final = f"CASE WHEN (b.id * 7919 + k) % {RARE_EVERY} = 0 THEN ' {RARE_WORD}' ELSE '' END"

COPIES: Final[Mapping[str, Mapping[str, str]]] = {
    "units": {
        "id": "b.id + k * :units",
        "listing_id": "b.listing_id + k * :listings",
        "status": _STATUS.replace(*_OF_UNIT),
        "first_seen": _SINCE.replace(*_OF_UNIT),
        "last_seen": _UNTIL.replace(*_OF_UNIT),
    },
    "listings": {
        "id": "b.id + k * :listings",
        "unit_id": "b.unit_id + k * :units",
        "identity_key": "b.identity_key || '-' || k",
        "external_id": "b.external_id || '-' || k",
        "url": "b.url || '-' || k",
        "title": f"replace({_RENAMED}, b.year::text, (b.year + {_SHIFT})::text) || {_RARE}",
        "year": f"b.year + {_SHIFT}",
        "hours": _HOURS,
        "price": f"round(b.price * (0.75 + ({_LISTING} % 500) / 1000.0), -2)",
        "serial_number": "b.serial_number || k",
        "serial_key": "b.serial_key || k",
        "content_hash": "md5(b.content_hash || k)",
        "status": _STATUS,
        "first_seen": _SINCE,
        "last_changed": f"{_SINCE} + make_interval(days => ({_LISTING} % 30)::int)",
        "last_seen": _UNTIL,
        "gone_at": f"CASE {_STATUS} WHEN 'gone' THEN {_UNTIL} + interval '7 days' END",
    },
    "listing_details": {
        "listing_id": "b.listing_id + k * :listings",
    },
    "unit_links": {
        "listing_id": "b.listing_id + k * :listings",
        "unit_id": "b.unit_id + k * :units",
        "evidence": "CASE WHEN b.evidence ? 'with_listing' THEN b.evidence || jsonb_build_object('with_listing',"
        " (b.evidence ->> 'with_listing')::bigint + k * :listings) ELSE b.evidence END",
    },
    "listing_keys": {"listing_id": "b.listing_id + k * :listings", "key": "b.key # (k::bigint * 2654435761)"},
    "listing_pairs": {"low_id": "b.low_id + k * :listings", "high_id": "b.high_id + k * :listings"},
}
"""Table → column → how a copy's value is made of the original's row `b` and the copy's number `k`."""

EVENTS: Final = """
INSERT INTO events (listing_id, crawl_id, at, kind, changes)
SELECT b.id, b.crawl_id, b.first_seen, 'listed', o.changes || jsonb_build_object('title', jsonb_build_array(NULL,
  b.title), 'year', jsonb_build_array(NULL, b.year), 'hours', jsonb_build_array(NULL, b.hours),
  'price', jsonb_build_array(NULL, round(b.price * 1.05, -2)))
FROM listings b JOIN events o ON o.listing_id = (b.id - 1) % :listings + 1 AND o.id <= :events
WHERE b.id BETWEEN :first AND :last
UNION ALL
SELECT b.id, b.crawl_id, b.last_changed, 'price_down',
  jsonb_build_object('price', jsonb_build_array(round(b.price * 1.05, -2), b.price))
FROM listings b WHERE b.id BETWEEN :first AND :last AND b.price IS NOT NULL AND b.last_changed > b.first_seen
UNION ALL
SELECT b.id, b.crawl_id, coalesce(b.gone_at, b.last_seen), CASE b.status WHEN 'gone' THEN 'delisted' ELSE 'sold_marked'
  END, jsonb_build_object('status', jsonb_build_array('active', b.status))
FROM listings b WHERE b.id BETWEEN :first AND :last AND b.status <> 'active'
"""


@dataclass(slots=True)
class Filled:
    """What was built."""

    listings: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measures a step."""
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 1)


def fill(url: str, rows: int) -> Filled:
    """Fills the empty database of a superuser's `url` with about so many listings."""
    filled = Filled()
    engine = writer_engine(load_settings(database_url=url))
    try:
        migrate(engine)
        with filled.step("the originals, by the pipeline"):
            _originals(engine, min(rows, BASE_ROWS))
    finally:
        engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        held = _held(connection)
        copies = max(round(rows / held["listings"]) - 1, 0)
        with filled.step("indexes taken away"):
            again = _without_indexes(connection)
        with filled.step("the copies"):
            _copy(url, copies, held)
        with filled.step("events"):
            _events(url, copies, held)
        with filled.step("words to search"):
            _search(connection, url, copies, held)
        with filled.step("indexes made"):
            _in_sessions(url, again)
        _sequences(connection)
        with filled.step("vacuum and analyze"):
            connection.execute("VACUUM (ANALYZE)")
        filled.listings = int(_one(connection, "SELECT count(*) FROM listings"))
    return filled


def made_listings(count: int, *, seed: int, first: int = 0) -> list[Listing]:
    """Made listings as the pipeline reads them. Their ids at their dealers begin with `first`."""
    addressing = Addressing({}, None, None)
    today = datetime.now(UTC).date()
    records = []
    for record in lines(count, seed=seed, again=0.2):
        del record["unit"]
        number = int(record["external_id"]) + first
        records.append(record | {"external_id": str(number), "url": f"https://{record['dealer']}.example/m/{number}"})
    read = read_lines([addressing.addressed(number, record) for number, record in enumerate(records)], today)
    return [entry[1] for entry in read if isinstance(entry, tuple)]


def store_all(engine: Engine, stock: Sequence[Listing], batch: int = BATCH) -> None:
    """Stores listings in batches."""
    for start in range(0, len(stock), batch):
        store(engine, stock[start : start + batch], IdentityRules(), lambda: datetime.now(UTC))


def _originals(engine: Engine, count: int) -> None:
    stock = made_listings(count, seed=1)
    enter_dealers(engine, {listing.dealer: listing.vertical for listing in stock})
    store_all(engine, stock)
    with engine.begin() as connection:
        now = datetime.now(UTC)
        rows = []
        for dealer_id in connection.execute(select(dealers.c.id).order_by(dealers.c.id)).scalars():
            rows += [_crawl(dealer_id, number, now) for number in range(CRAWLS)]
        connection.execute(insert(crawls), rows)
        last = select(crawls.c.id).where(crawls.c.dealer_id == listings.c.dealer_id, crawls.c.outcome == "healthy")
        newest = last.order_by(crawls.c.id.desc()).limit(1).scalar_subquery()
        connection.execute(update(listings).values(crawl_id=newest))


def _crawl(dealer_id: int, number: int, now: datetime) -> dict[str, Any]:
    started = now - timedelta(days=7 * (CRAWLS - 1 - number), minutes=dealer_id)
    failed = (dealer_id + number) % 20 == 0
    return {
        "dealer_id": dealer_id,
        "started_at": started,
        "ended_at": started + timedelta(minutes=20),
        "outcome": "failed" if failed else "healthy",
        "reason": "answered 503 throughout" if failed else "as usual",
        "failure_class": "http_5xx" if failed else None,
        "limited": False,
        "narrowed": False,
        "comparable": not failed,
        "pages": 500,
        "listings_seen": 5_000,
        "fill": {"price": 0.93, "hours": 0.9},
        "sections": {"all": {"pages": 500, "listings": 5_000, "complete": not failed}},
    }


def _held(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The greatest ids of the originals: a copy's are those further."""
    return {name: int(_one(connection, f"SELECT max(id) FROM {name}")) for name in ("listings", "units", "events")}


def _copy(url: str, copies: int, held: Mapping[str, int]) -> None:
    """Two sessions; the wide table has one of them almost for itself."""
    if not copies:
        return
    with psycopg.connect(url) as connection:
        statements = [_insert(connection, table, copies, held) for table in COPIES]
    _in_sessions(url, statements)


def _insert(connection: psycopg.Connection[Any], table: str, copies: int, held: Mapping[str, int]) -> str:
    """Every column of the table: as `COPIES` says, else as it is; none that the database makes itself."""
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
    names = [str(row[0]) for row in connection.execute(query, (table,))]
    said = COPIES[table]
    if unknown := said.keys() - set(names):
        raise LookupError(f"{table} has no column {', '.join(unknown)}")
    values = ", ".join(said.get(name, f'b."{name}"') for name in names)
    own = {"unit_links": "listing_id", "listing_keys": "listing_id", "listing_details": "listing_id"}
    key = own.get(table, "low_id" if table == "listing_pairs" else "id")
    most = held["units" if table == "units" else "listings"]
    columns = ", ".join(f'"{name}"' for name in names)
    text = f"INSERT INTO {table} ({columns}) SELECT {values} FROM generate_series(1, {copies}) AS k, {table} AS b"
    return _numbers(f"{text} WHERE b.{key} <= {most}", held)


def _events(url: str, copies: int, held: Mapping[str, int]) -> None:
    parts = _halves(copies, held)
    _in_sessions(url, [_numbers(EVENTS, {**held, "first": low, "last": high}) for low, high in parts])


def _search(connection: psycopg.Connection[Any], url: str, copies: int, held: Mapping[str, int]) -> None:
    """What the triggers of `listings` would have written, by the function that they call."""
    names = ", ".join(_one(connection, "SELECT proargnames FROM pg_proc WHERE proname = 'yardstick_words'"))
    text = f"INSERT INTO listing_search (listing_id, words) SELECT id, yardstick_words({names}) FROM listings"
    _in_sessions(url, [f"{text} WHERE id BETWEEN {low} AND {high}" for low, high in _halves(copies, held)])


def _halves(copies: int, held: Mapping[str, int]) -> list[tuple[int, int]]:
    """The ids of the copies in two parts."""
    first, last = held["listings"] + 1, held["listings"] * (copies + 1)
    middle = (first + last) // 2
    return [(first, middle), (middle + 1, last)] if copies else []


def _numbers(text: str, held: Mapping[str, int]) -> str:
    for name, number in held.items():
        text = text.replace(f":{name}", str(number))
    return text


def _without_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    """Takes away what is slow to keep while rows come in disorder; the statements that make it again, largest first."""
    tables = [*COPIES, "events", "listing_search"]
    again: list[tuple[int, str]] = []
    uniques = connection.execute(
        "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE "
        "c.conrelid::regclass::text = ANY(%s) AND (c.contype = 'u' OR c.contype = 'p' AND NOT EXISTS (SELECT FROM "
        "pg_constraint f WHERE f.confrelid = c.conrelid AND f.contype = 'f'))",
        (tables,),
    ).fetchall()
    for table, name, definition in uniques:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(_name(table), _name(name)))
        again.append((tables.index(table), f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'))
    kept = connection.execute(
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND schemaname = 'public' "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        (tables,),
    ).fetchall()
    for table, name, definition in kept:
        connection.execute(sql.SQL("DROP INDEX {}").format(_name(name)))
        again.append((tables.index(table), definition))
    return [statement for _, statement in sorted(again, key=lambda entry: entry[0])]


def _sequences(connection: psycopg.Connection[Any]) -> None:
    for table in ("units", "listings", "events"):
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        connection.execute(f"SELECT setval({sequence}, (SELECT max(id) FROM {table}))".encode())


def _in_sessions(url: str, statements: Sequence[str]) -> None:
    """Runs the statements, so many at a time. Foreign keys are not checked: the copies' hold as the originals' do."""

    def run(statement: str) -> None:
        options = " ".join(f"-c {setting}" for setting in (*BUILD, "session_replication_role=replica"))
        with psycopg.connect(url, options=options) as connection:
            connection.execute(statement.encode())

    with ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(run, statements))


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name.strip('"'))

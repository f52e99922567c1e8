"""Datasette over the same rows in SQLite, at its fastest settings: immutable, nothing counted or faceted beside rows.

It is installed into a folder of its own (.cache, not in git) so that nothing of it is among our requirements. What of
a listing it shows is what our pages show; it searches the same texts by FTS5.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from api.resources import LISTINGS
from bench.api.load import ROOT
from bench.api.serving import Served, served

VERSION: Final = "0.65.5"
FOLDER: Final = ROOT / ".cache" / f"datasette-{VERSION}"
SETTINGS: Final = {
    "suggest_facets": "off",
    "allow_facet": "off",
    "default_facet_size": "1",
    "sql_time_limit_ms": "10000",
    "num_sql_threads": "3",
    "cache_size_kb": "200000",
    "template_debug": "off",
    "trace_debug": "off",
}
INDEXES: Final = (
    ("first_seen",),
    ("category", "price"),
    ("make", "model"),
    ("make", "hours"),
    ("dealer",),
    ("unit_id",),
)
"""As ours, for the same queries."""
CHUNK: Final = 5_000
_KINDS: Final = {"integer": "INTEGER", "float": "REAL", "money": "REAL", "boolean": "INTEGER"}


def installed() -> Path | None:
    """The program, installed where it was not; None where it cannot be had."""
    program = FOLDER / "bin" / "datasette"
    if program.exists():
        return program
    venv.create(FOLDER, with_pip=True)
    command = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", f"datasette=={VERSION}"]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
        return None
    return program if program.exists() else None


def build(url: str, file: Path) -> None:
    """The rows of PostgreSQL in an SQLite file with indexes, full-text search and statistics."""
    columns = LISTINGS.shown
    text = ", ".join(f'd.name AS "{c.name}"' if c.name == "dealer" else f'b."{c.name}"' for c in columns)
    db = sqlite3.connect(file)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        db.execute(f"PRAGMA {pragma}")
    kinds = [f'"{c.name}" {_KINDS.get(c.kind, "TEXT")}' for c in columns if c.name != "id"]
    db.execute(f"CREATE TABLE listings (id INTEGER PRIMARY KEY, {', '.join(kinds)})")
    db.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, listing_id INTEGER, at TEXT, kind TEXT, changes TEXT)")
    db.execute("CREATE VIRTUAL TABLE listings_fts USING fts5 (title, make, model, description, content='')")
    query = f"SELECT {text} FROM listings b JOIN dealers d ON d.id = b.dealer_id ORDER BY b.id"
    _rows(url, query, db, f"INSERT INTO listings VALUES ({', '.join('?' * len(columns))})")
    events = "SELECT id, listing_id, at::text, kind, changes::text FROM events ORDER BY id"
    _rows(url, events, db, "INSERT INTO events VALUES (?, ?, ?, ?, ?)")
    texts = (
        "SELECT b.id, b.title, b.make, b.model, t.description FROM listings b JOIN listing_details t ON "
        "t.listing_id = b.id ORDER BY b.id"
    )
    fts = "INSERT INTO listings_fts (rowid, title, make, model, description) VALUES (?, ?, ?, ?, ?)"
    _rows(url, texts, db, fts)
    for names in INDEXES:
        db.execute(f"CREATE INDEX by_{'_'.join(names)} ON listings ({', '.join(names)})")
    db.execute("CREATE INDEX by_listing ON events (listing_id)")
    db.execute("ANALYZE")
    db.close()


@contextmanager
def running(program: Path, file: Path, log: Path) -> Iterator[Served]:
    """Datasette over the file `bench.sqlite`."""
    known = _known(program)
    settings = [word for name, value in SETTINGS.items() if name in known for word in ("--setting", name, value)]
    command = [str(program), "serve", "--immutable", str(file), "--port", "PORT", *settings]
    with served(command, "/-/versions.json", {}, log) as found:
        yield found


def deep_token(file: Path, offset: int) -> str | None:
    """`_next` of the page behind so many rows in the order of `first_seen`, newest first."""
    db = sqlite3.connect(file)
    found = db.execute(
        "SELECT first_seen, id FROM listings ORDER BY first_seen DESC, id LIMIT 1 OFFSET ?", (offset,)
    ).fetchone()
    db.close()
    return None if found is None else ",".join(_tilde(str(value)) for value in found)


def _tilde(text: str) -> str:
    """Datasette's own escape of a value in a token."""
    kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    return "".join(c if c in kept else "+" if c == " " else "".join(f"~{b:02X}" for b in c.encode()) for c in text)


def _known(program: Path) -> str:
    """The settings that this Datasette has."""
    return subprocess.run([program, "--help-settings"], check=True, capture_output=True, text=True).stdout


def _rows(url: str, query: str, db: sqlite3.Connection, insert: str) -> None:
    with psycopg.connect(url) as connection, connection.cursor(name="rows") as cursor:
        for kind in ("timestamptz", "numeric", "jsonb"):
            cursor.adapters.register_loader(kind, _TextLoader)
        cursor.itersize = CHUNK
        cursor.execute(query.encode())
        while rows := cursor.fetchmany(CHUNK):
            db.executemany(insert, rows)
    db.commit()


class _TextLoader(psycopg.adapt.Loader):
    """Times, amounts and JSON as the server writes them."""

    def load(self, data: bytes | bytearray | memoryview) -> str:
        return bytes(data).decode()

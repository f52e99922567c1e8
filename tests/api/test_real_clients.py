"""The clients that analysts use read the whole set from a running server and agree on it."""

from __future__ import annotations

import contextlib
import io
import json
import urllib.request
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from inventory.engine import reader_engine
from inventory.settings import Settings
from inventory.snapshots.writing import write_snapshot
from tests.api.stock import T0, Stock, stock_of
from tests.servers.api_server import running_api

# What reading a workbook calls inside of pandas itself.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.drop:pandas.errors.Pandas4Warning")

ROWS = 2_345
"""More than a page holds."""


@pytest.fixture
def server(any_settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of an API over `ROWS` listings, on SQLite, then on PostgreSQL."""
    with stock_of(any_settings) as stock:
        _fill(stock)
    engine = reader_engine(any_settings)
    write_snapshot(engine, tmp_path / "snapshots", "equipment", None)
    engine.dispose()
    environment = {"DATABASE_URL": any_settings.write_url, "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    with running_api(environment) as base:
        yield base


def _fill(stock: Stock) -> None:
    rows: list[dict[str, Any]] = [
        {
            "title": f'=Bagger {n}, "groß"\n{n}' if n % 7 else None,
            "make": ("Caterpillar", "Komatsu", None)[n % 3],
            "price": f"{n}.50" if n % 5 else None,
            "currency": "EUR" if n % 5 else None,
            "hours": n,
            "lat": n / 100,
            "last_seen": T0.replace(microsecond=n),
        }
        for n in range(ROWS)
    ]
    ids = stock.many(stock.dealer(), rows)
    for id_ in ids[:3]:
        stock.unit(id_)


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with its own HTTP client, which a wheel brings: nothing is fetched from elsewhere."""
    connection = duckdb.connect()
    version = connection.execute("PRAGMA version").fetchall()[0][0]
    extension = files("duckdb_extension_httpfs") / "extensions" / version / "httpfs.duckdb_extension"
    connection.execute(f"LOAD '{extension}'")
    with contextlib.closing(connection):
        yield connection


HOURS = sum(range(ROWS))
PRICED = sum(1 for n in range(ROWS) if n % 5)
AMOUNT = sum(n + 0.5 for n in range(ROWS) if n % 5)


def test_they_all_read_the_whole_set_and_agree(server: str, duck: duckdb.DuckDBPyConnection) -> None:
    listings = f"{server}/v1/listings"
    frames = {
        "array": pd.read_json(f"{listings}?shape=array"),
        "ndjson": pd.read_json(f"{listings}.ndjson", lines=True),
        "csv": pd.read_csv(f"{listings}.csv"),
        "csv with mark, semicolon and comma": pd.read_csv(
            f"{listings}.csv?bom=1&decimal=,", sep=";", decimal=",", encoding="utf-8-sig"
        ),
        "csv by Accept": pd.read_csv(io.BytesIO(_get(listings, {"Accept": "text/csv"}))),
        "xlsx": pd.read_excel(f"{listings}.xlsx"),
        "parquet": pd.read_parquet(f"{server}/v1/snapshots/equipment.parquet"),
        "pages": pd.DataFrame(list(_followed(f"{listings}?limit=500"))),
        "duckdb json": duck.execute(f"SELECT * FROM read_json('{listings}.ndjson')").df(),
        "duckdb csv": duck.execute(f"SELECT * FROM read_csv('{listings}.csv')").df(),
        "duckdb parquet": duck.execute(f"SELECT * FROM read_parquet('{server}/v1/snapshots/equipment.parquet')").df(),
    }
    columns = list(frames["pages"].columns)
    for name, frame in frames.items():
        assert len(frame) == ROWS, name
        assert list(frame.columns) == columns, name
        assert frame["hours"].sum() == HOURS, name
        assert frame["price"].notna().sum() == PRICED, name
        assert float(frame["price"].sum()) == pytest.approx(AMOUNT), name
        assert frame["id"].is_unique, name
    assert _counted(listings) == ROWS


def test_texts_and_times_are_the_same_whichever_way_they_come(server: str, duck: duckdb.DuckDBPyConnection) -> None:
    listings, snapshot = f"{server}/v1/listings", f"{server}/v1/snapshots/equipment.parquet"
    wanted = {row["id"]: (row["title"], pd.Timestamp(row["last_seen"])) for row in _followed(f"{listings}?limit=1000")}
    ways = {
        "array": pd.read_json(f"{listings}?shape=array", dtype=False),
        "csv": pd.read_csv(f"{listings}.csv?escape=0", parse_dates=["last_seen"], date_format="ISO8601"),
        "parquet": pd.read_parquet(snapshot),
        "duckdb": duck.execute(f"SELECT id, title, last_seen FROM read_json('{listings}.ndjson')").df(),
    }
    for name, frame in ways.items():
        times = pd.to_datetime(frame["last_seen"], utc=True, format="ISO8601")
        titles = frame["title"].astype(object).where(frame["title"].notna(), None)
        found = {id_: (title, at) for id_, title, at in zip(frame["id"], titles, times, strict=True)}
        assert found == wanted, name


def test_duckdb_reads_parts_of_a_snapshot_with_their_types(server: str, duck: duckdb.DuckDBPyConnection) -> None:
    snapshot = f"{server}/v1/snapshots/equipment.parquet"
    query = f"SELECT make, count(*) FROM read_parquet('{snapshot}') WHERE hours < 100 GROUP BY make ORDER BY make"
    assert duck.execute(query).fetchall() == [("Caterpillar", 34), ("Komatsu", 33), (None, 33)]
    described = duck.execute(f"DESCRIBE SELECT * FROM read_parquet('{snapshot}')").fetchall()
    types = {name: type_ for name, type_, *_ in described}
    assert (types["price"], types["last_seen"]) == ("DECIMAL(14,2)", "TIMESTAMP WITH TIME ZONE")


def test_units_are_read_alike(server: str, duck: duckdb.DuckDBPyConnection) -> None:
    units = f"{server}/v1/units"
    assert len(pd.read_csv(f"{units}.csv")) == len(pd.read_json(f"{units}?shape=array")) == 3
    assert len(pd.read_excel(f"{units}.xlsx")) == len(list(_followed(f"{units}?limit=2"))) == 3
    assert duck.execute(f"SELECT count(*) FROM read_json('{units}.ndjson')").fetchall() == [(3,)]


def test_arrow_finds_what_a_snapshot_says_of_itself(server: str, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(_get(f"{server}/v1/snapshots/equipment.parquet", {}))
    said = json.loads(pq.read_metadata(tmp_path / "x.parquet").metadata[b"yardstick"])
    assert said["rows"] == ROWS


def _get(address: str, headers: dict[str, str]) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        content: bytes = answer.read()
    return content


def _counted(address: str) -> int:
    count: int = json.loads(_get(f"{address}?limit=1&count=exact", {}))["count"]
    return count


def _followed(address: str | None) -> Iterator[dict[str, Any]]:
    while address:
        page = json.loads(_get(address, {}))
        yield from page["data"]
        address = page["next"]

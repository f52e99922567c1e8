"""A vertical as a Parquet file: typed, whole or not there, the same columns as the API shows."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from api.resources import LISTINGS
from inventory.settings import Settings
from inventory.snapshots import writing
from inventory.snapshots.columns import snapshot_columns
from inventory.snapshots.place import KEY, about, said_by, snapshot_file, snapshots
from inventory.snapshots.writing import write_snapshot
from tests.api.stock import T0, Stock, stock_of


@pytest.fixture
def stock(any_settings: Settings) -> Stock:
    with stock_of(any_settings) as stock:
        yield stock


def test_the_columns_are_those_that_the_api_shows() -> None:
    assert [column.name for column in snapshot_columns()] == [column.name for column in LISTINGS.shown]
    assert {column.name for column in snapshot_columns() if not column.nullable} >= {"id", "dealer", "first_seen"}


def test_rows_come_back_typed(any_reader: Engine, stock: Stock, tmp_path: Path) -> None:
    dealer = stock.dealer()
    stock.crawl(dealer)
    stock.crawl(dealer, outcome="failed", ended_at=T0.replace(year=2027))
    known = {"price": "1234567890.10", "make": "Komatsu", "hours": 0, "lat": 36.154, "doubtful": {"price": [1, "x"]}}
    ids = stock.many(dealer, [known, {}])
    stock.listing(stock.dealer("shop", vertical="dog"), vertical="dog")
    written = write_snapshot(any_reader, tmp_path, "equipment", "CC0-1.0")
    table = pq.read_table(snapshot_file(tmp_path, "equipment"))
    first, second = table.to_pylist()
    assert [first["id"], second["id"]] == ids
    assert first["price"] == Decimal("1234567890.10")
    assert (first["make"], first["dealer"], first["hours"], first["lat"]) == ("Komatsu", "northside", 0, 36.154)
    assert first["first_seen"] == T0
    assert json.loads(first["doubtful"]) == {"price": [1, "x"]}
    assert second["price"] is second["make"] is second["unit_id"] is None
    types = {field.name: field.type for field in table.schema}
    assert types["price"] == pa.decimal128(14, 2)
    assert types["last_seen"] == pa.timestamp("us", tz="UTC")
    assert types["make"] == types["status"] == types["dealer"] == pa.dictionary(pa.int32(), pa.string())
    assert (types["id"], types["year"], types["title"]) == (pa.int64(), pa.int32(), pa.string())
    assert (written.rows, written.data_as_of) == (2, T0.replace(minute=3))


def test_a_file_says_what_it_is_to_arrow_and_without_it(any_reader: Engine, stock: Stock, tmp_path: Path) -> None:
    stock.listing(stock.dealer())
    written = write_snapshot(any_reader, tmp_path, "equipment", "CC0-1.0")
    said = json.loads(pq.read_metadata(snapshot_file(tmp_path, "equipment")).metadata[KEY.encode()])
    assert (said["rows"], said["licence"], said["data_as_of"]) == (1, "CC0-1.0", None)
    assert snapshots(tmp_path) == [written]
    schema = pq.read_schema(snapshot_file(tmp_path, "equipment"))
    assert (schema.metadata[b"licence"], schema.metadata[b"vertical"]) == (b"CC0-1.0", b"equipment")
    assert b"data_as_of" not in schema.metadata


def test_a_vertical_without_listings_is_a_file_without_rows(any_reader: Engine, tmp_path: Path) -> None:
    write_snapshot(any_reader, tmp_path / "new" / "folder", "dog", None)
    assert pq.read_table(tmp_path / "new" / "folder" / "dog.parquet").num_rows == 0


def test_row_groups_are_streamed(
    any_reader: Engine, stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "BATCH_ROWS", 20)
    monkeypatch.setattr(writing, "GROUP_ROWS", 40)
    stock.many(stock.dealer(), [{"make": f"m{n}", "year": n} for n in range(100)])
    assert write_snapshot(any_reader, tmp_path, "equipment", None).rows == 100
    file = pq.ParquetFile(snapshot_file(tmp_path, "equipment"))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [40, 40, 20]
    assert [row["year"] for row in file.read(["year"]).to_pylist()] == list(range(100))


def test_what_fails_leaves_the_file_before_and_nothing_else(
    any_reader: Engine, stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "snapshots"
    write_snapshot(any_reader, folder, "equipment", None)
    before = snapshot_file(folder, "equipment").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_snapshot(any_reader, folder, "equipment", None)
    assert snapshot_file(folder, "equipment").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == [".equipment.lock", "equipment.parquet"]


def test_two_at_once_follow_each_other_and_clear_away_what_a_killed_one_left(
    any_reader: Engine, stock: Stock, tmp_path: Path
) -> None:
    dealer = stock.dealer()
    left = tmp_path / ".equipment.abc.writing"
    left.write_bytes(b"half")
    with (tmp_path / ".equipment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(target=write_snapshot, args=(any_reader, tmp_path, "equipment", None))
        waiting.start()
        stock.listing(dealer)  # what the other one does before it lets go
        waiting.join(0.2)
        assert waiting.is_alive()
    waiting.join(30)
    assert [found.rows for found in snapshots(tmp_path)] == [1]
    assert not left.exists()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"x" * 100, b"x" * 8 + b"\xff\xff\xff\x7fPAR1", b"PAR1\0\0\0\0PAR1"])
def test_a_file_that_is_no_snapshot_is_passed_over(tmp_path: Path, content: bytes) -> None:
    snapshot_file(tmp_path, "dog").write_bytes(content)
    assert snapshots(tmp_path) == []
    assert snapshots(tmp_path / "nothing") == snapshots(None) == []


def test_what_a_file_says_is_found_in_its_footer(tmp_path: Path) -> None:
    text = about("dog", 3, datetime(2026, 1, 1, tzinfo=UTC), None, 'a "b" }')
    footer = b"\x00thrift" + text.encode() + b"\xffmore"
    file = tmp_path / "x"
    file.write_bytes(b"PAR1" + b"rows" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    with file.open("rb") as opened:
        assert said_by(opened.fileno()) == json.loads(text)

"""Writes a vertical's snapshot: streamed, whole or not at all, and the last to begin is the one that stays."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, Select, and_, func, select

from inventory.snapshots.columns import SnapshotColumn, schema, snapshot_columns
from inventory.snapshots.place import KEY, Snapshot, about, snapshot_file
from inventory.tables import crawls, dealers, listings

BATCH_ROWS: Final = 5_000
GROUP_ROWS: Final = 50_000
"""Of a row group: what is held in memory, as Arrow's columns."""


def write_snapshot(engine: Engine, folder: Path, vertical: str, licence: str | None) -> Snapshot:
    """Reads the vertical's listings in one state of the data and puts the file into its place by a rename.

    Two that run at once follow each other, so that an older state never replaces a newer one. Raises `OSError` or
    SQLAlchemy's errors; what lay there before then still does.
    """
    place = snapshot_file(folder, vertical)
    with _alone(folder, vertical):
        written_at = datetime.now(UTC).replace(microsecond=0)
        descriptor, name = tempfile.mkstemp(prefix=f".{vertical}.", suffix=".writing", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                rows, as_of = _write(engine, file, vertical, written_at, licence)
                file.flush()
                os.fchmod(file.fileno(), 0o644)  # the API is somebody else
                os.fsync(file.fileno())
            os.replace(name, place)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
        _settle(folder)
    return Snapshot(vertical, rows, place.stat().st_size, written_at, as_of, licence)


def _write(
    engine: Engine, file: Any, vertical: str, written_at: datetime, licence: str | None
) -> tuple[int, datetime | None]:
    columns = snapshot_columns()
    rows = 0
    with engine.connect().execution_options(stream_results=True, max_row_buffer=BATCH_ROWS) as connection:
        as_of: datetime | None = connection.execute(_newest_good_crawl(vertical)).scalar()
        said = {"vertical": vertical, "written_at": written_at, "data_as_of": as_of, "licence": licence}
        known = {name: str(value) for name, value in said.items() if value is not None}
        with pq.ParquetWriter(file, schema().with_metadata(known), compression="zstd") as writer:
            with connection.execute(_rows_of(vertical, columns)) as result:
                for group in _groups(result, columns):
                    writer.write_table(group, row_group_size=GROUP_ROWS)
                    rows += group.num_rows
            # How many there are is known only now: it stands in the file's metadata, not in the schema's.
            writer.add_key_value_metadata({KEY: about(vertical, rows, written_at, as_of, licence)})
    return rows, as_of


def _rows_of(vertical: str, columns: Sequence[SnapshotColumn]) -> Select[Any]:
    return (
        select(*(column.source.label(column.name) for column in columns))
        .join_from(listings, dealers, dealers.c.id == listings.c.dealer_id)
        .where(listings.c.vertical == vertical)
        .order_by(listings.c.id)
    )


def _newest_good_crawl(vertical: str) -> Select[Any]:
    good = and_(crawls.c.outcome == "healthy", ~crawls.c.limited, ~crawls.c.narrowed)
    return (
        select(func.max(crawls.c.ended_at))
        .join_from(crawls, dealers, dealers.c.id == crawls.c.dealer_id)
        .where(dealers.c.vertical == vertical, good)
    )


def _groups(result: Any, columns: Sequence[SnapshotColumn]) -> Iterator[Any]:
    """Tables of up to `GROUP_ROWS` rows, which become Arrow's columns some thousand at a time: few are objects."""
    parts: list[Any] = []
    held = 0
    while rows := result.fetchmany(BATCH_ROWS):
        parts.append(_part(rows, columns))
        held += len(rows)
        if held >= GROUP_ROWS:
            yield _table(parts)
            parts, held = [], 0
    if parts:
        yield _table(parts)


def _part(rows: Sequence[Any], columns: Sequence[SnapshotColumn]) -> list[Any]:
    arrays: list[Any] = []
    for values, column in zip(zip(*rows, strict=True), columns, strict=True):
        if column.convert is not None:
            values = tuple(None if value is None else column.convert(value) for value in values)
        word = pa.types.is_dictionary(column.type)
        arrays.append(pa.array(values, pa.string() if word else column.type))
    return arrays


def _table(parts: Sequence[Sequence[Any]]) -> Any:
    """One table with one chunk a column."""
    found = schema()
    arrays = [pa.concat_arrays(list(arrays)) for arrays in zip(*parts, strict=True)]
    typed = [
        array.dictionary_encode() if pa.types.is_dictionary(field.type) else array
        for array, field in zip(arrays, found, strict=True)
    ]
    return pa.Table.from_arrays(typed, schema=found)


@contextmanager
def _alone(folder: Path, vertical: str) -> Iterator[None]:
    """Waits until nobody else writes the vertical's snapshot here, and clears away what a killed one left."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{vertical}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f".{vertical}.*.writing"):
            left.unlink(missing_ok=True)
        yield


def _settle(folder: Path) -> None:
    """The rename itself reaches the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

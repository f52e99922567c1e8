"""The columns of a snapshot: those of /v1/listings, each with its Arrow type."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, String, Text
from sqlalchemy.types import JSON

from inventory.columns import Money, Time
from inventory.tables import dealers, listings

LEFT_OUT: Final = ("missing", "corrections")
"""What /v1/listings shows only when it is named (a test compares the two)."""
FREE_WORDS: Final = ("vertical", "section", "category", "make", "brand", "condition", "city", "region", "country")
"""Texts with few values beside those with a length: dictionary-encoded too."""
ONE_EACH: Final = ("content_hash", "gtin")
"""Texts with a length and as many values as rows."""
_WORD: Final = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class SnapshotColumn:
    """`source` is selected, `type` is Arrow's; `convert` makes its values of SQLAlchemy's where they differ."""

    name: str
    source: Column[Any]
    type: Any
    nullable: bool
    convert: Callable[[Any], Any] | None = None

    @property
    def field(self) -> Any:
        """Arrow's field."""
        return pa.field(self.name, self.type, self.nullable)


def snapshot_columns() -> tuple[SnapshotColumn, ...]:
    """In the order of /v1/listings."""
    own = [column for column in listings.c if column.name not in ("id", *LEFT_OUT)]
    named = [("id", listings.c.id), ("dealer", dealers.c.name), *((str(column.name), column) for column in own)]
    return tuple(_column(name, column) for name, column in named)


def schema() -> Any:
    """Arrow's schema of a snapshot."""
    return pa.schema([column.field for column in snapshot_columns()])


def _column(name: str, source: Column[Any]) -> SnapshotColumn:
    convert: Callable[[Any], Any] | None = None
    if isinstance(source.type, JSON):
        convert = _json
    return SnapshotColumn(name, source, _type(name, source), bool(source.nullable), convert)


def _type(name: str, source: Column[Any]) -> Any:
    kind = source.type
    short = isinstance(kind, String) and not isinstance(kind, Text) and name not in ONE_EACH
    if name == "dealer" or short or name in FREE_WORDS:
        return _WORD
    by_type: tuple[tuple[type[Any], Any], ...] = (
        (Money, pa.decimal128(14, 2)),
        (Time, pa.timestamp("us", tz="UTC")),
        (Boolean, pa.bool_()),
        (Float, pa.float64()),
        (BigInteger, pa.int64()),
        (Integer, pa.int32()),
        (JSON, pa.string()),
        (String, pa.string()),
    )
    # A reference takes the type of what it refers to.
    return next(arrow for sql, arrow in by_type if isinstance(kind, sql))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    assert isinstance(value, Decimal | datetime)
    return str(value)

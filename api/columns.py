"""The columns that the API shows: their kind follows from the table, their meaning stands in data/columns.csv.

A column of a table that the data file does not describe (or the other way round) raises at import.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Float, FromClause, Integer, String
from sqlalchemy.types import JSON

from inventory.columns import Money, Time

Kind = Literal["text", "word", "category", "integer", "float", "money", "time", "boolean", "list", "json"]

Within: TypeAlias = Callable[[ColumnElement[bool]], ColumnElement[bool]]

DATA: Final = Path(__file__).parent / "data" / "columns.csv"
INT_MAX: Final = 2**31 - 1
BIGINT_MAX: Final = 2**63 - 1


class ColumnError(ValueError):
    """Tables and data/columns.csv do not agree; the message names the column."""


@dataclass(frozen=True, slots=True, eq=False)
class ApiColumn:
    """One column: `source` is what the database reads, `kind` decides values, operators and JSON form.

    `words` is a closed vocabulary. `wide` columns stand in a table of their own and are shown only when asked for.
    A column that is reckoned from others says the table that it is `of`. A column with `within` is not its own but
    of any of several rows behind it (a unit's dealers): a filter alone, whose condition `within` turns into one on the
    row. `key`: a name of another table that a row holds by its number, as (the row's number, the table's); equality is
    asked of the number, which has an index.
    """

    name: str
    source: Any
    kind: Kind
    nullable: bool
    description: str
    example: str | None = None
    unit: str | None = None
    words: tuple[str, ...] = ()
    largest: int = INT_MAX
    wide: bool = False
    within: Within | None = None
    of: FromClause | None = None
    key: tuple[Any, Any] | None = None

    @property
    def table(self) -> Any:
        """The table that must be read for it."""
        return self.source.table if self.of is None else self.of

    @property
    def ordered(self) -> bool:
        """Whether greater and less have a meaning that both databases share."""
        return self.kind in ("integer", "float", "money", "time")

    @property
    def sortable(self) -> bool:
        """Whether `sort=` may name it."""
        return self.kind not in ("list", "json") and not self.wide and self.within is None


@dataclass(frozen=True, slots=True)
class _Described:
    description: str
    example: str | None
    unit: str | None


@cache
def _described() -> Mapping[tuple[str, str], _Described]:
    with DATA.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    wanted = ["resource", "name", "unit", "example", "description"]
    wrong = [row for row in (header, *rows) if len(row) != len(wanted)]
    if header != wanted or wrong:
        raise ColumnError(f"{DATA.name}: five cells a row, {','.join(wanted)}; not {','.join((wrong or [header])[0])}")
    return {
        (resource, name): _Described(description, example or None, unit or None)
        for resource, name, unit, example, description in rows
    }


def api_column(
    resource: str,
    name: str,
    column: Column[Any],
    *,
    kind: Kind | None = None,
    words: tuple[str, ...] = (),
    nullable: bool | None = None,
    wide: bool = False,
    within: Within | None = None,
    key: tuple[Any, Any] | None = None,
) -> ApiColumn:
    """A column of `resource` as the API shows it. Raises `ColumnError` where it is not described."""
    try:
        described = _described()[resource, name]
    except KeyError:
        raise ColumnError(f"{DATA.name}: {resource}.{name} is not described") from None
    return ApiColumn(
        name=name,
        source=column,
        kind=kind or ("word" if words else _kind_of(column)),
        nullable=bool(column.nullable) if nullable is None else nullable,
        description=described.description,
        example=described.example,
        unit=described.unit,
        words=words,
        largest=BIGINT_MAX if isinstance(column.type, BigInteger) else INT_MAX,
        wide=wide,
        within=within,
        key=key,
    )


def by_name(resource: str, columns: Iterable[ApiColumn]) -> Mapping[str, ApiColumn]:
    """Columns by name, in order. Raises `ColumnError` for a described column that is not among them."""
    found = {column.name: column for column in columns}
    missing = [name for owner, name in _described() if owner == resource and name not in found]
    if missing:
        raise ColumnError(f"{DATA.name}: {resource} has no column {missing[0]}")
    return found


def _kind_of(column: Column[Any]) -> Kind:
    kinds: tuple[tuple[type[Any], Kind], ...] = (
        (Money, "money"),
        (Time, "time"),
        (Boolean, "boolean"),
        (Float, "float"),
        (Integer, "integer"),
        (BigInteger, "integer"),
        (JSON, "json"),
        (String, "text"),
    )
    for sql_type, kind in kinds:
        if isinstance(column.type, sql_type):
            return kind
    raise ColumnError(f"{column}: no kind for {column.type!r}")

"""How many rows pass a list's filters: exactly, by the planner's estimate, or exactly as far as that is cheap.

An exact count reads every row that passes. `count=` says which is wanted; without it rows are counted as long as there
are few, and estimated where there are many. The answer says which it was (`count_kind`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, func, literal_column, select, union_all

from api.columns import ApiColumn
from api.filters import Filter
from api.kept import Kept
from api.parameters import ListQuery
from api.planner import plan_of
from api.queries.lists import matches

CountKind = Literal["exact", "at_least", "estimated"]
FEW_ROWS: Final = 2_000
"""As many are counted without being asked."""
FEW_WITHOUT_PLANNER: Final = 20_000
"""SQLite has no estimate, and no database has one of a past day; beyond this it says `at_least`."""
CHEAP_COST: Final = 10_000.0
"""PostgreSQL's cost units: finding a few rows may mean reading all."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows by the words of a column, and how they were counted."""

    counts: dict[str, int]
    kind: CountKind


_ESTIMATES: Final = Kept[Any](lambda estimate: True)
_AT: Final = Kept[dict[str, int]](lambda counts: True)
"""Exact counts by the version of the data at which they were made."""


def count_rows(connection: Connection, query: ListQuery, dialect: str, group: str, at: str | None = None) -> Counted:
    """The rows of a query that is not ranked by the words of the column `group`. `at` is the version of the data that
    is read now: what was counted exactly at it is not counted again."""
    by = query.resource.columns[group]
    if query.count == "exact":
        return Counted(_exact(connection, query, dialect, by, at=at), "exact")
    if dialect != "postgresql" or query.as_of is not None:  # the planner knows nothing of past days
        counts = _exact(connection, query, dialect, by, FEW_WITHOUT_PLANNER + 1)
        return Counted(counts, "exact" if sum(counts.values()) <= FEW_WITHOUT_PLANNER else "at_least")
    if query.count == "usual":
        rows, cost = _planned(connection, query, dialect, by)
        if rows <= FEW_ROWS and cost <= CHEAP_COST:
            counts = _exact(connection, query, dialect, by, 2 * FEW_ROWS + 1, at)
            if sum(counts.values()) <= 2 * FEW_ROWS:
                return Counted(counts, "exact")
    return Counted(_estimated(connection, query, dialect, by), "estimated")


def count_without_position(
    connection: Connection, query: ListQuery, dialect: str, at: str | None = None
) -> tuple[int, CountKind]:
    """How many rows pass the other filters of a query with `near=` and have no position."""
    others = tuple(one for one in query.filters if one.operator != "near")
    near = next(one for one in query.filters if one.operator == "near")
    unplaced = Filter("without_position", near.column, "isnull", (True,))
    asked = replace(query, filters=(*others, unplaced), ranked=False)
    found = count_rows(connection, asked, dialect, "status", at)
    return sum(found.counts.values()), found.kind


def _exact(
    connection: Connection,
    query: ListQuery,
    dialect: str,
    by: ApiColumn,
    most: int | None = None,
    at: str | None = None,
) -> dict[str, int]:
    """Counted, up to `most` rows; not again where they were at this version of the data."""
    count = partial(_counted, connection, query, dialect, by, most)
    if at is None or any(one.said for one in query.filters):
        return count()
    return _AT.get((connection.engine, at, by.name, most, *key_of(query)), count)


def _counted(connection: Connection, query: ListQuery, dialect: str, by: ApiColumn, most: int | None) -> dict[str, int]:
    if most is None:
        statement = _rows(query, dialect, by, (func.count(),)).group_by(by.source)
    else:
        some = _rows(query, dialect, by, ()).limit(most).subquery()
        statement = select(some.c[0], func.count()).group_by(some.c[0])
    return _by_word(by, connection.execute(statement).all())


def _planned(connection: Connection, query: ListQuery, dialect: str, by: ApiColumn) -> tuple[float, float]:
    """How many rows the planner expects, and at which cost."""

    def ask() -> tuple[float, float]:
        plan = plan_of(connection, _rows(_as_planned(query), dialect, by, ()))
        return float(plan["Plan Rows"]), float(plan["Total Cost"])

    found: tuple[float, float] = _ESTIMATES.get((connection.engine, "all", *key_of(query)), ask)
    return found


def _estimated(connection: Connection, query: ListQuery, dialect: str, by: ApiColumn) -> dict[str, int]:
    ask = partial(_by_planner, connection, query, dialect, by)
    found: dict[str, int] = _ESTIMATES.get((connection.engine, by.name, *key_of(query)), ask)
    return dict.fromkeys(by.words, 0) | found


def _by_planner(connection: Connection, query: ListQuery, dialect: str, by: ApiColumn) -> dict[str, int]:
    allowed = [set(one.values) for one in query.filters if one.column is by and one.operator == "in"]
    words = [word for word in by.words if all(word in values for values in allowed)]
    if not words:
        return {}
    query = _as_planned(query)
    parts = [_rows(query, dialect, by, ()).where(by.source == literal_column(f"'{word}'")) for word in words]
    plan = plan_of(connection, union_all(*parts)) if len(parts) > 1 else {"Plans": [plan_of(connection, parts[0])]}
    plans: Sequence[Mapping[str, Any]] = plan.get("Plans", ())
    if len(plans) != len(words):  # the planner saw that one of them cannot be
        plans = [plan_of(connection, part) for part in parts]
    return {word: int(found["Plan Rows"]) for word, found in zip(words, plans, strict=True)}


def _as_planned(query: ListQuery) -> ListQuery:
    """The query in words of which the planner knows how often they hold: it has no idea of distances."""
    near = next((one for one in query.filters if one.operator == "near"), None)
    if near is None:
        return query
    box = replace(near, operator="box")
    return replace(query, filters=tuple(box if one is near else one for one in query.filters))


def _rows(query: ListQuery, dialect: str, by: ApiColumn, more: Sequence[Any]) -> Select[Any]:
    """The column of every row of the query."""
    used = (by, *(one.column for one in query.filters))
    where = matches(query.resource, query.filters, dialect, by_unit=query.by_unit)
    return select(by.source, *more).select_from(query.resource.tables_for(used)).where(*where)


def key_of(query: ListQuery) -> tuple[str, ...]:
    """What the number of rows depends on."""
    written = sorted(f"{one.parameter}={one.said or one.values}" for one in query.filters)
    return (query.resource.name, str(query.as_of or ""), "unit" if query.by_unit else "", *written)


def _by_word(by: ApiColumn, rows: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = dict(tuple(row) for row in rows)
    return {word: found.get(word, 0) for word in by.words}

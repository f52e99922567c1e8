"""How many listings have each value of a column: the most frequent values, those without one, and all others. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import CTE, BigInteger, Select, Text, cast, func, select

from api.columns import ApiColumn
from api.parameters import ListQuery
from api.problems import ParameterError, suggest
from api.queries.lists import grouped_counts
from api.resources import LISTINGS, Resource
from api.statistics.as_of import TOLD
from inventory.listing import STATUSES

MOST_FIELDS: Final = 10
OF_A_PAGE: Final = ("limit", "cursor", "sort", "fields", "count")
"""Parameters that only a list of rows has."""
_KINDS: Final = ("text", "word", "category", "integer", "boolean")


def statistic(name: str, *own: str, dedup: bool) -> Resource:
    """The listings as a statistic reads them: with the same filters, and parameters of its own."""
    kept = [control for control in LISTINGS.page_controls if control not in OF_A_PAGE]
    return replace(LISTINGS, name=name, page_controls=(*own, *kept), dedup=dedup)


def not_of_a_past_day(columns: Iterable[str], parameter: str) -> list[ParameterError]:
    """What is wrong with asking for these columns of a past day."""
    return [ParameterError(parameter, f"{name!r} is not known of a past day") for name in columns if name not in TOLD]


FACETS: Final = statistic("facets", "field", "limit", dedup=True)
FIELDS: Final[Mapping[str, ApiColumn]] = {
    name: column for name, column in LISTINGS.columns.items() if column.kind in _KINDS and not column.wide
}
"""The columns that have facets."""


def parse_fields(texts: Sequence[str]) -> tuple[ApiColumn, ...] | ParameterError:
    """`field=make,category`, or what is wrong with it."""
    names = [name.strip() for text in texts for name in text.split(",")]
    if not names:
        return ParameterError("field", "is needed: the columns whose values are counted, as field=make,category")
    for name in names:
        if name not in FIELDS:
            return ParameterError("field", f"{name!r} is not a column with facets", suggest(name, FIELDS))
    if len(set(names)) < len(names):
        return ParameterError("field", "names a column twice")
    if len(names) > MOST_FIELDS:
        return ParameterError("field", f"has {len(names)} columns; at most {MOST_FIELDS}")
    return tuple(FIELDS[name] for name in names)


def facet_statement(query: ListQuery, field: ApiColumn, dialect: str) -> Select[Any]:
    """value, its count, how many values there are, rows with a value, rows without, all rows by status (JSON): the
    values of most rows first. One row with null as its value, where no row has another.
    """
    by, status = query.resource.columns[field.name], query.resource.columns["status"]
    counted = grouped_counts(query, query.filters, (by, status), None, dialect).cte("counted")
    grouped = (
        select(counted.c[0].label("value"), cast(func.sum(counted.c[2]), BigInteger).label("count"))
        .group_by(counted.c[0])
        .subquery("grouped")
    )
    value, count = grouped.c["value"], grouped.c["count"]
    known = func.count(value).over()
    rows = func.sum(count).over()
    unknown = func.sum(count).filter(value.is_(None)).over()
    # A sort that puts null first keeps its row within the limit.
    return (
        select(value, count, known, rows, unknown, _by_status(counted, dialect))
        .order_by(value.is_not(None), count.desc(), value)
        .limit(query.limit + 1)
    )


def _by_status(counted: CTE, dialect: str) -> Any:
    again = counted.alias("by_status")
    status, count = list(again.c)[1:]
    summed = select(status.label("status"), cast(func.sum(count), BigInteger).label("count")).group_by(status)
    groups = summed.subquery("statuses")
    made = func.json_object_agg if dialect == "postgresql" else func.json_group_object
    return select(cast(made(*groups.c), Text)).scalar_subquery()


def status_of(rows: Sequence[Sequence[Any]]) -> dict[str, int]:
    """All rows by status, from the rows of a facet."""
    return dict.fromkeys(STATUSES, 0) | (json.loads(rows[0][-1]) if rows else {})


def facet(rows: Sequence[Sequence[Any]], field: ApiColumn, limit: int) -> dict[str, Any]:
    """The facet of `facet_statement`'s rows, without its links."""
    shown = [{"value": value, "count": count} for value, count, *_ in rows if value is not None][:limit]
    distinct, total, unknown = (int(number or 0) for number in rows[0][2:5]) if rows else (0, 0, 0)
    if field.kind == "boolean":
        shown = [one | {"value": bool(one["value"])} for one in shown]
    return {
        "field": field.name,
        "values": shown,
        "null_count": unknown,
        "distinct": distinct,
        "other_count": total - unknown - sum(one["count"] for one in shown),
        "truncated": distinct > len(shown),
    }

"""How many listings have each value of a column: the most frequent values, those without one, and all others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Select, func, select

from api.columns import ApiColumn
from api.parameters import ListQuery
from api.problems import ParameterError, suggest
from api.queries.lists import grouped_counts
from api.resources import LISTINGS, Resource
from api.statistics.as_of import TOLD

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
    """value, its count, how many values there are, rows with a value, rows without: the values of most rows first.

    One row with null as its value, where no row has another.
    """
    by = query.resource.columns[field.name]
    counted = grouped_counts(query, query.filters, (by,), None, dialect).subquery()
    value, count = counted.c[0], counted.c[1]
    known = func.count(value).over()
    rows = func.sum(count).over()
    unknown = func.sum(count).filter(value.is_(None)).over()
    # A sort that puts null first keeps its row within the limit.
    return (
        select(value, count, known, rows, unknown)
        .order_by(value.is_not(None), count.desc(), value)
        .limit(query.limit + 1)
    )


def facet(rows: Sequence[Sequence[Any]], field: ApiColumn, limit: int) -> dict[str, Any]:
    """The facet of `facet_statement`'s rows, without its links."""
    shown = [{"value": value, "count": count} for value, count, *_ in rows if value is not None][:limit]
    distinct, total, unknown = (int(number or 0) for number in rows[0][2:]) if rows else (0, 0, 0)
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

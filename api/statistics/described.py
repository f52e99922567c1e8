"""What the columns of each list are, and how many of its rows have them, measured on rows from end to end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, func, select

from api.columns import ApiColumn
from api.filters import operators_of
from api.resources import CRAWLS, DEALERS, LISTINGS, Resource
from api.resources_of_units import CHANGES, PAIRS, UNITS
from api.statistics.failures import FAILED_REQUESTS, FAILURES
from inventory.store.dialect import within

SAMPLE: Final = 2000
"""Rows on which it is measured how often a column is filled: those with ids at even distances."""
LISTS: Final[Mapping[str, tuple[Resource, str | None]]] = {
    "/v1/listings": (LISTINGS, "id"),
    "/v1/units": (UNITS, "id"),
    "/v1/pairs": (PAIRS, None),
    "/v1/changes": (CHANGES, "id"),
    "/v1/dealers": (DEALERS, "id"),
    "/v1/crawls": (CRAWLS, "id"),
    "/v1/failures": (FAILURES, "crawl_id"),
    "/v1/failures/requests": (FAILED_REQUESTS, "id"),
}
"""Address → its list, and its column of numbers."""
JSON_TYPES: Final = {
    "text": "string",
    "word": "string",
    "category": "string",
    "integer": "integer",
    "float": "number",
    "money": "number",
    "time": "string",
    "boolean": "boolean",
    "list": "array",
    "json": "any",
}


def described_list(connection: Connection, path: str) -> dict[str, Any]:
    """A list with its columns. Reads at most `SAMPLE` rows of it."""
    resource, number = LISTS[path]
    own = list(resource.own.values())
    rows, filled = (0, {}) if number is None else filled_of(connection, resource, number, own)
    return {
        "path": path,
        "measured_rows": rows,
        "columns": [_column(column, filled.get(column.name)) for column in resource.columns.values()],
    }


def filled_of(
    connection: Connection, resource: Resource, number: str, columns: Iterable[ApiColumn]
) -> tuple[int, dict[str, float]]:
    """How many rows were looked at, and the share of them that has each column."""
    columns = list(columns)
    id_ = resource.columns[number].source
    low, high = connection.execute(select(func.min(id_), func.max(id_))).one()
    if low is None:
        return 0, {}
    step = max(1, (high - low) // SAMPLE)
    where = [within(connection, id_, range(low, high + 1, step))]
    where += [] if resource.condition is None else [resource.condition]
    statement = (
        select(func.count(), *(func.count(column.source) for column in columns))
        .select_from(resource.tables_for([*columns, resource.columns[number]]))
        .where(*where)
    )
    found = connection.execute(statement).one()
    rows = int(found[0])
    if not rows:
        return 0, {}
    return rows, {column.name: round(count / rows, 4) for column, count in zip(columns, found[1:], strict=True)}


def _column(column: ApiColumn, fill: float | None) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": JSON_TYPES[column.kind],
        "kind": column.kind,
        "unit": column.unit,
        "nullable": column.nullable,
        "description": column.description,
        "example": column.example,
        "words": list(column.words) or None,
        "operators": list(operators_of(column)),
        "sortable": column.sortable,
        "shown": "filter only" if column.within is not None else "when asked for" if column.wide else "always",
        "fill": fill,
    }

"""`/v1/facets`: which values a column has among the matches, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request

from api.answers import freshness_for, query_of
from api.asking_again import AskingAgain
from api.columns import ApiColumn
from api.filters import SEPARATOR
from api.openapi import answers
from api.parameters import ListQuery
from api.problems import ParameterError, bad_parameters
from api.rows import JsonResponse
from api.schemas.statistics import Facets
from api.statistics.documented import parameter, some_of, statistic_parameters
from api.statistics.facets import (
    FACETS,
    FIELDS,
    MOST_FIELDS,
    facet,
    facet_statement,
    not_of_a_past_day,
    parse_fields,
    status_of,
)
from api.statistics.scope import asked, opened

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["statistics"])
_OWN = (
    parameter("field", "Columns whose values are counted", some_of(list(FIELDS), MOST_FIELDS), ["make"], required=True),
    parameter("limit", "Values of each column that are shown; without it: 100", {"type": "integer", "minimum": 1}, 20),
)


@router.get(
    "/facets",
    summary="Counts by value of a column",
    responses=answers(Facets, 422, 503),
    openapi_extra=statistic_parameters(FACETS, *_OWN),
)
def facets(request: Request) -> JsonResponse:
    """Of all matches: the most frequent values of each `field=`, how many rows have none (`null_count`), how many
    values there are (`distinct`) and how many rows have a value that is not shown (`other_count`); together they are
    all rows. `link` is the list with this value alone; a category's link includes all categories below it, its count
    does not."""
    fields, query = asked(lambda: _fields(request), lambda: query_of(request, FACETS))
    unknown = not_of_a_past_day((field.name for field in fields), "field")
    with opened(request, query, unknown) as statistic:
        query, connection = statistic.query, statistic.connection
        counted = [connection.execute(facet_statement(query, field, statistic.dialect)).all() for field in fields]
        fresh = freshness_for(request, connection, query.filters, query.as_of)
    found = [facet(rows, field, query.limit) for rows, field in zip(counted, fields, strict=True)]
    status, warnings = status_of(counted[0]), statistic.warnings
    for field, one in zip(fields, found, strict=True):
        _add_links(request, query, field, one)
    body = {"data": found, "limit": query.limit, "count": sum(status.values()), "status": status, "warnings": warnings}
    return JsonResponse(body | fresh)


def _fields(request: Request) -> tuple[ApiColumn, ...]:
    fields = parse_fields(request.query_params.getlist("field"))
    if isinstance(fields, ParameterError):
        raise bad_parameters([fields])
    return fields


def _add_links(request: Request, query: ListQuery, field: ApiColumn, one: dict[str, Any]) -> None:
    """To each value, the list that has it alone, and whether the query asks for it already."""
    asked_for = [f for f in query.filters if f.column.name == field.name and f.operator in ("in", "isnull")]
    chosen = {value for f in asked_for if f.operator == "in" for value in f.values}
    left_out = {"field", "limit", *(filter_.parameter for filter_ in asked_for)}
    kept = [(name, text) for name, text in request.query_params.multi_items() if name not in left_out]
    for value in one["values"]:
        value["selected"] = value["value"] in chosen
        text = _written(value["value"])
        value["link"] = None if text is None else _list_url(request, [*kept, (field.name, text)])
    one["null_link"] = None
    if field.nullable:
        one["null_link"] = _list_url(request, [*kept, (f"{field.name}{SEPARATOR}isnull", "true")])


def _list_url(request: Request, parameters: Sequence[tuple[str, str]]) -> str:
    return str(request.url_for("listings").replace(query=urlencode(parameters), fragment=""))


def _written(value: Any) -> str | None:
    """The value as a filter has it; None for the empty text, for which there is no filter."""
    if not isinstance(value, str):
        return str(value).lower()
    if not value:
        return None
    plain = "," not in value and not value.startswith('"') and value == value.strip(" ")
    return value if plain else '"' + value.replace('"', '""') + '"'

"""`/v1/stats`: mean and percentiles of a value, by up to three columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from api.answers import freshness_for, query_of
from api.asking_again import AskingAgain
from api.openapi import answers
from api.parameters import ListQuery
from api.problems import ParameterError, bad_parameters
from api.rows import JsonResponse
from api.schemas.statistics import Stats
from api.statistics.documented import parameter, some_of, statistic_parameters
from api.statistics.facets import FIELDS, not_of_a_past_day
from api.statistics.percentiles import split_scope, summary_of
from api.statistics.scope import asked, opened, refuse_misleading
from api.statistics.stats import (
    MOST_GROUP_COLUMNS,
    STATS,
    VALUES,
    StatsQuery,
    columns_of,
    parse_stats,
    repeating,
    stats_statement,
    stats_warnings,
)
from api.statistics.weight import values_repeat
from inventory.listing import STATUSES

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["statistics"])
_STATUS = {"type": "array", "items": {"type": "string", "enum": list(STATUSES)}, "minItems": 1}
_OWN = (
    parameter("status", "What is on offer, sold or gone; it has to be said", _STATUS, ["active"], required=True),
    parameter(
        "value",
        "What is summarised. Amounts are kept apart by `currency`, `size_value` by `size_unit`; `days_on_market` "
        "is of the last time on offer, which for `status=active` has not ended yet",
        {"type": "string", "enum": list(VALUES)},
        "price",
        required=True,
    ),
    parameter(
        "group_by",
        "Columns by which rows are grouped; `size_class` is `size_label`",
        some_of([*FIELDS, "size_class"], MOST_GROUP_COLUMNS),
        ["make", "model"],
    ),
    parameter(
        "by",
        "`unit`: one row for each unit, the best of its listings that match, as with `dedup=unit` of the list",
        {"type": "string", "enum": ["listing", "unit"], "default": "listing"},
        "unit",
    ),
    parameter(
        "limit", "Groups that are shown, those with most values first; without it: 100",
        {"type": "integer", "minimum": 1}, 20,
    ),
)  # fmt: skip


@router.get(
    "/stats",
    summary="Mean and percentiles of a value",
    responses=answers(Stats, 422, 503),
    openapi_extra=statistic_parameters(STATS, *_OWN),
)
def stats(request: Request) -> JsonResponse:
    """A row for each group: how many rows have the value (`n`) and how many do not (`n_null`), its mean, least and
    greatest, and percentiles (linear between the two nearest values). What is rented and what is sold, or sizes that
    measure different things, give a warning with counts; `strict=1` refuses them."""
    wanted, query = asked(lambda: _wanted(request), lambda: query_of(request, STATS))
    query = replace(query, by_unit=wanted.by_unit)
    unknown = not_of_a_past_day(wanted.group_by, "group_by")
    unknown += [ParameterError("by", "unit is not offered for a past day")] if wanted.by_unit else []
    with opened(request, query, unknown) as statistic:
        query, connection, dialect = statistic.query, statistic.connection, statistic.dialect
        repeat = values_repeat(statistic.reading, repeating(wanted, query.resource), dialect)
        statement = stats_statement(query, wanted, dialect, values_repeat=repeat)
        rows, scope = split_scope(connection.execute(statement).all())
        warnings = [*stats_warnings(query, wanted, scope), *statistic.warnings]
        refuse_misleading(query, warnings)
        fresh = freshness_for(request, connection, query.filters, query.as_of)
    status = dict.fromkeys(STATUSES, 0)
    for row in scope:
        status[row[0]] += row[-1]
    body = {
        "value": wanted.value,
        "by": "unit" if wanted.by_unit else "listing",
        "group_by": wanted.group_by,
        **_groups(rows, query, wanted),
        "limit": query.limit,
        "count": sum(status.values()),
        "status": status,
        "warnings": warnings,
    }
    return JsonResponse(body | fresh)


def _wanted(request: Request) -> StatsQuery:
    texts = {name: found for name in ("value", "group_by", "by") if (found := request.query_params.getlist(name))}
    wanted = parse_stats(texts, request.query_params.keys())
    if isinstance(wanted, list):
        raise bad_parameters(wanted)
    return wanted


def _groups(rows: Sequence[Any], query: ListQuery, wanted: StatsQuery) -> dict[str, Any]:
    """The groups, and what of them is not shown."""
    columns = columns_of(wanted, query.resource)
    shown = []
    for row in rows[: query.limit]:
        group = {
            column.name: bool(key) if column.kind == "boolean" and key is not None else key
            for column, key in zip(columns, row, strict=False)
        }
        shown.append(group | summary_of(row, len(columns)))
    groups, total = (int(rows[0][-2]), int(rows[0][-1])) if rows else (0, 0)
    return {
        "data": shown,
        "groups": groups,
        "other_count": total - sum(one["n"] + one["n_null"] for one in shown),
        "truncated": groups > len(shown),
    }

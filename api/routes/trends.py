"""`/v1/trends`: how the stock developed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request

from api.answers import freshness_for, query_of, refuse_unknown_dealers
from api.asking_again import AskingAgain
from api.columns import ApiColumn
from api.database import database_of
from api.gate import heavy_of
from api.openapi import answers
from api.pages import warnings_for
from api.problems import ParameterError, bad_parameters
from api.rows import JsonResponse
from api.schemas.statistics import Trends
from api.statistics.documented import parameter, some_of, statistic_parameters
from api.statistics.facets import FIELDS
from api.statistics.percentiles import split_scope, summary_of
from api.statistics.periods import EVERY, MOST_PERIODS, Period, parse_periods
from api.statistics.scope import asked, refuse_misleading
from api.statistics.stats import MOST_GROUP_COLUMNS, parse_group_by, stats_warnings
from api.statistics.trends import (
    MOST_ROWS,
    SUPPLY_DAYS,
    TRENDS,
    Trend,
    first_crawls,
    first_event,
    good_crawls,
    market_days_supply,
)

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["statistics"])
MOST_NAMED: Final = 50
_DAY = {"type": "string", "format": "date"}
_OWN = (
    parameter(
        "group_by", "Columns by which rows are grouped, as they are today; `size_class` is `size_label`",
        some_of([*FIELDS, "size_class"], MOST_GROUP_COLUMNS), ["category", "size_class"],
    ),
    parameter(
        "every", f"Length of a period (weeks begin on Monday); at most {MOST_PERIODS} of them",
        {"type": "string", "enum": list(EVERY), "default": "week"}, "week",
    ),
    parameter("from", "A day of the first period; without it: twelve periods", _DAY),
    parameter("to", "A day of the last period; without it: today", _DAY),
)  # fmt: skip
_REFUSED: Final = ("status", "as_of")


@router.get(
    "/trends",
    summary="How the stock developed",
    responses=answers(Trends, 422, 503),
    openapi_extra={
        "parameters": [
            one
            for one in statistic_parameters(TRENDS, *_OWN)["parameters"]
            if one["name"].partition("__")[0] not in _REFUSED
        ]
    },
)
def trends(request: Request) -> JsonResponse:
    """A row for each period and group: units on offer at its end (`active`), first offered in it (`new`), taken away or
    sold in it (`gone`); what was asked for at its end, by currency; days on market of what ended and, apart, of what
    was still on offer, whose time was not over; for how many days the stock lasts (`market_days_supply`). `periods`
    says which dealers were seen well in each, so that a dealer who could not be read does not look like a falling
    market. What a listing is counts as it is today; its price as it was."""
    (by, periods), query = asked(lambda: _wanted(request), lambda: query_of(request, TRENDS))
    database = database_of(request)
    trend = Trend(query, tuple(query.resource.columns[name] for name in by), periods, database.dialect)
    with heavy_of(request).passing(), database.read() as connection:
        refuse_unknown_dealers(connection, query)
        rows, truncated, scope = _rows(connection, trend)
        warnings = stats_warnings(query, trend.asked_for(), scope, "asking")
        warnings += warnings_for(connection, query, database.dialect)
        refuse_misleading(query, warnings)
        healthy = _dealers(connection, periods)
        fresh = freshness_for(request, connection, query.filters)
    body = {
        "group_by": by,
        "periods": healthy,
        "data": rows,
        "truncated": truncated,
        "warnings": warnings,
    }
    return JsonResponse(body | fresh)


def _wanted(request: Request) -> tuple[tuple[str, ...], tuple[Period, ...]]:
    given = request.query_params
    errors = [
        ParameterError(name, "is not for a trend, which looks at all that was on offer")
        for name in given
        if name.partition("__")[0] in _REFUSED
    ]
    by = parse_group_by(given.getlist("group_by"))
    periods = parse_periods({name: found for name in ("every", "from", "to") if (found := given.getlist(name))})
    errors += [by] if isinstance(by, ParameterError) else []
    errors += periods if isinstance(periods, list) else []
    if errors or isinstance(by, ParameterError) or isinstance(periods, list):
        raise bad_parameters(errors)
    return by, periods


def _rows(connection: Connection, trend: Trend) -> tuple[list[dict[str, Any]], bool, list[list[Any]]]:
    """The rows by period, then group; whether there were too many; and what asking prices are for."""
    width = 1 + len(trend.by)
    found: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(_nothing)
    cut = False
    for name, statement in (("active", trend.active_units()), ("new", trend.new_units())):
        rows = connection.execute(statement).all()
        cut = cut or len(rows) > MOST_ROWS
        for row in rows[:MOST_ROWS]:
            found[tuple(row[:width])][name] = row[width]
            if name == "active":
                found[tuple(row[:width])]["active_listings"] = row[width + 1]
    lately: dict[tuple[Any, ...], int] = {}
    rows = connection.execute(trend.gone_units()).all()
    cut = cut or len(rows) > MOST_ROWS
    for row in rows[:MOST_ROWS]:
        if row[width]:
            found[tuple(row[:width])]["gone"] = row[width]
        lately[tuple(row[:width])] = row[width + 1]
    rows, scope = split_scope(connection.execute(trend.asking()).all())
    cut = cut or len(rows) > MOST_ROWS
    for row in rows[:MOST_ROWS]:
        asking = {"currency": row[width], **_short(summary_of(row, width + 1))}
        found[tuple(row[:width])]["asking"].append(asking)
    for name, ended in (("days_on_market_ended", True), ("days_on_market_active", False)):
        rows = connection.execute(trend.days(ended=ended)).all()
        cut = cut or len(rows) > MOST_ROWS
        for row in rows[:MOST_ROWS]:
            found[tuple(row[:width])][name] = _short(summary_of(row, width))
    since = connection.execute(first_event()).scalar()
    for key, numbers in found.items():
        numbers["market_days_supply"] = _supply(numbers["active"], lately.get(key, 0), since, trend, key[0])
    ordered = sorted(found.items(), key=lambda item: [(value is None, str(value)) for value in item[0][1:]])
    ordered.sort(key=lambda item: int(item[0][0]))
    told = [_told(key, numbers, trend) for key, numbers in ordered[:MOST_ROWS]]
    return told, cut or len(ordered) > MOST_ROWS, scope


def _nothing() -> dict[str, Any]:
    none = {"n": 0, "n_null": 0, "median": None}
    return {
        "active": 0,
        "active_listings": 0,
        "new": 0,
        "gone": 0,
        "asking": [],
        "days_on_market_ended": none,
        "days_on_market_active": none,
    }


def _supply(active: int, ended: int, since: datetime | None, trend: Trend, number: int) -> dict[str, Any]:
    known = timedelta() if since is None else trend.end_of(trend.periods[number]) - since
    return {
        "n": ended,
        "days": market_days_supply(active, ended),
        "days_observed": min(max(known.days, 0), SUPPLY_DAYS),
    }


def _short(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {name: summary[name] for name in ("n", "n_null", "median")}


def _told(key: Sequence[Any], numbers: Mapping[str, Any], trend: Trend) -> dict[str, Any]:
    period = trend.periods[key[0]]
    return {"start": period.start, "end": period.end, **_group(trend.by, key[1:]), **numbers}


def _group(by: Sequence[ApiColumn], values: Iterable[Any]) -> dict[str, Any]:
    return {
        column.name: bool(value) if column.kind == "boolean" and value is not None else value
        for column, value in zip(by, values, strict=True)
    }


def _dealers(connection: Connection, periods: Sequence[Period]) -> list[dict[str, Any]]:
    """Which dealers were seen well in each period, and which that were known already were not."""
    good: dict[str, list[datetime]] = defaultdict(list)
    for name, ended_at in connection.execute(good_crawls(periods[0].begins)):
        good[name] += [] if ended_at is None else [ended_at]
    first: dict[str, datetime] = dict(tuple(row) for row in connection.execute(first_crawls()))
    found = []
    for period in periods:
        well = sorted(name for name, times in good.items() if any(period.begins <= at < period.ends for at in times))
        known = {name for name, begun in first.items() if begun < period.ends}
        ill = sorted(known - set(well))
        found.append(
            {
                "start": period.start,
                "end": period.end,
                "over": period.ends <= datetime.now(UTC),
                "healthy": {"count": len(well), "dealers": well[:MOST_NAMED], "truncated": len(well) > MOST_NAMED},
                "not_healthy": {"count": len(ill), "dealers": ill[:MOST_NAMED], "truncated": len(ill) > MOST_NAMED},
            }
        )
    return found

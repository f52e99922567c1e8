"""`/v1/comparables`: what things like this one cost, and why they are like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, func, select
from starlette.requests import Request

from api.answers import freshness_for
from api.asking_again import AskingAgain
from api.database import database_of
from api.openapi import answers, list_parameters
from api.problems import Problem, bad_parameters
from api.queries.lists import matches
from api.resources import LISTINGS
from api.rows import JsonResponse, fetch, read_as
from api.schemas.statistics import Comparables
from api.statistics.comparables import (
    ASKED,
    ENOUGH,
    FEWEST,
    MOST_ROWS,
    SHOWN,
    Step,
    kind_columns,
    one_a_unit,
    parse_asked,
    prices,
    quoted,
    steps,
)
from inventory.tables import listings

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["statistics"])


def _parameters() -> dict[str, Any]:
    """Those of the list's filters that say what the thing is; one value each."""
    found = []
    for one in list_parameters(LISTINGS)["parameters"]:
        if one["name"] in ASKED:
            single = {name: value for name, value in one.items() if name not in ("style", "explode", "example")}
            schema = dict(one["schema"]["items"])
            if "pattern" in schema:
                schema |= {"pattern": r"^[^\u0000]+$", "minLength": 1}
            if one["name"] in ("hours", "net_weight_g"):
                schema["minimum"] = 0
            found.append(single | {"schema": schema})
    return {"parameters": found}


@router.get(
    "/comparables",
    summary="What things like this one cost",
    responses=answers(Comparables, 404, 422, 503),
    openapi_extra=_parameters(),
)
def comparables(request: Request) -> JsonResponse:
    """For a machine `make` and `model`, better with `year` and `hours`; for a pack `brand` and `net_weight_g`. Units
    for sale with a price, one listing of each, the nearest first; where there are fewer than ten the next step is
    taken, and `steps` says which, `why` for each row. Currencies are kept apart. Fewer than three are refused with
    404."""
    texts = {name: request.query_params.getlist(name) for name in request.query_params}
    asked = parse_asked(texts)
    if isinstance(asked, list):
        raise bad_parameters(asked)
    dialect = database_of(request).dialect
    shared = [(name, quoted(asked[name])) for name in ("currency", "country") if name in asked]
    with database_of(request).read() as connection:
        kind = _kind(connection, asked)
        tried: list[dict[str, Any]] = []
        found: list[dict[str, Any]] = []
        truncated = False
        for number, step in enumerate(steps(asked, kind)):
            rows = _rows(connection, step, shared, dialect)
            truncated = truncated or len(rows) > MOST_ROWS
            before = len(found)
            found = one_a_unit([*found, *(row | {"step": number, "why": step.why} for row in rows[:MOST_ROWS])])
            tried.append({"step": number, "why": step.why, "units": len(found) - before})
            if len(found) >= ENOUGH:
                break
        fresh = freshness_for(request, connection, ())
    if len(found) < FEWEST:
        raise _nothing_alike(len(found), tried)
    body = {
        "asked": asked,
        "n": len(found),
        "prices": prices(found, "price"),
        "prices_per_kg": prices(found, "unit_price_per_kg") if "net_weight_g" in asked else [],
        "steps": tried,
        "widened": len(tried) > 1,
        "data": found,
        "truncated": truncated,
    }
    return JsonResponse(body | fresh)


def _nothing_alike(number: int, tried: list[dict[str, Any]]) -> Problem:
    words = "; ".join(one["why"] for one in tried)
    detail = f"Only {number} found with a price, by: {words}. Fewer than {FEWEST} say nothing."
    return Problem(404, "no-comparables", "Nothing to compare with", detail, extra={"steps": tried})


def _kind(connection: Connection, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Base model, category and size class that most listings of the model have."""
    if "make" not in asked or "model" not in asked:
        return {}
    columns = [column.source for column in kind_columns()]
    statement = (
        select(*columns)
        .where(listings.c.make == asked["make"], listings.c.model == asked["model"])
        .group_by(*columns)
        .order_by(func.count().desc(), *(column.asc().nulls_last() for column in columns))
        .limit(1)
    )
    row = connection.execute(statement).first()
    return {} if row is None else dict(zip((column.name for column in kind_columns()), row, strict=True))


def _rows(connection: Connection, step: Step, shared: Sequence[tuple[str, str]], dialect: str) -> list[dict[str, Any]]:
    query = step.query(shared)
    used = [*SHOWN, *(one.column for one in query.filters)]
    statement = (
        select(*(read_as(column, dialect) for column in SHOWN))
        .select_from(LISTINGS.tables_for(used))
        .where(*matches(LISTINGS, query.filters, dialect, by_unit=False))
        .order_by(listings.c.last_seen.desc(), listings.c.id)
        .limit(MOST_ROWS + 1)
    )
    return fetch(connection, statement, SHOWN, dialect)

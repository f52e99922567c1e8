"""`/v1/dealers`: who is crawled, how much stock each has, and how fresh it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request

from api.answers import list_answer, sights_for
from api.asking_again import AskingAgain
from api.database import database_of
from api.openapi import answers, list_parameters
from api.queries.dealers import Which, columns_of, last_crawls, names_of, stock_by_status
from api.resources import DEALERS
from api.rows import JsonResponse, fetch
from api.schemas.answers import DealerPage
from api.statistics.freshness import USUAL, Sight
from inventory.listing import STATUSES

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["dealers"])


@router.get(
    "/dealers",
    summary="Dealers with stock and last crawls",
    responses=answers(DealerPage, 400, 422, 503),
    openapi_extra=list_parameters(DEALERS),
)
def dealers(request: Request) -> JsonResponse:
    """Each dealer with its listings by status, its last crawl, its last healthy one and its last good one (healthy, and
    over all of its stock) with how many of the listings had each field; how old what is known of it is, whether that
    is too old, and in which way the last crawl failed. Old stock is seen as old."""
    dialect = database_of(request).dialect

    def enrich(connection: Connection, rows: list[dict[str, Any]]) -> None:
        add_stock_and_crawls(connection, rows, dialect)
        seen = {sight.dealer: sight for sight in sights_for(request, connection)}
        names = dict(tuple(row) for row in connection.execute(names_of([row["id"] for row in rows])))
        now = datetime.now(UTC)
        for row in rows:
            row |= age(seen.get(names[row["id"]]), row["last_good_crawl"], now)

    return list_answer(request, DEALERS, "vertical", enrich)


def add_stock_and_crawls(connection: Connection, rows: list[dict[str, Any]], dialect: str) -> None:
    """A statement for each thing and page, however many dealers are on it."""
    ids = [row["id"] for row in rows]
    stock: dict[int, dict[str, int]] = {id_: dict.fromkeys(STATUSES, 0) for id_ in ids}
    for dealer_id, status, count in connection.execute(stock_by_status(ids)):
        stock[dealer_id][status] = count
    last = _by_dealer(connection, ids, dialect, "last")
    ended = _by_dealer(connection, ids, dialect, "ended")
    healthy = _by_dealer(connection, ids, dialect, "healthy")
    good = _by_dealer(connection, ids, dialect, "good")
    for row, id_ in zip(rows, ids, strict=True):
        row["listings"] = stock[id_] | {"total": sum(stock[id_].values())}
        row["last_crawl"] = last.get(id_)
        row["last_healthy_crawl"] = healthy.get(id_)
        row["last_good_crawl"] = good.get(id_)
        row["failure_class"] = ended[id_]["failure_class"] if id_ in ended else None


def age(sight: Sight | None, good: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """How old what is known of a dealer is: since its last good crawl, or since what it brought was last seen. Pure."""
    sight = sight or Sight("", "", None, USUAL, stocked=False)  # so new that it is not among those read just before
    if good is not None and good["ended_at"] is not None:
        sight = replace(sight, last_good=_time(good["ended_at"]))
    hour = timedelta(hours=1)
    return {
        "last_good_at": sight.last_good,
        "age_hours": None if sight.last_good is None else round(max(now - sight.last_good, timedelta()) / hour, 1),
        "expected_within_hours": round(sight.expected_within / hour, 1),
        "stale": sight.stale(now),
    }


def _time(value: datetime | str) -> datetime:
    """SQLite's times are texts by now."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _by_dealer(connection: Connection, ids: list[int], dialect: str, which: Which) -> dict[int, dict[str, Any]]:
    rows = fetch(connection, last_crawls(ids, dialect, which), columns_of(which), dialect)
    return {row.pop("dealer_id"): row for row in rows}

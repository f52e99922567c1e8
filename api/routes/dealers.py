"""`/v1/dealers`: who is crawled, how much stock each has, and how fresh it is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request

from api.answers import list_answer
from api.database import database_of
from api.openapi import answers, list_parameters
from api.queries.dealers import SHOWN, last_crawls, stock_by_status
from api.resources import DEALERS
from api.rows import JsonResponse, fetch
from api.schemas.answers import DealerPage
from inventory.listing import STATUSES

router = APIRouter(prefix="/v1", tags=["dealers"])


@router.get(
    "/dealers",
    summary="Dealers with stock and last crawls",
    responses=answers(DealerPage, 400, 422, 503),
    openapi_extra=list_parameters(DEALERS),
)
def dealers(request: Request) -> JsonResponse:
    """Each dealer with its listings by status, its last crawl and its last healthy one: old stock is seen as old."""
    dialect = database_of(request).dialect

    def enrich(connection: Connection, rows: list[dict[str, Any]]) -> None:
        add_stock_and_crawls(connection, rows, dialect)

    return list_answer(request, DEALERS, "vertical", enrich)


def add_stock_and_crawls(connection: Connection, rows: list[dict[str, Any]], dialect: str) -> None:
    """Three statements for a page, however many dealers are on it."""
    ids = [row["id"] for row in rows]
    stock: dict[int, dict[str, int]] = {id_: dict.fromkeys(STATUSES, 0) for id_ in ids}
    for dealer_id, status, count in connection.execute(stock_by_status(ids)):
        stock[dealer_id][status] = count
    last = _by_dealer(connection, ids, dialect, healthy=False)
    last_healthy = _by_dealer(connection, ids, dialect, healthy=True)
    for row, id_ in zip(rows, ids, strict=True):
        row["listings"] = stock[id_] | {"total": sum(stock[id_].values())}
        row["last_crawl"] = last.get(id_)
        row["last_healthy_crawl"] = last_healthy.get(id_)


def _by_dealer(connection: Connection, ids: list[int], dialect: str, *, healthy: bool) -> dict[int, dict[str, Any]]:
    rows = fetch(connection, last_crawls(ids, dialect, healthy=healthy), SHOWN, dialect)
    return {row.pop("dealer_id"): row for row in rows}

"""`/v1/changes`: what happened to all listings, for a consumer that comes back."""

from __future__ import annotations

import re
from typing import Final

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request

from api.answers import following_url, query_of, refuse_unknown_dealers
from api.database import database_of
from api.keyset import read_cursor, write_cursor
from api.openapi import answers, list_parameters
from api.parameters import ListQuery
from api.problems import ParameterError, Problem, bad_parameters
from api.queries.changes import BEGINNING, PLACE, Place, changes_page, first_at, settled
from api.resources_of_units import CHANGES
from api.rows import JsonResponse, fetch
from api.schemas.answers import ChangePage
from api.sorting import Key
from api.values import first_moment, is_day, parse_value

router = APIRouter(prefix="/v1", tags=["changes"])
RESTORED: Final = (
    "The data were restored from another PostgreSQL: run UPDATE events SET transaction_id = 0, then ask with a time."
)
_TIME: Final = re.compile(r"[0-9]{4}-")
_KEYS: Final = tuple(Key(column, False) for column in PLACE)


@router.get(
    "/changes",
    summary="What happened, as a feed",
    responses=answers(ChangePage, 400, 422, 503),
    openapi_extra=list_parameters(CHANGES),
)
def changes(request: Request) -> JsonResponse:
    """The events of all listings in the order of their commits. Ask with a time (or nothing, for all), then with each
    page's `next_cursor` as `since`: who keeps the last one misses nothing and gets nothing twice, however many write
    meanwhile. The last page has a cursor too: come back with it. A time finds the first event observed then or later;
    all that was written behind it follows, an ingest's older observations too. Filters look at what a listing is now;
    an event shows a moment after its commit."""
    query = query_of(request, CHANGES)
    database = database_of(request)
    with database.read() as connection:
        refuse_unknown_dealers(connection, query)
        now = settled(connection, database.dialect)
        if now.foreign:
            raise Problem(503, "restored", "The order of changes is not known", RESTORED, headers={"Retry-After": "60"})
        after = _after(connection, query, now.end)
        statement = changes_page(query, after, now.end, database.dialect)
        rows = fetch(connection, statement, (*query.columns, *PLACE), database.dialect)
    places = [Place(*(row.pop(column.name) for column in PLACE)) for row in rows]
    more = len(rows) > query.limit
    token = write_cursor(query.fingerprint, places[query.limit - 1] if more else max(after, now.end))
    following = following_url(request, "since", token)
    body = {
        "data": rows[: query.limit],
        "limit": query.limit,
        "has_more": more,
        "next_cursor": token,
        "next": following,
    }
    return JsonResponse(body, headers={"Link": f'<{following}>; rel="next"'})


def _after(connection: Connection, query: ListQuery, end: Place) -> Place:
    """The place that `since` means. Raises `Problem` 422 for what is no time, 400 for a cursor that does not fit."""
    if query.since is None:
        return BEGINNING
    if not _TIME.match(query.since):
        place, _ = read_cursor(query.since, query.fingerprint, _KEYS, "since")
        return Place(*place)
    try:
        moment = parse_value(CHANGES.columns["at"], query.since)
    except ValueError as error:
        raise bad_parameters([ParameterError("since", f"{error}, and not a cursor")]) from None
    first = first_at(connection, first_moment(moment) if is_day(moment) else moment)
    # What is not settled yet stands behind the end, and what commits before it may come in between.
    return end if first is None else min(first, end)

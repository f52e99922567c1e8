"""`/v1/changes`: what happened to all listings, for a consumer that comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from api.answers import following_url, query_of, refuse_unknown_dealers
from api.asking_again import AskingAgain
from api.database import database_of
from api.export import Export, open_export
from api.formats.choosing import FormatName, Wanted, wanted_of_feed
from api.formats.document import feed_answers, feed_export_parameters, feed_parameters
from api.formats.routes import Words, add_export
from api.keyset import read_cursor, write_cursor
from api.parameters import ListQuery
from api.problems import ParameterError, Problem, bad_parameters
from api.queries.changes import BEGINNING, PLACE, Place, changes_page, first_at, settled, whole_feed
from api.resources_of_units import CHANGES
from api.rows import JsonResponse, fetch
from api.schemas.answers import ChangePage
from api.sorting import Key
from api.statistics.pruned import whole_since
from api.values import first_moment, is_day, parse_value

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["changes"])
RESTORED: Final = (
    "The data were restored from another PostgreSQL: run UPDATE events SET transaction_id = 0, then ask with a time."
)
AGAIN: Final = {"Retry-After": "1"}
_TIME: Final = re.compile(r"[0-9]{4}-")
_KEYS: Final = tuple(Key(column, False) for column in PLACE)


@router.get(
    "/changes",
    summary="What happened, as a feed",
    responses=feed_answers(ChangePage, 400, 422, 503),
    openapi_extra=feed_parameters(CHANGES),
)
def changes(request: Request) -> Response:
    """The events of all listings in the order of their commits. Ask with a time (or nothing, for all), then with each
    page's `next_cursor` as `since`: who keeps the last one misses nothing and gets nothing twice, however many write
    meanwhile. The last page has a cursor too: come back with it. A time finds the first event observed then or later;
    all that was written behind it follows, an ingest's older observations too. Filters look at what a listing is now;
    an event shows a moment after its commit."""
    parameters = request.query_params.multi_items()
    meant = wanted_of_feed(parameters, request.headers.get("accept"))
    return _whole(request, meant) if meant.whole else _page(request, meant)


EXPORTS: Final[Mapping[FormatName, Words]] = {
    "csv": Words(
        "All there is of the feed as CSV",
        "All events behind `since` that are settled when it is asked, streamed. The `Link` header, which comes first, "
        "has\nthe address to come back with; it holds where the file came whole.",
    ),
    "ndjson": Words("All there is of the feed, a JSON object a line", "As `/v1/changes.csv`."),
}


def _export(request: Request, ending: FormatName) -> Response:
    return _whole(request, wanted_of_feed(request.query_params.multi_items(), None, ending))


for _ending, _words in EXPORTS.items():
    _answer = partial(_export, ending=_ending)
    add_export(router, "changes", _ending, _words, _answer, feed_export_parameters(CHANGES, _ending), 400, 422, 503)


def _page(request: Request, meant: Wanted) -> JsonResponse:
    query = query_of(request, CHANGES, meant)
    database = database_of(request)
    with database.read() as connection:
        after, end = _stretch(connection, query, database.dialect)
        since = whole_since(connection)
        statement = changes_page(query, after, end, database.dialect)
        rows = fetch(connection, statement, (*query.columns, *PLACE), database.dialect)
    places = [Place(*(row.pop(column.name) for column in PLACE)) for row in rows]
    more = len(rows) > query.limit
    token = write_cursor(query.fingerprint, places[query.limit - 1] if more else max(after, end))
    following = following_url(request, "since", token)
    body = {
        "data": rows[: query.limit],
        "limit": query.limit,
        "has_more": more,
        "next_cursor": token,
        "next": following,
        "truncated": _truncated(query.since, since),
        "complete_since": since,
    }
    return JsonResponse(body, headers={"Link": f'<{following}>; rel="next"', "Vary": "Accept"})


def _whole(request: Request, meant: Wanted) -> Export:
    """All that is settled now behind the place. Its end is known before the first row: the header can say it."""
    query = query_of(request, CHANGES, replace(meant, whole=False))
    database = database_of(request)
    server = database.generation
    with database.read() as connection:
        after, end = _stretch(connection, query, database.dialect)
    head = bool(request.scope.get("state", {}).get("head"))
    feed = whole_feed(query, after, end)
    export = open_export(database, feed, meant, head=head, file_name=f"changes.{meant.format.name}")
    if database.generation != server:
        export.give_back()
        raise Problem(503, "moved", "Reads went elsewhere meanwhile", "Another server may have less.", headers=AGAIN)
    following = following_url(request, "since", write_cursor(query.fingerprint, max(after, end)))
    export.headers["Link"] = f'<{following}>; rel="next"'
    return export


def _stretch(connection: Connection, query: ListQuery, dialect: str) -> tuple[Place, Place]:
    """Behind which place and up to which the feed is given now. Raises `Problem` 400, 422, 503."""
    refuse_unknown_dealers(connection, query)
    now = settled(connection, dialect)
    if now.foreign:
        raise Problem(503, "restored", "The order of changes is not known", RESTORED, headers={"Retry-After": "60"})
    return _after(connection, query, now.end), now.end


def _truncated(asked: str | None, since: datetime | None) -> bool | None:
    """Whether the feed begins at a time of which something was pruned; None for a cursor, which knows no time."""
    if since is None or asked is None:
        return since is not None
    return _moment(asked) < since if _TIME.match(asked) else None


def _moment(text: str) -> datetime:
    """Raises `ValueError`."""
    found = parse_value(CHANGES.columns["at"], text)
    moment: datetime = first_moment(found) if is_day(found) else found
    return moment


def _after(connection: Connection, query: ListQuery, end: Place) -> Place:
    """The place that `since` means. Raises `Problem` 422 for what is no time, 400 for a cursor that does not fit."""
    if query.since is None:
        return BEGINNING
    if not _TIME.match(query.since):
        place, _ = read_cursor(query.since, query.fingerprint, _KEYS, "since")
        return Place(*place)
    try:
        first = first_at(connection, _moment(query.since))
    except ValueError as error:
        raise bad_parameters([ParameterError("since", f"{error}, and not a cursor")]) from None
    # What is not settled yet stands behind the end, and what commits before it may come in between.
    return end if first is None else min(first, end)

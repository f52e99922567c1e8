"""`/v1/listings`: pages, one listing, and the whole filtered set in every format."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from api.about_one import answer_about
from api.asking_again import AskingAgain
from api.columns import BIGINT_MAX
from api.database import database_of
from api.direct import Asked, asked_about, asked_of, rows_about, told_about
from api.formats.answering import formatted_answer
from api.formats.document import formatted_answers, formatted_parameters
from api.formats.routes import Served, Words, add_list
from api.openapi import answers
from api.parameters import refuse_unknown
from api.problems import not_found
from api.queries.listing import MOST_EVENTS, UNIT_LINK, known_listing, newest_events, unit_link, whole_listing
from api.queries.on_market import days_of_listings, of_listings, offers
from api.resources import EVENTS, LISTINGS
from api.resources_of_units import history_of
from api.rows import JsonResponse
from api.schemas.answers import EventPage, ListingAnswer, ListingPage
from api.schemas.rows import HistoryRow, ListingRow

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["listings"])
_PAGES: Final = Words(
    "Listings, page by page",
    """Every stored column can be filtered, sorted and shown. Nothing is hidden unless a filter says so: what is gone or
    sold is among the rows, and `status` says how many. Follow `next` (or the `Link` header) to the end; there is no
    deepest page. `format=`, `shape=array` or `Accept` asks for the rows in another form.""",
)
_CSV: Final = Words(
    "The whole filtered set as CSV",
    """Streamed, never cut: a file that ends too early ends in a broken connection. UTF-8, unknown values empty, amounts
    with two decimals. Texts that a spreadsheet would run as a formula stand behind an apostrophe.""",
)
_NDJSON: Final = Words(
    "The whole filtered set, a JSON object a line",
    "Streamed, never cut: what ends too early ends in a broken connection.",
)
_XLSX: Final = Words(
    "The whole filtered set as an Excel workbook",
    """Numbers and times are typed, texts are never formulas. A second sheet has query, time, counts and warnings. More
    than 200,000 rows are refused before anything is written.""",
)

add_list(
    router,
    Served(LISTINGS, ListingPage, ListingRow, "status", _PAGES, (_CSV, _NDJSON, _XLSX)),
)


@router.get(
    "/listings/{listing_id}",
    summary="One listing with its events",
    responses=answers(ListingAnswer, 404, 422, 503),
)
async def listing(
    request: Request,
    listing_id: Annotated[int, Path(ge=1, le=BIGINT_MAX, description="Our number of the listing", examples=[1042])],
) -> JsonResponse:
    """All columns, what the page said word by word (`raw`) with where it stood (`provenance`), and what happened."""
    refuse_unknown(request.query_params)
    return await answer_about(request, partial(_asked_of_listing, listing_id), partial(_listing, listing_id))


def _asked_of_listing(listing_id: int) -> list[Asked]:
    return [
        asked_about(whole_listing, listing_id),
        asked_about(newest_events, listing_id),
        asked_of(unit_link, [listing_id]),
        asked_of(of_listings, [listing_id]),
    ]


def _listing(listing_id: int, connection: Connection, dialect: str) -> dict[str, Any]:
    columns = tuple(LISTINGS.columns.values())
    found = rows_about(connection, whole_listing, listing_id, columns, dialect, most=1)
    if not found:
        raise not_found(f"listing {listing_id}")
    shown = tuple(EVENTS.values())
    events = rows_about(connection, newest_events, listing_id, shown, dialect, most=MOST_EVENTS + 1)
    units = told_about(connection, unit_link, [listing_id])
    days = days_of_listings(offers(connection, of_listings, [listing_id]), datetime.now(UTC)).get(listing_id)
    told = {
        "days_on_market": days,
        "unit": dict(zip(UNIT_LINK, units[0], strict=True)) if units else None,
        "events": events[:MOST_EVENTS],
        "events_truncated": len(events) > MOST_EVENTS,
    }
    return {"data": found[0] | told}


@router.get(
    "/listings/{listing_id}/events",
    summary="What happened to one listing, page by page",
    responses=formatted_answers(EventPage, HistoryRow, 400, 404, 422, 503),
    openapi_extra=formatted_parameters(history_of(0)),
)
def listing_events(
    request: Request,
    listing_id: Annotated[int, Path(ge=1, le=BIGINT_MAX, description="Our number of the listing", examples=[1042])],
) -> Response:
    """Its whole history, oldest first; `sort=-at` has the newest first. `changes` has the old and the new value of each
    field; the first event, `listed`, all that was known then."""
    with database_of(request).read() as connection:
        if connection.execute(known_listing(listing_id)).first() is None:
            raise not_found(f"listing {listing_id}")
    return formatted_answer(request, history_of(listing_id), "kind", f"listing-{listing_id}-events")

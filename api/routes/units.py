"""`/v1/units`: the things themselves, each with the listings that offer it; `/v1/pairs`: what may be one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from sqlalchemy import Connection
from starlette.requests import Request

from api.about_one import answer_about
from api.answers import list_answer
from api.asking_again import AskingAgain
from api.beside import add_to_pairs, add_to_units
from api.columns import BIGINT_MAX
from api.database import database_of
from api.direct import Asked, asked_about, asked_of, rows_about, told_about
from api.formats.routes import Served, Words, add_list
from api.merged import merged
from api.openapi import answers, list_parameters
from api.parameters import refuse_unknown
from api.problems import not_found
from api.queries.on_market import Offers, days_of_listings, of_units, offers
from api.queries.units import (
    MOST_LISTINGS,
    MOST_PAIRS,
    current_prices,
    dealers_of,
    links_of,
    listings_of,
    pairs_with_others,
    whole_unit,
)
from api.resources import LISTINGS
from api.resources_of_units import PAIRS, UNITS
from api.rows import JsonResponse
from api.schemas.answers import UnitAnswer, UnitPage, UnitPairPage, UnitRow
from api.schemas.rows import UnitColumns

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["units"])
_PAGES: Final = Words(
    "Units, page by page",
    """One row for each machine or product, however many listings offer it. What it is, is what the listing that stands
    for it says (`listing_id`); filters and orders look at the same. Beside it: its dealers, how long it is on the
    market, and its lowest and highest current price by currency; whole sets (`format=`, `shape=array` without `limit`)
    hold its columns only.""",
)
_CSV: Final = Words(
    "The whole filtered set of units as CSV",
    """As `/v1/listings.csv`, a line a unit: its columns without what a page reads beside them (dealers, days on market,
    prices).""",
)
_NDJSON: Final = Words(
    "The whole filtered set of units, a JSON object a line",
    "As `/v1/listings.ndjson`, with the columns of `/v1/units.csv`.",
)
_XLSX: Final = Words(
    "The whole filtered set of units as an Excel workbook",
    "As `/v1/listings.xlsx`, with the columns of `/v1/units.csv`.",
)

add_list(
    router,
    Served(
        UNITS,
        UnitPage,
        UnitRow | UnitColumns,
        "status",
        _PAGES,
        (_CSV, _NDJSON, _XLSX),
        enrich=add_to_units,
    ),
)


@router.get(
    "/units/{unit_id}",
    summary="One unit with its listings and why they belong together",
    responses=answers(UnitAnswer, 404, 422, 503),
)
async def unit(
    request: Request,
    unit_id: Annotated[int, Path(ge=1, le=BIGINT_MAX, description="Our number of the unit", examples=[977])],
) -> JsonResponse:
    """The best value of each field with the listing that said it (`merged`), its listings with the reason why each is
    in the unit (`link`), and the pairs that a person may look at (`pairs`). A unit may be parted or joined when more
    becomes known: then its listings have other units."""
    refuse_unknown(request.query_params)
    return await answer_about(request, partial(_asked_of_unit, unit_id), partial(_unit, unit_id))


def _asked_of_unit(unit_id: int) -> list[Asked]:
    return [
        asked_about(whole_unit, unit_id),
        asked_of(of_units, [unit_id]),
        asked_of(dealers_of, [unit_id]),
        asked_of(current_prices, [unit_id]),
        asked_about(listings_of, unit_id),
        asked_of(links_of, [unit_id]),
        asked_about(pairs_with_others, unit_id),
    ]


def _unit(unit_id: int, connection: Connection, dialect: str) -> dict[str, Any]:
    found = rows_about(connection, whole_unit, unit_id, UNITS.shown, dialect, most=1)
    if not found:
        raise not_found(f"unit {unit_id}")
    offered = offers(connection, of_units, [unit_id])
    add_to_units(connection, found, offered)
    its_listings = _listings(connection, unit_id, offered, dialect)
    return {"data": found[0] | its_listings | _pairs(connection, unit_id, dialect)}


def _listings(connection: Connection, unit_id: int, offered: Offers, dialect: str) -> dict[str, Any]:
    rows = rows_about(connection, listings_of, unit_id, LISTINGS.shown, dialect, most=MOST_LISTINGS + 1)
    shown = rows[:MOST_LISTINGS]
    together = merged(shown)
    links = {listing_id: _link(*why) for listing_id, *why in told_about(connection, links_of, [unit_id])}
    days = days_of_listings(offered, datetime.now(UTC))
    for row in shown:
        row["days_on_market"] = days.get(row["id"])
        row["link"] = links.get(row["id"])
    return {"merged": together, "listings": shown, "listings_truncated": len(rows) > MOST_LISTINGS}


def _link(method: str, score: float | None, evidence: Mapping[str, Any] | None, linked_at: datetime) -> dict[str, Any]:
    """Why a listing is in its unit; the evidence names the listing that it was compared with."""
    rest = dict(evidence or {})
    with_listing = rest.pop("with_listing", None)
    return {
        "method": method,
        "score": score,
        "with_listing": with_listing,
        "evidence": rest or None,
        "linked_at": linked_at,
    }


def _pairs(connection: Connection, unit_id: int, dialect: str) -> dict[str, Any]:
    rows = rows_about(connection, pairs_with_others, unit_id, PAIRS.shown, dialect, most=MOST_PAIRS + 1)
    shown = rows[:MOST_PAIRS]
    add_to_pairs(connection, shown, dialect)
    return {"pairs": shown, "pairs_truncated": len(rows) > MOST_PAIRS}


@router.get(
    "/pairs",
    summary="Pairs of listings for a person to look at",
    responses=answers(UnitPairPage, 400, 422, 503),
    openapi_extra=list_parameters(PAIRS),
)
def pairs(request: Request) -> JsonResponse:
    """Two listings of two units that may be one thing, the surest first: `verdict=maybe` where too little speaks for
    it, `verdict=same` where as much speaks for others. A row of `corrections/*.csv` decides one; then it is no longer
    here."""
    dialect = database_of(request).dialect

    def enrich(connection: Connection, rows: list[dict[str, Any]]) -> None:
        add_to_pairs(connection, rows, dialect)

    return list_answer(request, PAIRS, "verdict", enrich)

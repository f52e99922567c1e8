"""`/v1/schema`: every column of every list."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from api.asking_again import AskingAgain
from api.database import database_of
from api.openapi import answers
from api.parameters import refuse_unknown
from api.rows import JsonResponse
from api.schemas.statistics import Schema
from api.statistics.described import LISTS, SAMPLE, described_list

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["documentation"])


@router.get(
    "/schema",
    summary="Every column of every list",
    responses=answers(Schema, 422, 503),
)
def schema(request: Request) -> JsonResponse:
    """Type, unit, meaning and example of each column, how it can be filtered, and how many rows have it (`fill`, a
    share from 0 to 1, measured on about two thousand rows from the oldest to the newest; null: not measured)."""
    refuse_unknown(request.query_params)
    with database_of(request).read() as connection:
        found = [described_list(connection, path) for path in LISTS]
    return JsonResponse({"data": found, "sample_rows": SAMPLE})

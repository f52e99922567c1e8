"""`/v1/crawls`: when each dealer was crawled and how it went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request

from api.answers import list_answer
from api.asking_again import AskingAgain
from api.columns import BIGINT_MAX
from api.database import database_of
from api.openapi import answers, list_parameters
from api.parameters import refuse_unknown
from api.problems import not_found
from api.queries.crawls import whole_crawl
from api.resources import CRAWLS
from api.rows import JsonResponse, fetch
from api.schemas.answers import CrawlAnswer, CrawlPage

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["crawls"])


@router.get(
    "/crawls",
    summary="Crawls, newest first",
    responses=answers(CrawlPage, 400, 422, 503),
    openapi_extra=list_parameters(CRAWLS),
)
def crawls(request: Request) -> JsonResponse:
    """One row for each run over one dealer, with what was seen, dropped and failed."""
    return list_answer(request, CRAWLS, "outcome")


@router.get(
    "/crawls/{crawl_id}",
    summary="One crawl with fill rates and sections",
    responses=answers(CrawlAnswer, 404, 422, 503),
)
def crawl(
    request: Request,
    crawl_id: Annotated[int, Path(ge=1, le=BIGINT_MAX, description="Our number of the crawl", examples=[58])],
) -> JsonResponse:
    """Everything that the crawl left: fill rate by field, and each section with whether it was walked to its end."""
    refuse_unknown(request.query_params)
    database = database_of(request)
    with database.read() as connection:
        columns = tuple(CRAWLS.columns.values())
        found = fetch(connection, whole_crawl(crawl_id, database.dialect), columns, database.dialect)
    if not found:
        raise not_found(f"crawl {crawl_id}")
    return JsonResponse({"data": found[0]})

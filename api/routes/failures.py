"""`/v1/failures`: what went wrong, and when."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from api.answers import list_answer
from api.asking_again import AskingAgain
from api.openapi import answers, list_parameters
from api.rows import JsonResponse
from api.schemas.statistics import FailedRequestPage, FailurePage
from api.statistics.failures import FAILED_REQUESTS, FAILURES

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["crawls"])


@router.get(
    "/failures",
    summary="What failed, newest first",
    responses=answers(FailurePage, 400, 422, 503),
    openapi_extra=list_parameters(FAILURES),
)
def failures(request: Request) -> JsonResponse:
    """Crawls that ended badly, and those that ended well but in which some requests failed: `class` is what ended the
    crawl, `errors` counts what failed in it by class. `class=blocked&dealer=northside` finds one dealer's trouble."""
    return list_answer(request, FAILURES, "outcome")


@router.get(
    "/failures/requests",
    summary="Requests that failed for good, newest first",
    responses=answers(FailedRequestPage, 400, 422, 503),
    openapi_extra=list_parameters(FAILED_REQUESTS),
)
def failed_requests(request: Request) -> JsonResponse:
    """One row for each page that a crawl did not get, however often it asked, with the address, the class of the last
    error and how often it was tried. `resolved_at__isnull=true` are those that no later crawl got either;
    `crawl_id=58` those of one crawl. A retry (`scrapy crawl equipment -a retry=1`) asks for them again."""
    return list_answer(request, FAILED_REQUESTS, "kind")

"""`/v1/failures`: what went wrong, and when."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from api.answers import list_answer
from api.asking_again import AskingAgain
from api.openapi import answers, list_parameters
from api.rows import JsonResponse
from api.schemas.statistics import FailurePage
from api.statistics.failures import FAILURES

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

"""Probes: is the process there, and can it serve?"""

from __future__ import annotations

import logging

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from api.asking_again import AskingAgain
from api.database import GONE_ADVICE, database_of
from api.openapi import answers
from api.problems import Problem
from api.rows import JsonResponse
from api.schemas.answers import Health, Ready

log = logging.getLogger(__name__)
router = APIRouter(route_class=AskingAgain, tags=["operation"])


@router.get("/health", summary="Does the process answer?", responses=answers(Health))
async def health() -> JsonResponse:
    """Says only that the process runs; it does not touch the database."""
    return JsonResponse({"status": "ok"})


@router.get("/ready", summary="Can it serve?", responses=answers(Ready, 503))
def ready(request: Request) -> JsonResponse:
    """503 with what to do where the database is out of reach, or where its schema is missing, too old or too new.
    It recovers by itself."""
    database = database_of(request)
    try:
        revision = database.revision()
        if not revision.current:
            raise Problem(
                503, "schema", "The database's schema does not fit", revision.advice, headers={"Retry-After": "30"}
            )
        latency_ms = database.latency_ms()
        replica = database.replica()
    except SQLAlchemyError as error:
        log.warning("not ready: %s", error.__cause__ or error)
        raise Problem(
            503,
            "database-unavailable",
            "The database is out of reach",
            f"{GONE_ADVICE} DATABASE_READ_URL or DATABASE_URL says where it is looked for.",
            headers={"Retry-After": "5"},
        ) from None
    answer = {
        "status": "ready",
        "database": database.dialect,
        "latency_ms": latency_ms,
        "revision": revision.found,
        "replica": replica,
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})

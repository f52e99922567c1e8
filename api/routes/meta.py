"""`/v1/meta`: what this is, how much of it there is, how new it is."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request

from api.answers import freshness_for, settings_of
from api.asking_again import AskingAgain
from api.database import database_of
from api.formats.choosing import FORMATS
from api.openapi import answers
from api.parameters import DEFAULT_LIMIT, refuse_unknown
from api.routes.snapshots import PARQUET
from api.rows import JsonResponse
from api.schemas.statistics import Meta
from api.serving.limits import Limit
from api.statistics.about import last_event, row_counts
from inventory.listing import VERTICALS

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["documentation"])
SERVED: Final = {name: found.media_type for name, found in FORMATS.items()} | {"parquet": PARQUET}


@router.get("/meta", summary="What this is, and how new", responses=answers(Meta, 422, 503))
def meta(request: Request) -> JsonResponse:
    """Name, version, licence of the data (as the operator set it), rows, last change, formats and where to read on. Row
    counts of very large tables are the database's own guess (`exact` says so)."""
    refuse_unknown(request.query_params)
    settings, database = settings_of(request), database_of(request)
    rate = Limit.parsed(settings.api_rate_limit)
    with database.read() as connection:
        rows = row_counts(connection, database.dialect)
        last = last_event(connection)
        fresh = freshness_for(request, connection, ())
    body: dict[str, Any] = {
        "name": request.app.title,
        "version": request.app.version,
        "api": "v1",
        "promise": "Columns may be added to /v1; none is renamed or given another meaning.",
        "licence": settings.data_licence or None,
        "verticals": list(VERTICALS),
        "rows": rows,
        "last_change": last,
        "formats": SERVED,
        "limits": {"default": DEFAULT_LIMIT, "largest": settings.api_max_page_size},
        "rate_limit": None if rate is None else {"requests": rate.requests, "seconds": rate.seconds},
        "links": {
            "openapi": f"{request.base_url}openapi.json",
            "docs": f"{request.base_url}docs",
            "schema": f"{request.base_url}v1/schema",
        },
    }
    return JsonResponse(body | fresh)

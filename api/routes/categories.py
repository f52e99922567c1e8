"""`/v1/categories`: the tree, with how much stock stands under each branch."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from api.asking_again import AskingAgain
from api.database import database_of
from api.openapi import VERTICAL_PARAMETER, answers
from api.parameters import refuse_unknown
from api.problems import ParameterError, bad_parameters, suggest
from api.queries.categories import counts_by_category, tree, uncategorised
from api.rows import JsonResponse
from api.schemas.answers import CategoryTree
from inventory.listing import VERTICALS

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["categories"])


@router.get(
    "/categories",
    summary="The tree of categories with counts",
    responses=answers(CategoryTree, 422, 503),
    openapi_extra={"parameters": [VERTICAL_PARAMETER]},
)
def categories(request: Request) -> JsonResponse:
    """A category includes its children: its count is what `/v1/listings?category=` finds."""
    refuse_unknown(request.query_params, ("vertical",))
    vertical = _vertical(request.query_params.getlist("vertical"))
    with database_of(request).read() as connection:
        rows = [(slug, status, count) for slug, status, count in connection.execute(counts_by_category())]
    return JsonResponse({"data": tree(rows, vertical), "uncategorised": uncategorised(rows)})


def _vertical(texts: list[str]) -> str | None:
    if not texts:
        return None
    if len(texts) > 1 or texts[0] not in VERTICALS:
        detail = f"{', '.join(texts)!r} is not one of {', '.join(VERTICALS)}"
        raise bad_parameters([ParameterError("vertical", detail, suggest(texts[0], VERTICALS))])
    return texts[0]

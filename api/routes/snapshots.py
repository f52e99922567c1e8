"""`/v1/snapshots`: each vertical whole, as a Parquet file that DuckDB, pandas and Arrow read over HTTP."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from api.answers import settings_of
from api.asking_again import AskingAgain
from api.openapi import answers
from api.parameters import refuse_unknown
from api.problems import not_found
from api.ranges import FileAnswer
from api.rows import JsonResponse
from api.schemas.snapshots import SnapshotList
from inventory.listing import VERTICALS
from inventory.snapshots.place import snapshot_file, snapshots

router = APIRouter(route_class=AskingAgain, prefix="/v1", tags=["snapshots"])
PARQUET: Final = "application/vnd.apache.parquet"
_BYTES: Final[dict[str, Any]] = {PARQUET: {"schema": {"type": "string", "format": "binary"}}}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The whole file", "content": _BYTES},
    206: {"description": "The part that `Range` asks for", "content": _BYTES},
    304: {"description": "The client has it (`If-None-Match`, `If-Modified-Since`)"},
    416: {"description": "`Range` begins behind the end; `Content-Range` says how long the file is"},
}


@router.get("/snapshots", summary="The snapshots that there are", responses=answers(SnapshotList, 422))
def list_snapshots(request: Request) -> JsonResponse:
    """A Parquet file a vertical, written after each crawl: the columns of `/v1/listings`, typed. `data_as_of` is when
    the newest whole healthy crawl in it ended."""
    refuse_unknown(request.query_params)
    shown = [
        asdict(found) | {"url": str(request.url_for("snapshot", vertical=found.vertical))}
        for found in snapshots(settings_of(request).snapshot_dir)
    ]
    return JsonResponse({"data": shown})


@router.get(
    "/snapshots/{vertical}.parquet",
    name="snapshot",
    summary="All listings of a vertical as Parquet",
    response_class=Response,
    responses=_FILE | {status: found for status, found in answers(None, 404, 422).items() if status != 200},
)
def snapshot(
    request: Request,
    vertical: Annotated[Literal[VERTICALS], Path(description="Which stock")],  # type: ignore[valid-type]
) -> Response:
    """With `Content-Length`, `ETag`, `Last-Modified` and byte ranges, so that `read_parquet` fetches only what a query
    needs. Never compressed on the way: the file is. 404 until the first crawl has written it."""
    refuse_unknown(request.query_params)
    folder = settings_of(request).snapshot_dir
    head = bool(request.scope.get("state", {}).get("head"))
    if folder is not None:
        with suppress(FileNotFoundError):
            return FileAnswer(snapshot_file(folder, vertical), PARQUET, dict(request.headers.items()), head=head)
    raise not_found(f"snapshot of {vertical}")

"""`/`: what is here, for a person with a browser."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.asking_again import AskingAgain
from api.database import database_of, failure
from api.page_home import FAVICON, Overview, home_page
from api.queries.home import dealer_count, last_crawls, stock

router = APIRouter(route_class=AskingAgain, include_in_schema=False)
# The page needs nothing but itself, and says so to the browser.
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"}


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Counts, last crawls, links to try. Where the database cannot be read: 503 with what to do."""
    base = str(request.base_url).rstrip("/")
    database = database_of(request)
    try:
        with database.read() as connection:
            overview = Overview(
                stock=[(vertical, status, count) for vertical, status, count in connection.execute(stock())],
                dealers=connection.execute(dealer_count()).scalar_one(),
                crawls=[dict(row) for row in connection.execute(last_crawls()).mappings()],
            )
    except SQLAlchemyError as error:
        problem = failure(database, error)
        if problem is None:
            raise
        return HTMLResponse(home_page(base, None, problem.detail), 503, HEADERS | dict(problem.headers))
    return HTMLResponse(home_page(base, overview), headers=HEADERS)


@router.get("/favicon.svg")
async def favicon() -> Response:
    """The page's sign."""
    return Response(FAVICON, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})

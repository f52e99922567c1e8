"""The app: `uvicorn api.app:app`. Read-only, one pool of connections, nothing that blocks the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api.access.guard import access_of
from api.access.identity import AccessError
from api.database import Database, database_answer
from api.gate import Gate
from api.openapi import DESCRIPTION, document
from api.problems import Problem, crash_answer, http_answer, problem_answer, validation_answer
from api.routes import (
    categories,
    changes,
    crawls,
    dealers,
    facets,
    failures,
    health,
    home,
    listings,
    meta,
    queue,
    schema,
    snapshots,
    stats,
    units,
)
from api.routes.comparables import router as comparables
from api.routes.documentation import add_documentation
from api.routes.trends import router as trends
from api.serving.log_lines import set_up
from api.serving.metrics import ApiMetrics, templates_of
from api.serving.metrics import router as metrics
from api.serving.stack import add_middleware, serving
from api.standing import Standing
from api.statistics.freshness import Sights
from inventory.engine import DatabaseUrlError, database_url
from inventory.redis_connection import check_redis
from inventory.settings import Settings, SettingsError, load_settings

VERSION: Final = "1.0.0"
TAGS: Final = [
    {"name": "listings", "description": "What dealers offer, and offered."},
    {"name": "units", "description": "The machines and products themselves, whoever offers them."},
    {"name": "statistics", "description": "What is said about many of them at once."},
    {"name": "changes", "description": "What happened to them."},
    {"name": "snapshots", "description": "All listings of a vertical as a file."},
    {"name": "categories", "description": "What kinds of things there are."},
    {"name": "dealers", "description": "Who offers them."},
    {"name": "crawls", "description": "When they were looked at, and how that went."},
    {"name": "documentation", "description": "What is served, and what it means."},
    {"name": "operation", "description": "For probes."},
]


def create_app(settings: Settings) -> FastAPI:
    """An app over the database that the settings name. It is connected when the app starts, not before."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        set_up(settings)
        database = app.state.database = Database(settings)
        try:
            async with serving(app, settings, database):
                yield
        finally:
            database.close()

    app = FastAPI(
        title="Yardstick",
        summary="Dealers' stock, read-only",
        description=DESCRIPTION,
        version=VERSION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.settings = settings
    app.state.sights = Sights()
    app.state.standing = Standing()
    app.state.heavy = Gate(settings.api_heavy_at_once)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    _add_handlers(app)
    app.state.access = access = access_of(settings)
    modules = (
        listings,
        units,
        facets,
        stats,
        changes,
        categories,
        dealers,
        crawls,
        failures,
        queue,
        schema,
        meta,
        health,
        home,
        snapshots,
    )
    routers = [*(module.router for module in modules), trends, comparables, metrics]
    app.state.metrics = ApiMetrics(templates_of(routers), lambda: app.state.database.engine.pool)
    add_middleware(app, settings, access)
    for router in routers:
        app.include_router(router)
    add_documentation(app)
    return app


def _add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(Problem, problem_answer)
    app.add_exception_handler(RequestValidationError, validation_answer)
    app.add_exception_handler(HTTPException, http_answer)
    app.add_exception_handler(SQLAlchemyError, database_answer)
    app.add_exception_handler(Exception, crash_answer)


def _process_app() -> FastAPI:
    """The app of this process's environment; a setting that cannot be used ends the start with one clear line."""
    try:
        settings = load_settings()
        database_url(settings.read_url)
        check_redis(settings)
        return create_app(settings)
    except (SettingsError, DatabaseUrlError, AccessError) as error:
        raise SystemExit(str(error)) from None


app: Final = _process_app()

"""What every request passes, in its order, and what that needs while the app runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api.access.guard import Access, Guard
from api.access.warn import WarnIfOpen
from api.database import Database
from api.formats.choosing import FORMATS
from api.lines import Lines
from api.middleware import REQUEST_ID, Head, RequestId
from api.serving.answers import Answers
from api.serving.cached import Cached
from api.serving.in_turn import InTurn
from api.serving.limits import Limit, RateLimit
from api.serving.log_lines import AccessLines
from api.serving.metrics import Metered
from api.serving.near import Near
from api.serving.redis_link import RedisLink
from api.serving.tagged import Tagged
from api.serving.validators import digest
from api.serving.version import DataVersion, source_of
from inventory.settings import Settings

NOT_COMPRESSED: Final = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/vnd.apache.parquet", FORMATS["xlsx"].media_type)
"""Files that are compressed in themselves; a part of one (206) must be its own bytes."""
READ_BY_BROWSERS: Final = ["ETag", "Link", REQUEST_ID, "RateLimit", "RateLimit-Policy", "Retry-After"]
SENT_BY_BROWSERS: Final = ["Authorization", "If-Modified-Since", "If-None-Match", "X-API-Key", REQUEST_ID]


def add_middleware(app: FastAPI, settings: Settings, access: Access) -> None:
    """From the inside out: what is added last sees a request first."""
    # Nothing is believed to be fresh without asking; asking is cheap (304).
    cache_control = b"private, no-cache" if access.limited else b"public, no-cache"
    vary = b"Accept, Accept-Encoding, Authorization, X-API-Key" if access.limited else b"Accept, Accept-Encoding"
    app.add_middleware(InTurn)
    app.add_middleware(Tagged, cache_control=cache_control)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5, exclude_content_types=NOT_COMPRESSED)
    salt = digest(code_digest(), settings.model_dump_json())  # without its secrets
    app.add_middleware(Cached, salt=salt, cache_control=cache_control, vary=vary)
    limit = Limit.parsed(settings.api_rate_limit)
    if limit is not None:
        app.add_middleware(RateLimit, limit=limit)
    if access.limited:
        app.add_middleware(Guard, access=access)
    else:
        app.add_middleware(WarnIfOpen)
    app.add_middleware(Head)
    origins = [origin.strip() for origin in settings.api_cors_origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD"],
            allow_headers=SENT_BY_BROWSERS,
            expose_headers=READ_BY_BROWSERS,
        )
    app.add_middleware(RequestId)
    app.add_middleware(AccessLines, json=settings.log_format == "json")
    app.add_middleware(Metered, metrics=app.state.metrics)


@asynccontextmanager
async def serving(app: FastAPI, settings: Settings, database: Database) -> AsyncIterator[None]:
    """Puts `version`, `lines`, `redis` and `answers` into the app's state: `lines` is None without PostgreSQL, the last
    two without REDIS_URL."""
    source = source_of(database, settings)
    link = None
    if settings.redis_url is not None:
        link = RedisLink(settings.redis_url.get_secret_value(), parameters=settings.redis_parameters)
    app.state.version = DataVersion(source.ask)
    lines = app.state.lines = Lines(database, settings) if database.dialect == "postgresql" else None
    app.state.redis = link
    app.state.answers = None
    if link is not None:
        near = Near(settings.cache_memory_mb * 1024 * 1024)
        app.state.answers = Answers(near, link, ttl_s=settings.cache_ttl_s, largest=settings.cache_entry_kb * 1024)
    await app.state.version.current()  # connects before the first request comes
    try:
        yield
    finally:
        await source.close()
        if lines is not None:
            await lines.close()
        if link is not None:
            await link.close()


@cache
def code_digest() -> str:
    """Of all that makes answers out of data: another release finds nothing that an older one kept."""
    root = Path(__file__).parents[2]
    parts: list[bytes | str] = []
    for package in ("api", "inventory"):
        for file in sorted((root / package).rglob("*")):
            if file.suffix in (".py", ".csv", ".html", ".css"):
                parts += [file.relative_to(root).as_posix(), file.read_bytes()]
    return digest(*parts)

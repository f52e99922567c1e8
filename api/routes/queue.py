"""`/v1/queue`: what crawlers that share a queue are doing now. From Redis, not from the database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request

from api.answers import settings_of
from api.openapi import answers
from api.parameters import refuse_unknown
from api.problems import Problem
from api.rows import JsonResponse
from api.schemas.queue import QueueAnswer
from inventory.queue_view import QueuedCrawl, QueueView, read_queue
from inventory.redis_connection import connection_options

router = APIRouter(prefix="/v1", tags=["crawls"])
LONGEST_S: Final = 2.0


@router.get("/queue", summary="Crawls that are queued, and how far they are", responses=answers(QueueAnswer, 422, 503))
async def queue(request: Request) -> JsonResponse:
    """One row for each dealer whose crawl is queued: what waits, what is in work, until when the dealer is left alone.
    Where crawlers do not share a queue, `distributed` is false and there are no rows. 503 while Redis does not
    answer."""
    refuse_unknown(request.query_params)
    settings = settings_of(request)
    if not settings.distributed or settings.redis_url is None:
        return JsonResponse({"distributed": False, "workers_alive": 0, "data": []})
    view = await _view(settings.redis_url.get_secret_value(), settings.redis_parameters)
    rows = [_row(crawl) for crawl in view.crawls]
    return JsonResponse({"distributed": True, "workers_alive": len(view.workers), "data": rows})


async def _view(url: str, parameters: Mapping[str, Any]) -> QueueView:
    name = "yardstick-api-queue"
    options = connection_options(url, parameters, answer_s=LONGEST_S, name=name, decode_responses=True)
    redis: Any = Redis.from_url(url, **options)
    try:
        async with asyncio.timeout(2 * LONGEST_S):
            return await read_queue(redis)
    except (RedisError, OSError, TimeoutError):
        raise Problem(503, "queue-away", "The queue is away", "Redis, which holds the queue, does not answer") from None
    finally:
        await redis.aclose()


def _row(crawl: QueuedCrawl) -> dict[str, Any]:
    state = "held" if crawl.held_until else "running"
    state = "ending" if crawl.cut_short else "stopped" if crawl.stopped else state
    same = ("dealer", "vertical", "crawl_id", "started_at", "requests", "waiting", "delayed", "leased", "pages")
    return {name: getattr(crawl, name) for name in same} | {
        "state": state,
        "delay_s": crawl.delay_s,
        "held_until": crawl.held_until,
        "held_why": crawl.held_why,
    }

"""Asking the queue for what cannot go on without its answer: again and again, until the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from redis.exceptions import RedisError
from scrapy.crawler import Crawler

from crawler.frontier.queue import SharedQueue
from crawler.frontier.redis_errors import LAST_WORDS_S, is_lasting

Answer = TypeVar("Answer")

PAUSE_S: Final = 0.5


async def until_answered(ask: Callable[[], Awaitable[Answer]], queue: SharedQueue, crawler: Crawler) -> Answer:
    """What the queue answers. Raises `QueueGivenUp` where it stays away while the process ends, and Redis's own errors
    where asking again cannot help."""
    while True:
        try:
            return await ask()
        except (RedisError, OSError) as error:
            if is_lasting(error):
                raise
            if not crawler.crawling:
                queue.give_up(LAST_WORDS_S)
            await asyncio.sleep(PAUSE_S)

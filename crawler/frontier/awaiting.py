"""What `scrapy crawl` waits for where crawls are shared: that they end; not for what nobody may go on with now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from redis.exceptions import RedisError

from crawler.frontier.queue import SharedQueue

logger = logging.getLogger(__name__)

LOOK_S: Final = 1.0
"""How often it is looked whether what is left is stopped."""

STOPPED: Final = "its crawl is stopped: `scrapy queue resume {name}`, and a worker or this command goes on with it"
AWAY: Final = "Redis (REDIS_URL) has not answered for {seconds:g} s: what is queued goes on when it does"
NO_DATABASE: Final = "the database (DATABASE_URL) takes nothing for {seconds:g} s: what is queued goes on when it does"


async def until_ended(
    awaited: Mapping[int, str],
    all_ended: asyncio.Event,
    queue: SharedQueue,
    patience_s: float,
    database_stays_away: Callable[[float], Awaitable[bool]],
) -> dict[str, str]:
    """Wait for crawls (id → dealer; those that end are taken out, and at last `all_ended` is set).

    Returns the dealers of those that are left, with why: all of them are stopped, or the database stays away for
    `patience_s`, or Redis, after which the queue is given up.
    """
    loop = asyncio.get_running_loop()
    heard = loop.time()
    while awaited:
        try:
            async with asyncio.timeout(LOOK_S):
                await all_ended.wait()
            break
        except TimeoutError:
            pass
        try:
            stopped = await queue.stopped(awaited)
            heard = loop.time()
        except (RedisError, OSError):
            if loop.time() - heard >= patience_s:
                queue.give_up()
                return {name: AWAY.format(seconds=patience_s) for name in awaited.values()}
            continue
        if await database_stays_away(patience_s):
            return {name: NO_DATABASE.format(seconds=patience_s) for name in awaited.values()}
        if awaited and awaited.keys() <= stopped:
            return {name: STOPPED.format(name=name) for name in awaited.values()}
    return {}

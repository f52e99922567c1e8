"""Redis as a help that may fail: short waits, and after a failure it is left alone for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from inventory.redis_connection import connection_options

log = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST_S: Final = 0.25
"""Of one question. Longer than that, the database is asked instead."""
PAUSE_S: Final = 5.0
"""After a failure."""
MOST_WRITES: Final = 64
"""Under way at a time; what comes on top is not kept."""
COUNT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class RedisLink:
    """Every method answers None, or does nothing, while Redis is gone or slow. Errors are logged once a pause."""

    def __init__(
        self, url: str, clock: Callable[[], float] = time.monotonic, *, parameters: Mapping[str, Any] | None = None
    ) -> None:
        options = connection_options(
            url, parameters or {}, answer_s=LONGEST_S, name="yardstick-api", max_connections=MOST_WRITES * 2
        )
        self._redis: Any = Redis.from_url(url, **options)
        self._clock = clock
        self._closed_until = 0.0
        self._wanted: dict[str, asyncio.Future[bytes | None]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._writes: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> bool:
        """Whether Redis is asked at present."""
        return self._clock() >= self._closed_until

    async def get(self, key: str) -> bytes | None:
        """The value of the key. Questions that come while one runs go together in the next."""
        if not self.open:
            return None
        future = self._wanted.get(key)
        if future is None:
            future = self._wanted[key] = asyncio.get_running_loop().create_future()
            if self._reader is None:
                self._reader = asyncio.create_task(self._read_wanted())
        return await asyncio.shield(future)

    async def _read_wanted(self) -> None:
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                values = await self._guarded(self._redis.mget(list(wanted))) or [None] * len(wanted)
                for future, value in zip(wanted.values(), values, strict=True):
                    future.set_result(value)
        finally:
            self._reader = None

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Stores it in the background."""
        if self.open and len(self._writes) < MOST_WRITES:
            self._later(self._redis.set(key, value, ex=ttl_s))

    async def count(self, key: str, ttl_s: int) -> int | None:
        """One more; how many it is now. The counter ends by itself."""
        return await self._guarded(self._redis.eval(COUNT, 1, key, ttl_s)) if self.open else None

    def uncount(self, key: str) -> None:
        """One less, in the background."""
        if self.open and len(self._writes) < MOST_WRITES:
            self._later(self._redis.decr(key))

    async def close(self) -> None:
        """Ends what is under way."""
        under_way = [*self._writes, *([self._reader] if self._reader else [])]
        if under_way:
            await asyncio.wait(under_way, timeout=2 * LONGEST_S)
        await self._redis.aclose()

    def _later(self, command: Awaitable[Any]) -> None:
        async def run() -> None:
            await self._guarded(command)

        task = asyncio.create_task(run())
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _guarded(self, command: Awaitable[T]) -> T | None:
        try:
            async with asyncio.timeout(2 * LONGEST_S):
                return await command
        except (RedisError, OSError, TimeoutError) as error:
            if self.open:
                # The class only: what the error says may hold the URL with its password.
                log.warning("Redis does not answer (%s): going on without it for %d s", type(error).__name__, PAUSE_S)
            self._closed_until = self._clock() + PAUSE_S
            return None

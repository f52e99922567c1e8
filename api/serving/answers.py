"""Kept answers, in this process and in Redis. A key names data, address and minute: what is kept is never stale."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final

from api.serving.near import Answer, Near
from api.serving.redis_link import RedisLink

log = logging.getLogger(__name__)
PREFIX = "yardstick:answer:"
WAITED_FOR_S: Final = 10.0
"""Whoever waits longer for what another request makes makes it himself."""


class Answers:
    """Whoever asks for what is just being made waits for it instead of making it again."""

    def __init__(self, near: Near, link: RedisLink, *, ttl_s: int, largest: int) -> None:
        self.largest = largest
        self._near = near
        self._link = link
        self._ttl_s = ttl_s
        self._making: dict[str, asyncio.Future[Answer | None]] = {}

    def near(self, key: str) -> Answer | None:
        """What this process has."""
        return self._near.get(key)

    async def get(self, key: str) -> Answer | None:
        """What Redis has, or what another request is making. None: the caller makes it, and must call `made`."""
        making = self._making.get(key)
        if making is not None:
            with suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(making), WAITED_FOR_S)
            return None
        future = self._making[key] = asyncio.get_running_loop().create_future()
        try:
            value = await self._link.get(PREFIX + key)
            found = None if value is None else _read(value)
        except BaseException:
            self._end(key, future, None)
            raise
        if found is not None:
            self._near.put(key, found)
            self._end(key, future, found)
        return found

    def made(self, key: str, answer: Answer | None) -> None:
        """Keeps an answer that `get` did not have; None where it is not one to keep."""
        future = self._making.get(key)
        if future is not None:
            self._end(key, future, answer)
        if answer is not None:
            self._near.put(key, answer)
            self._link.put(PREFIX + key, answer.packed(), self._ttl_s)

    def _end(self, key: str, future: asyncio.Future[Answer | None], answer: Answer | None) -> None:
        if self._making.get(key) is future:
            del self._making[key]
        if not future.done():
            future.set_result(answer)


def _read(value: bytes) -> Answer | None:
    try:
        return Answer.unpacked(value)
    except ValueError:
        log.warning("what Redis has under our key is not ours")
        return None

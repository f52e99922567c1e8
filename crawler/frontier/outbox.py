"""What a worker has to say to the queue, sent in batches: a few milliseconds' worth, or fifty."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any, Final

from redis.exceptions import RedisError

from crawler.frontier.queue import Op, SharedQueue
from crawler.frontier.redis_errors import is_our_bug

logger = logging.getLogger(__name__)

BATCH_S: Final = 0.005
FULL: Final = 50
MOST: Final = 200
"""Operations of one call: Redis does nothing else meanwhile."""

PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Waits while Redis is away."""

QUEUE_REFUSED: Final = "queue_refused"
_TOLD: Final = "the queue refused what a worker had to say (a bug: see its log)"
_ENDS: Final = ("ack", "requeue", "lead", "put_off")
"""Operations by which a lease ends and counts."""

_COUNTS: Final = ("push", *_ENDS)
"""Operations without which a crawl is not whole."""

Told = Callable[[bool], None]


class Outbox:
    """Keeps the order. What Redis did not answer is said again, which changes nothing where it was heard.

    `lost` is called where something was given up, after the crawls that it belonged to were cut short.
    """

    def __init__(
        self, queue: SharedQueue, flushed: Callable[[], None], lost: Callable[[], None] = lambda: None
    ) -> None:
        self._queue = queue
        self._flushed = flushed
        self._tell_lost = lost
        self._lost = False
        self._ops: list[tuple[Op, Told | None]] = []
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None

    def add(self, op: Op, told: Told | None = None) -> None:
        """Say something soon; `told` hears whether it was accepted."""
        self._ops.append((op, told))
        self._empty.clear()
        self._some.set()
        if len(self._ops) >= FULL:
            self._full.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    @property
    def leases(self) -> list[str]:
        """Names of leases whose end is not said yet."""
        return [f"{op[1]} {op[2]}" for op, _ in self._ops if op[0] in (*_ENDS, "back")]

    async def drain(self, within_s: float) -> bool:
        """Wait until all is said; False where it took too long."""
        try:
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        except TimeoutError:
            logger.warning("%d answers could not be given to the queue; their requests are done again", len(self._ops))
            return False
        finally:
            if self._task is not None:
                self._task.cancel()
        return True

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            if len(self._ops) < FULL:
                try:
                    async with asyncio.timeout(BATCH_S):
                        await self._full.wait()
                except TimeoutError:
                    pass
            self._full.clear()
            batch = self._ops[:MOST]
            refused = await self._said([op for op, _ in batch])
            del self._ops[: len(batch)]
            if not self._ops:
                self._some.clear()
            for number, (_, told) in enumerate(batch):
                if told is not None:
                    told(number not in refused)
            if self._lost:
                self._lost = False
                self._tell_lost()
            self._flushed()
            if not self._ops:
                self._empty.set()

    async def _said(self, ops: list[Any]) -> set[int]:
        pauses = iter(PAUSES_S)
        while True:
            try:
                return await self._queue.commit(ops)
            except (RedisError, OSError) as error:
                if is_our_bug(error):
                    logger.exception("the queue cannot take %d answers", len(ops))
                    await self._cut_short(ops)
                    return set(range(len(ops)))
                logger.debug("Redis does not answer: %s", type(error).__name__)
                await asyncio.sleep(next(pauses, PAUSES_S[-1]))

    async def _cut_short(self, ops: list[Any]) -> None:
        """Crawls that lost something end early: without a page's follow-ups their stock would look smaller."""
        self._lost = True
        if len(ops) == 1 and ops[0][0] == "cut":
            return
        cuts = {op[1]: cut(op[1], QUEUE_REFUSED, QUEUE_REFUSED, _TOLD) for op in ops if op[0] in _COUNTS}
        for op in (cuts | {op[1]: op for op in ops if op[0] == "cut"}).values():
            await self._said([op])


def cut(crawl_id: int, reason: str, failure_class: str, told: str) -> Op:
    """A crawl ends early; `told` is for a person."""
    return ["cut", crawl_id, reason, json.dumps([failure_class, told])]

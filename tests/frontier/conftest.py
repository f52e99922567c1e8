"""A Redis for the tests of the frontier, emptied before each of them."""

from __future__ import annotations

import asyncio

import pytest

from crawler.frontier.queue import Opening, SharedQueue, client


class Workers:
    """Queues of several workers in one test, at one Redis."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.redis = client(url)
        self._open: list[SharedQueue] = []

    def queue(self, worker: str = "one", lease_s: float = 60.0) -> SharedQueue:
        found = SharedQueue(client(self.url), worker=worker, lease_s=lease_s)
        self._open.append(found)
        return found

    async def close(self) -> None:
        for queue in self._open:
            await queue.close()
        await self.redis.aclose()


@pytest.fixture
def play(redis_url: str):
    """Runs a scenario: `play(scenario)` calls it with `Workers`."""

    def run(scenario):
        async def whole():
            workers = Workers(redis_url)
            try:
                return await scenario(workers)
            finally:
                await workers.close()

        return asyncio.run(asyncio.wait_for(whole(), 20))

    return run


def opening(crawl_id=1, dealer="acme", first=3, delay_s=0.0, cap=0, longest_s=3600.0, **state):
    """A crawl whose first requests are sections `0`, `1`, …"""
    return Opening(
        crawl_id=crawl_id,
        state={"dealer": dealer, "vertical": "equipment"} | state,
        delay_s=delay_s,
        cap=cap,
        longest_s=longest_s,
        first=[("s", 0, f"{crawl_id}-{number}", f"{dealer}/{number}") for number in range(first)],
    )

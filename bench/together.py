"""What a shared queue costs: 8 dealers of 25 pages with a delay beside Scrapy's own scheduler, and Redis's memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scrapy import Request
from scrapy.utils.request import fingerprint

from bench.measured import Measured
from crawler.frontier.queue import Opening, SharedQueue, client
from crawler.frontier.wire import MARK, packed
from crawler.platforms.visit import Visit
from tests.crawl.crawling import environment, scrapy
from tests.frontier.yards import running_yards
from tests.servers import warm_scrapy
from tests.servers.redis import running_redis

NAME: Final = "together"
DEALERS: Final = 8
MACHINES: Final = 24
DELAY_S: Final = 0.2
QUEUED: Final = 20_000
FREE: Final = 1_000_000
"""A crawl that there is not."""


def measure() -> Iterator[Measured]:
    """Both, on a Redis of its own."""
    with running_redis() as redis:
        local = _seconds({})
        together = _seconds({"REDIS_URL": redis.url, "DISTRIBUTED": "true"})
        yield Measured(
            NAME, f"{DEALERS} dealers of {MACHINES + 1} pages, {DELAY_S} s apart: Scrapy's scheduler", local, "s"
        )
        yield Measured(NAME, "the same through the queue", together, "s")
        yield Measured(NAME, "of Scrapy's", together / local, "", "≤ 1.2")
        yield Measured(NAME, "Redis's memory of a queued request", asyncio.run(_bytes(redis.url)), "bytes")
    warm_scrapy.end_all()


def _seconds(shared: Mapping[str, str]) -> float:
    """From the first request that a dealer got to the last one, over all dealers."""
    with running_yards(DEALERS, MACHINES) as yards, tempfile.TemporaryDirectory() as folder:
        yards.write_dealers(Path(folder), f"delay_s = {DELAY_S}")
        env = environment(f"sqlite:///{folder}/yard.sqlite", DEALERS_DIR=folder, **shared)
        status, _, said = scrapy(env, "crawl", "equipment")
        if status != 0:
            raise RuntimeError(f"the crawl ended with {status}: {said}")
        times = [at for number in range(DEALERS) for at, _, _ in yards.log(number)]
    return max(times) - min(times)


async def _bytes(url: str) -> float:
    queue = SharedQueue(client(url), worker="bench")
    redis = client(url)
    try:
        await queue.open(Opening(crawl_id=FREE, state={"dealer": "acme"}, delay_s=0, cap=0, longest_s=3600))
        before = (await redis.info("memory"))["used_memory"]
        for start in range(0, QUEUED, 200):
            await queue.commit([_push(number) for number in range(start, start + 200)])
        return float((await redis.info("memory"))["used_memory"] - before) / QUEUED
    finally:
        await redis.aclose()
        await queue.close()


def _push(number: int) -> list[object]:
    url = f"https://www.acme-equipment.example/used/excavators/2016-caterpillar-320-{number}"
    visit = Visit(url, "detail", "excavators", 3, known={"price": "$43,000", "title": "2016 Caterpillar 320"})
    request = Request(url, cb_kwargs={"dealer": "acme", "visit": visit.as_json()}, priority=10, meta={"depth": 3})
    request.headers["Referer"] = "https://www.acme-equipment.example/used/excavators?page=3"
    return ["push", FREE, "d", 10, 0, fingerprint(request).hex()[:MARK], packed(request)]

"""`/v1/queue` shows the queue that crawlers share, and says where there is none or Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi.testclient import TestClient
from pydantic import SecretStr

from crawler.frontier.queue import SharedQueue, client
from inventory.settings import Settings
from tests.frontier.conftest import opening

ClientFor = Callable[..., TestClient]
EMPTY = {"distributed": False, "workers_alive": 0, "data": []}


def shared(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"redis_url": SecretStr(url), "distributed": True})


async def _fill(url: str) -> None:
    queue = SharedQueue(client(url), worker="one")
    try:
        await queue.open(opening(58, "northside", first=4, delay_s=0.5))
        await queue.open(opening(59, "southside", first=2))
        answer = await queue.lease(1, only=[58])
        [lease] = answer.leases
        put_off = ["requeue", 58, lease.request_id, lease.holder, {"pages": 1}, lease.payload, answer.now + 60]
        await queue.commit([put_off, ["hold", "northside", answer.now + 30, "it answers 503", False]])
        await queue.stop(59)
    finally:
        await queue.close()


def test_each_queued_crawl_is_shown(sqlite_settings: Settings, redis_url: str, client_for: ClientFor) -> None:
    asyncio.run(_fill(redis_url))
    api = client_for(shared(sqlite_settings, redis_url))
    answer = api.get("/v1/queue").json()
    assert (answer["distributed"], answer["workers_alive"]) == (True, 1)
    held, stopped = answer["data"]
    assert (held["dealer"], held["crawl_id"], held["state"], held["held_why"]) == (
        "northside",
        58,
        "held",
        "it answers 503",
    )
    assert (held["requests"], held["waiting"], held["delayed"], held["leased"], held["pages"]) == (4, 3, 1, 0, 1)
    assert held["held_until"] is not None
    assert (stopped["dealer"], stopped["state"], stopped["waiting"]) == ("southside", "stopped", 2)
    assert api.get("/v1/queue?dealer=northside").status_code == 422


def test_what_was_shown_is_not_kept_while_it_changes(
    sqlite_settings: Settings, redis_url: str, client_for: ClientFor
) -> None:
    api = client_for(shared(sqlite_settings, redis_url))
    first = api.get("/v1/queue")
    assert api.get("/v1/queue", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    asyncio.run(_fill(redis_url))
    assert len(api.get("/v1/queue", headers={"If-None-Match": first.headers["etag"]}).json()["data"]) == 2


def test_where_there_is_no_queue_it_says_so(sqlite_settings: Settings, client_for: ClientFor) -> None:
    assert client_for(sqlite_settings).get("/v1/queue").json() == EMPTY


def test_while_redis_is_away_it_answers_503(sqlite_settings: Settings, client_for: ClientFor) -> None:
    answer = client_for(shared(sqlite_settings, "redis://127.0.0.1:1/0")).get("/v1/queue")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:yardstick:problem:queue-away")

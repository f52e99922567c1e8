"""What the shared queue of crawlers holds now, for people and programs that only look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from inventory.queue_keys import RUNNING, WORKERS, crawl_key, pace_key

_STATE: Final = ("vertical", "started", "paused", "cut_short", "limit")
_PACE: Final = ("delay", "held_until", "held_why", "cap")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedCrawl:
    """One dealer's crawl that is queued. `requests` is all that is open: waiting, delayed, leased."""

    dealer: str
    vertical: str
    crawl_id: int
    started_at: datetime | None
    requests: int
    waiting: int
    delayed: int
    leased: int
    pages: int
    delay_s: float
    held_until: datetime | None
    held_why: str | None
    stopped: bool
    cut_short: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """The queue at a moment. `workers` are those alive: host, process, and letters of chance."""

    at: datetime
    workers: Sequence[str]
    crawls: Sequence[QueuedCrawl]


async def read_queue(redis: Any) -> QueueView:
    """Two round trips, whatever the queue holds. `redis` is redis-py's asynchronous client with decoded answers."""
    async with redis.pipeline(transaction=False) as first:
        first.time()
        first.hgetall(RUNNING)
        first.zrange(WORKERS, 0, -1, withscores=True)
        (seconds, micro), running, workers = await first.execute()
    now = seconds + micro / 1e6
    async with redis.pipeline(transaction=False) as second:
        for dealer, crawl_id in sorted(running.items()):
            second.hmget(crawl_key(crawl_id, "state"), *_STATE)
            second.hlen(crawl_key(crawl_id, "requests"))
            second.zcard(crawl_key(crawl_id, "waiting"))
            second.zcard(crawl_key(crawl_id, "delayed"))
            second.hlen(crawl_key(crawl_id, "leased"))
            second.hget(crawl_key(crawl_id, "account"), "pages")
            second.hmget(pace_key(dealer), *_PACE)
        answers = await second.execute() if running else []
    groups = zip(*[iter(answers)] * 7, strict=True)
    crawls = [
        _crawl(dealer, int(crawl_id), now, *group)
        for (dealer, crawl_id), group in zip(sorted(running.items()), groups, strict=True)
    ]
    alive = sorted(name for name, until in workers if until > now)
    return QueueView(at=datetime.fromtimestamp(now, UTC), workers=alive, crawls=crawls)


def _crawl(
    dealer: str,
    crawl_id: int,
    now: float,
    state: list[str | None],
    requests: int,
    waiting: int,
    delayed: int,
    leased: int,
    pages: str | None,
    pace: list[str | None],
) -> QueuedCrawl:
    vertical, started, paused, cut_short, _ = state
    delay, held_until, held_why, _ = pace
    held = float(held_until or 0) > now
    return QueuedCrawl(
        dealer=dealer,
        vertical=vertical or "",
        crawl_id=crawl_id,
        started_at=datetime.fromtimestamp(float(started), UTC) if started else None,
        requests=requests,
        waiting=waiting,
        delayed=delayed,
        leased=leased,
        pages=int(pages or 0),
        delay_s=float(delay or 0),
        held_until=datetime.fromtimestamp(float(held_until or 0), UTC) if held else None,
        held_why=held_why if held else None,
        stopped=paused is not None,
        cut_short=cut_short,
    )

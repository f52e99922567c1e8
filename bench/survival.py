"""`python -m bench.survival [RUNS]`: crawls that survive.

Three workers on 8 dealers with 2,000 pages; ten times at random one is killed with -9 and replaced; Redis is restarted
once (AOF everysec), PostgreSQL once. Nothing may be lost or done twice: every listing stored once, every crawl closed
once, nothing left in the queue.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redis import Redis
from sqlalchemy import text

from inventory.engine import writer_engine
from inventory.queue_keys import PREFIX
from inventory.schema import migrate
from inventory.settings import load_settings
from tests.crawl.crawling import environment, rows
from tests.frontier.processes import Running
from tests.frontier.yards import Yards, most_in_a_window, running_yards
from tests.servers import warm_scrapy
from tests.servers.postgres_pair import single_postgres
from tests.servers.redis import running_redis

DEALERS: Final = 8
MACHINES: Final = 240
WORKERS: Final = 3
KILLS: Final = 10
DELAY_S: Final = 0.15
LONGEST_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Survived:
    """What became of one run; `wrong` says what must not be."""

    seconds: float
    pages_asked: int
    asked_again: int
    most_in_ten_seconds: int
    wrong: tuple[str, ...]


def survive(seed: int) -> Survived:
    """One run."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(running_redis("--appendonly", "yes", "--appendfsync", "everysec"))
        postgres = stack.enter_context(single_postgres())
        yards = stack.enter_context(running_yards(DEALERS, MACHINES, wait_s=0.02))
        yards.write_dealers(folder, f"delay_s = {DELAY_S}")
        engine = writer_engine(load_settings(database_url=postgres.url()))
        migrate(engine)
        engine.dispose()
        env = environment(
            postgres.url(), REDIS_URL=redis.url, DISTRIBUTED="true", DEALERS_DIR=str(folder), LEASE_SECONDS="5"
        )
        workers = [stack.enter_context(Running(("work",), env)) for _ in range(WORKERS)]
        began = time.monotonic()
        queued = stack.enter_context(Running(("queue", "add"), env))
        if queued.wait() != 0:
            raise RuntimeError(queued.said)
        said = []
        redis_at, postgres_at = chance.sample(range(KILLS), 2)
        for number in range(KILLS):
            time.sleep(chance.uniform(1.0, 3.0))
            place = chance.randrange(WORKERS)
            said.append(workers[place].end())
            workers[place] = stack.enter_context(Running(("work",), env))
            if number == redis_at:
                redis.restart()
            if number == postgres_at:
                postgres.restart()
        while _open(postgres.url()) and time.monotonic() - began < LONGEST_S:
            time.sleep(0.25)
            for place, worker in enumerate(workers):  # as whoever runs them does: one that finds no database ends
                if worker.has_ended:
                    said.append(worker.end())
                    workers[place] = stack.enter_context(Running(("work",), env))
        time.sleep(1.0)
        seconds = time.monotonic() - began
        wrong = tuple(_wrong(postgres.url(), redis.url, yards))
        logs = [yards.log(number) for number in range(DEALERS)]
        most = max(most_in_a_window([at for at, _, _ in log]) for log in logs)
        if most > 10 / DELAY_S + 1:
            wrong = (*wrong, "the pace was not kept")
        if wrong:
            sys.stderr.write("\n".join([*said, *(worker.said for worker in workers)]))
    pages = Counter((number, path) for number, log in enumerate(logs) for _, path, _ in log if path != "/robots.txt")
    return Survived(seconds, pages.total(), pages.total() - len(pages), most, wrong)


def _open(url: str) -> bool:
    try:
        crawls = rows(url, "crawls")
    except Exception:  # it is being restarted
        return True
    return len(crawls) < DEALERS or any(row["ended_at"] is None for row in crawls)


def _wrong(url: str, redis_url: str, yards: Yards) -> Iterator[str]:
    stored = Counter(row["dealer"] for row in rows(url, "listings"))
    if stored != dict.fromkeys(yards.names, MACHINES):
        yield f"stored: {stored}"
    crawls = rows(url, "crawls")
    for row in crawls:
        if (row["outcome"], row["listings_seen"]) != ("healthy", MACHINES):
            yield f"{row['dealer']}: {row['outcome']}, {row['reason']}, {row['listings_seen']} seen"
    if Counter(row["dealer"] for row in crawls) != dict.fromkeys(yards.names, 1):
        yield f"crawls: {len(crawls)}"
    engine = writer_engine(load_settings(database_url=url))
    with engine.connect() as connection:
        listed = connection.execute(text("SELECT count(*) FROM events WHERE kind = 'listed'")).scalar_one()
        others = connection.execute(text("SELECT count(*) FROM events WHERE kind <> 'listed'")).scalar_one()
    engine.dispose()
    if (listed, others) != (DEALERS * MACHINES, 0):
        yield f"events: {listed} listed, {others} others"
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        closed = (":state", ":account", ":workers", ":turn:keep", f"{PREFIX}pace:")
        left = [key for key in redis.keys("*") if not any(part in key for part in closed)]
    if left:
        yield f"left in the queue: {left}"


def main() -> int:
    """Prints a line a run; status 1 where one went wrong."""
    bad = 0
    for seed in range(1, int(sys.argv[1]) + 1 if len(sys.argv) > 1 else 2):
        found = survive(seed)
        bad += bool(found.wrong)
        print(
            f"run {seed}: {found.seconds:.0f} s, {found.pages_asked} requests, {found.asked_again} of them again, "
            f"at most {found.most_in_ten_seconds} requests at a dealer in 10 s (allowed {int(10 / DELAY_S + 1)}): "
            f"{'; '.join(found.wrong) or 'nothing lost, nothing twice'}",
            flush=True,
        )
    warm_scrapy.end_all()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

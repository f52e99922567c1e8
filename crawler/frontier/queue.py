"""The queue of requests that all workers share, in Redis: a few Lua scripts, asked without blocking the event loop.

Structures (docs/distributed.md has the reasons): a ring of crawls by whose turn it is, and for each crawl its requests
(JSON), those that wait by priority, those that wait for a time, those that are leased, fingerprints, and the account.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from scrapy_redis.connection import get_redis

from crawler.frontier.dropping import MOST_LET_GO
from crawler.frontier.redis_errors import QueueGivenUp
from inventory.queue_keys import PREFIX, RUNNING, crawl_key
from inventory.redis_connection import connection_options

SCRIPTS: Final = Path(__file__).with_name("scripts")
ANSWER_S: Final = 10.0
"""Longest time that Redis may take for an answer before the connection counts as lost."""

SLACK_S: Final = 0.1
"""So late a request may leave after its time (half a delay at most); the pace is slower by as much in ten seconds, so
that no ten seconds hold more than they may."""

A_BATCH: Final = 500
"""Requests that were never asked which are told at once."""

Op = Sequence[Any]
"""What commit.lua does, with its arguments."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One request that this worker may send once. `start_in_s`: from when on, as of the answer of Redis."""

    crawl_id: int
    request_id: str
    holder: str
    payload: str
    start_in_s: float
    lost: int
    """Workers that died with it before."""
    asked: int
    """What a crawl with a limit has asked for so far."""
    delay_s: float
    """Between two requests to its dealer, as it is now."""
    probe: bool
    """Whether it is the one that tries a dealer which was held back."""

    @property
    def name(self) -> str:
        """As the queue's list of a worker's leases has it."""
        return f"{self.crawl_id} {self.request_id}"


@dataclass(frozen=True, slots=True)
class Leased:
    """What a worker was given. `now`: Redis's clock; `wait_s`: until there may be more; `known`: it was alive.

    `held`: dealers whose requests nobody may send, until when by Redis's clock.
    """

    now: float
    leases: list[Lease]
    to_close: list[int]
    wait_s: float
    known: bool
    held: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A crawl to be queued: `state` has what every worker must know of it, `first` its first requests.

    An entry of `first`: kind (`s` section, `d` detail), priority, fingerprint, payload.
    """

    crawl_id: int
    state: Mapping[str, str | int]
    delay_s: float
    cap: int
    longest_s: float
    first: Sequence[tuple[str, int, str, str]] = field(default_factory=list)
    account: Mapping[str, int] = field(default_factory=dict)
    """What counts from the beginning."""


class SharedQueue:
    """All methods raise redis-py's `RedisError` (or `OSError`) where Redis is away; each may be asked again then."""

    def __init__(self, redis: Any, *, worker: str = "", lease_s: float = 60.0, ttl_s: int = 3 * 86_400) -> None:
        self._redis = redis
        self.worker = worker
        self.lease_s = lease_s
        self.ttl_s = ttl_s
        self.given_up = False
        self._heard = time.monotonic()
        common = (SCRIPTS / "common.lua").read_text(encoding="utf-8")
        self._scripts = {
            file.stem: redis.register_script(common + file.read_text(encoding="utf-8"))
            for file in SCRIPTS.glob("*.lua")
            if file.stem != "common"
        }

    async def open(self, opening: Opening) -> bool:
        """Queue a crawl with its first requests; False where one of its dealer is under way."""
        return bool(
            await self._run(
                "open",
                crawl=opening.crawl_id,
                state=dict(opening.state),
                pace={"delay": opening.delay_s, "cap": opening.cap},
                ttl=self.ttl_s,
                longest_s=opening.longest_s,
                first=list(opening.first),
                account=dict(opening.account),
            )
        )

    async def lease(
        self,
        room: int,
        *,
        per: int = 16,
        ahead_s: float = 0.5,
        only: Iterable[int] | None = None,
        skip: Iterable[int] = (),
        holding: Iterable[str] | None = None,
    ) -> Leased:
        """Say that this worker is alive, and take up to `room` requests, up to `per` of a crawl.

        `only` are the crawls to take from (all of them), each time the same; `holding` are the names of all leases that
        we have, said after the connection was lost.
        """
        more: dict[str, Any] = {"only": list(only)} if only is not None else {}
        if holding is not None:
            more["holding"] = list(holding)
        nonce = secrets.token_hex(4)
        now, flat, to_close, wait_s, known, held = await self._run(
            "lease",
            worker=self.worker,
            nonce=nonce,
            lease_s=self.lease_s,
            room=room,
            per=per,
            ahead=ahead_s,
            slack=SLACK_S,
            most_unasked=MOST_LET_GO,
            skip=list(skip),
            **more,
        )
        holder = f"{self.worker}/{nonce}"
        leases = [
            Lease(int(crawl), rid, holder, payload, float(start), int(lost), int(asked), float(delay), bool(probe))
            for crawl, rid, payload, start, lost, asked, delay, probe in zip(*[iter(flat)] * 8, strict=True)
        ]
        until = {dealer: float(at) for dealer, at in zip(*[iter(held)] * 2, strict=True)}
        return Leased(float(now), leases, [int(crawl) for crawl in to_close], float(wait_s), bool(known), until)

    async def commit(self, ops: Sequence[Op]) -> set[int]:
        """Do it in this order; the numbers of those that were refused. A Redis that takes no writes does none of it."""
        return {int(number) for number in await self._run("commit", worker=self.worker, ttl=self.ttl_s, ops=list(ops))}

    async def permit(self, dealer: str, longest_s: float = 1e9, *, probe: bool = False) -> tuple[float, bool]:
        """Seconds until one more request may be sent to a dealer, and whether that moment is kept for it.

        It is not where the dealer is held (unless `probe`, and it is being tried) or the wait is over `longest_s`: ask
        again then.
        """
        wait_s, kept = await self._run("permit", dealer=dealer, slack=SLACK_S, longest=longest_s, probe=probe)
        return float(wait_s), bool(kept)

    async def claim(self, crawl_id: int, claims: Sequence[tuple[str, str]]) -> list[bool]:
        """Whether each listing (request id, key) belongs to its request: the first that said so has it."""
        answers = await self._run("claim", crawl=crawl_id, claims=list(claims), ttl=self.ttl_s)
        return [bool(answer) for answer in answers]

    async def unasked(self, crawl_id: int, written: Sequence[tuple[str, Mapping[str, int]]]) -> list[tuple[str, str]]:
        """Some requests (id, payload) of a crawl to be closed that nobody will ask; none where there are no more.

        `written` are those that are written down, each with what it counts: they are forgotten.
        """
        flat = await self._run("unasked", crawl=crawl_id, most=A_BATCH, written=list(written))
        return list(zip(flat[::2], flat[1::2], strict=True))

    async def stop(self, crawl_id: int) -> bool:
        """Hand out nothing of a crawl until `resume`; False where there is no such crawl."""
        return bool(await self._run("control", what="stop", crawl=crawl_id))

    async def resume(self, crawl_id: int) -> bool:
        """Go on with a crawl."""
        return bool(await self._run("control", what="resume", crawl=crawl_id))

    async def cut(self, crawl_id: int, why: str) -> bool:
        """End a crawl: what nobody has begun is dropped."""
        return bool(await self._run("control", what="cut", crawl=crawl_id, why=why))

    async def keep(self, crawl_id: int, grace_s: float) -> bool:
        """A crawl's keys do not expire yet; one that is `grace_s` over its time is closed whatever is leased."""
        return bool(await self._run("control", what="keep", crawl=crawl_id, ttl=self.ttl_s, grace_s=grace_s))

    async def closed(self, crawl_id: int, verdict: Mapping[str, Any]) -> bool:
        """A crawl is closed in the database: its requests are forgotten, its account stays for ten minutes."""
        return bool(await self._run("control", what="closed", crawl=crawl_id, verdict=json.dumps(verdict)))

    async def running(self) -> dict[str, int]:
        """Dealer → crawl of all crawls that are queued; not those whose state expired, or has a verdict."""
        found: Mapping[str, str] = await self._redis.hgetall(RUNNING)
        async with self._redis.pipeline(transaction=False) as asked:
            for crawl in found.values():
                asked.hmget(crawl_key(crawl, "state"), "dealer", "verdict")
            states = await asked.execute() if found else []
        entries = zip(found.items(), states, strict=True)
        return {dealer: int(crawl) for (dealer, crawl), (known, verdict) in entries if known and not verdict}

    async def stopped(self, crawl_ids: Iterable[int]) -> set[int]:
        """Those of these crawls of which nothing is handed out until `resume`."""
        asked_for = list(crawl_ids)
        async with self._redis.pipeline(transaction=False) as asked:
            for crawl_id in asked_for:
                asked.hexists(crawl_key(crawl_id, "state"), "paused")
            found = await asked.execute() if asked_for else []
        return {crawl_id for crawl_id, paused in zip(asked_for, found, strict=True) if paused}

    async def running_verticals(self) -> set[str]:
        """The verticals of which a crawl is queued."""
        crawls = (await self.running()).values()
        async with self._redis.pipeline(transaction=False) as asked:
            for crawl_id in crawls:
                asked.hget(crawl_key(crawl_id, "state"), "vertical")
            return set(await asked.execute()) if crawls else set()

    async def state(self, crawl_id: int) -> dict[str, str]:
        """What `Opening.state` said, and what became of the crawl since; empty where it is forgotten."""
        found: dict[str, str] = await self._redis.hgetall(crawl_key(crawl_id, "state"))
        return found

    async def is_worked_at(self, crawl_id: int) -> bool:
        """Whether any other worker is there that takes a crawl's requests."""
        seconds, _ = await self._redis.time()
        alive = await self._redis.zrangebyscore(f"{PREFIX}workers", seconds, "+inf")
        others = [name for name in alive if name != self.worker]
        only = await self._redis.hmget(f"{PREFIX}only", others) if others else []
        return any(said is None or crawl_id in json.loads(said) for said in only)

    async def account(self, crawl_id: int) -> dict[str, int]:
        """What all workers counted in requests that are done."""
        found: Mapping[str, str] = await self._redis.hgetall(crawl_key(crawl_id, "account"))
        return {name: int(number) for name, number in found.items()}

    async def turn(self, name: str, seconds: float) -> bool:
        """Whether this worker is the one that does a thing that one worker does each so many seconds."""
        said = await self._redis.set(f"{PREFIX}turn:{name}", self.worker, nx=True, px=max(1, int(seconds * 1000)))
        return bool(said)

    async def leave(self) -> None:
        """This worker is gone. Its leases were given back before; one that came since goes back as a dead worker's."""
        if await self._redis.scard(f"{PREFIX}worker:{self.worker}"):
            await self._redis.zadd(f"{PREFIX}workers", {self.worker: 0}, xx=True)
        else:
            await self._redis.zrem(f"{PREFIX}workers", self.worker)
            await self._redis.hdel(f"{PREFIX}only", self.worker)

    def give_up(self, after_s: float = 0.0) -> None:
        """Redis stays away (for so long): whoever waits for its scripts hears `QueueGivenUp` from now on."""
        self.given_up |= time.monotonic() - self._heard >= after_s

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

    async def _run(self, script: str, **args: Any) -> Any:
        if self.given_up:
            raise QueueGivenUp("Redis stayed away: the process ends")
        answer = await self._scripts[script](keys=[PREFIX], args=[json.dumps(args, ensure_ascii=False)])
        self._heard = time.monotonic()
        return answer


def client(url: str, **parameters: Any) -> Any:
    """A client that waits for no answer longer than `ANSWER_S`, and leaves it to us to ask again.

    `parameters` are redis-py's, such as those of scrapy-redis's setting REDIS_PARAMS. Raises `SettingsError`.
    """
    name = "yardstick-crawler"
    options = connection_options(url, parameters, answer_s=ANSWER_S, name=name, decode_responses=True)
    return get_redis(redis_cls=Redis, url=url, **options)


def worker_name() -> str:
    """host:pid:random: no two are the same."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"

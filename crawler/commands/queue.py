"""`scrapy queue`: what the shared queue holds, and what is to be crawled next."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from redis.exceptions import RedisError
from rich.console import Console

from crawler.database_command import DONE, NO_DATABASE, WRONG_USE, DatabaseCommand, WrongUse
from crawler.dealers.declaration import Dealer
from crawler.dealers.due import is_due
from crawler.dealers.errors import DealerFileError, UnknownDealerName, did_you_mean
from crawler.dealers.loading import choose, load_dealers
from crawler.frontier.connecting import queue_redis, unfit_for_a_queue
from crawler.frontier.opening import QUEUE, Wanted, queue_crawl
from crawler.frontier.queue import SharedQueue
from crawler.frontier.queue_ledger import QueueLedger
from crawler.frontier.redis_errors import told
from crawler.frontier.shared_book import ttl_s
from crawler.platforms import PlatformError, platform_of
from crawler.reports.queue import queue_table
from crawler.spiders.plan import Planned
from crawler.spiders.retrying import retry_of
from inventory.database import database
from inventory.engine import writer_engine
from inventory.ledger import Busy, NotDue, last_begun
from inventory.queue_view import read_queue
from inventory.settings import Settings, load_settings
from inventory.store.failures import to_retry
from pipelines.standard_output import put_json

WORDS: Final = ("add", "show", "retry", "stop", "resume")


class Command(DatabaseCommand):
    """Adds, shows, retries, stops, resumes."""

    name: ClassVar[str] = "queue"
    wrong_use: ClassVar[tuple[type[Exception], ...]] = (DealerFileError, PlatformError, UnknownDealerName)

    def syntax(self) -> str:
        """Shown by --help."""
        return "add [--due] [NAME…] | show | retry [NAME…] | stop NAME… | resume NAME…"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "The queue that workers share: add dealers, show it, retry what failed, stop and resume"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "The queue in REDIS_URL at which `scrapy work` works (DISTRIBUTED=true). "
            "add: queues these dealers, or all; --due only those whose last crawl began as long ago as their file's "
            "`every` says. A dealer whose crawl still runs is not queued twice. "
            "show: what runs, waits and is held back (a table on a terminal, JSON when piped). "
            "retry: queues the pages that failed in each dealer's last crawl. "
            "stop: hands out nothing more of these dealers' crawls, until resume. "
            "Exit status: 0 done, 2 wrong use, 4 Redis or the database cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--due", action="store_true", help="add: only dealers whose time has come (`every`)")
        parser.add_argument("--fresh", action="store_true", help="add: read every page again, changed or not")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises `WrongUse`."""
        if not args or args[0] not in WORDS:
            raise WrongUse(f"say one of {', '.join(WORDS)}")
        if (opts.due or opts.fresh) and args[0] != "add":
            raise WrongUse(f"--due and --fresh belong to add, not to {args[0]}")
        if args[0] in ("stop", "resume") and len(args) == 1:
            raise WrongUse(f"{args[0]}: name the dealers")
        if args[0] == "show" and len(args) > 1:
            raise WrongUse("show: takes no names")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Ask Redis."""
        settings = load_settings()
        if not settings.distributed:
            raise WrongUse("DISTRIBUTED is not true: there is no queue (docs/distributed.md)")
        word, names = args[0], args[1:]
        assert self.settings is not None
        redis = queue_redis(settings, self.settings)
        if word == "show":
            return self._ask(_show(redis))
        if word in ("stop", "resume"):
            return self._ask(_switch(redis, word, names))
        dealers = load_dealers(settings.dealers_dir, os.environ)
        if not dealers:
            raise WrongUse(f"no dealer file in {settings.dealers_dir}/ (docs/adding-a-dealer.md)")
        chosen = list((choose(dealers, names) if names else dealers).values())
        _may_ask(chosen, settings)
        database(settings).dispose()  # it has its tables now
        return self._ask(_add(settings, redis, chosen, opts) if word == "add" else _retry(settings, redis, chosen))

    def _ask(self, work: Awaitable[int]) -> int:
        async def asked() -> int:
            return await work

        try:
            return asyncio.run(asked())
        except (RedisError, OSError) as error:
            self.end(NO_DATABASE, told(error))


async def _show(redis: Any) -> int:
    try:
        view = await read_queue(redis)
    finally:
        await redis.aclose()
    if sys.stdout.isatty():
        Console().print(queue_table(view))
    else:
        put_json(asdict(view), indent=True)
    return DONE


async def _switch(redis: Any, word: str, names: Iterable[str]) -> int:
    queue = SharedQueue(redis)
    status = DONE
    try:
        running = await queue.running()
        stopped = await queue.stopped(running.values())
        for name in names:
            switch = queue.stop if word == "stop" else queue.resume
            if name not in running or not await switch(running[name]):
                near = did_you_mean(name, list(running))
                sys.stderr.write(f"scrapy queue: {name}: no crawl of it is queued{near}\n")
                status = WRONG_USE
            elif word == "stop":
                print(f"{name}: stopped")
            else:
                print(f"{name}: {'goes on' if running[name] in stopped else 'was not stopped'}")
        if word == "resume":
            await _say_who_works(queue, stopped & {running.get(name) for name in names})
    finally:
        await queue.close()
    return status


async def _add(settings: Settings, redis: Any, chosen: list[Dealer], opts: argparse.Namespace) -> int:
    if opts.due:
        engine = writer_engine(settings)
        try:
            now = datetime.now(UTC)
            begun = await asyncio.to_thread(last_begun, engine, now)
        finally:
            engine.dispose()
        chosen = [dealer for dealer in chosen if is_due(dealer, begun.get(dealer.name), now)]
    return await _each(settings, redis, chosen, lambda dealer: Wanted(fresh=opts.fresh, due=opts.due))


async def _retry(settings: Settings, redis: Any, chosen: list[Dealer]) -> int:
    engine = writer_engine(settings)
    try:
        failed = {dealer.name: await asyncio.to_thread(to_retry, engine, dealer.name) for dealer in chosen}
    finally:
        engine.dispose()

    retries = {
        dealer.name: retry_of(failed[dealer.name], platform_of(dealer), tuple(dealer.sections)) for dealer in chosen
    }
    for name, retry in retries.items():
        if retry.told:
            sys.stderr.write(f"scrapy queue: {name}: {retry.told}\n")

    def wanted(dealer: Dealer) -> Wanted | None:
        visits = retries[dealer.name].visits
        return Wanted(visits=visits) if visits else None

    return await _each(settings, redis, chosen, wanted)


async def _each(settings: Settings, redis: Any, chosen: list[Dealer], wanted: Callable[[Dealer], Wanted | None]) -> int:
    queue, ledger = SharedQueue(redis, ttl_s=ttl_s(settings)), QueueLedger(settings)
    new = []
    try:
        for dealer in chosen:
            planned = Planned(dealer, tuple(dealer.sections))
            if (said := wanted(dealer)) is None:
                print(f"{dealer.name}: nothing failed")
                continue
            queued = await queue_crawl(planned, platform_of(dealer), said, queue, ledger, settings)
            new += [queued] if isinstance(queued, int) else []
            print(f"{dealer.name}: {await _told(queued, dealer.name, queue)}")
        if new:
            await _say_who_works(queue, new[:1])  # whoever takes new crawls takes all of them
            if unfit := await unfit_for_a_queue(redis):
                sys.stderr.write(f"scrapy queue: {unfit}\n")
    finally:
        ledger.dispose()
        await queue.close()
    if not chosen:
        print("nothing is due")
    return DONE


async def _say_who_works(queue: SharedQueue, crawl_ids: Iterable[int]) -> None:
    if not all([await queue.is_worked_at(crawl_id) for crawl_id in crawl_ids]):
        sys.stderr.write("scrapy queue: no worker takes it: it waits for `scrapy work` on any machine\n")


async def _told(queued: int | Busy | NotDue, name: str, queue: SharedQueue) -> str:
    if isinstance(queued, int):
        return f"crawl {queued} is queued"
    if isinstance(queued, NotDue):
        return f"is not due: a crawl of it began at {queued.begun:%Y-%m-%dT%H:%M:%SZ}"
    going = (await queue.running()).get(name)
    if going is not None and await queue.stopped([going]):
        return f"its crawl is stopped: `scrapy queue resume {name}`"
    if queued.owner != QUEUE:
        return f"{queued.owner} is crawling it, or has died: its reservation holds until {queued.until:%H:%M:%SZ}"
    return f"{QUEUE} is crawling it already"


def _may_ask(chosen: Iterable[Dealer], settings: Settings) -> None:
    strangers = [dealer.name for dealer in chosen if not dealer.on_loopback]
    if strangers and not settings.contact:
        raise WrongUse(f"CONTACT is not set: an e-mail address or URL by which {strangers[0]} and others reach you")

"""Ending crawls that many workers share: one of them closes each, judged by the account of all."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import RedisError
from scrapy.crawler import Crawler
from sqlalchemy.exc import SQLAlchemyError

from crawler.frontier.account import add
from crawler.frontier.joining import crawl_of_state
from crawler.frontier.wire import left_of
from crawler.revisits.memory import PageMemory
from crawler.tracking.crawl_signals import crawl_closed, vertical_done
from crawler.tracking.failure_book import failure_book_of
from crawler.tracking.report_row import report_of
from crawler.tracking.verdict import CUT_SHORT, Verdict, judge
from inventory.ledger import Report
from inventory.log_lines import event

if TYPE_CHECKING:
    from crawler.frontier.shared_book import SharedCrawlBook
    from crawler.frontier.worker import Worker
    from crawler.tracking.dealer_crawl import DealerCrawl

logger = logging.getLogger(__name__)

LOOK_S: Final = 0.5
"""How often a worker looks whether crawls of its own have ended."""

LAST_WORDS_S: Final = 30.0


class Closing:
    """Closes crawls, keeps their reservations, and hears of those that others closed."""

    def __init__(self, crawler: Crawler, book: SharedCrawlBook, worker: Worker) -> None:
        self._crawler = crawler
        self._book = book
        self._worker = worker
        self._tasks: dict[int | str, asyncio.Task[None]] = {}
        self._looked = self._kept = time.monotonic()
        self._away = False
        self.owners: dict[int, str] = {}
        """Under which name each crawl's dealer is reserved in the database."""

    def close(self, crawl_id: int) -> None:
        """All of a crawl is done: end it."""
        self._begin(crawl_id, self._close(crawl_id))

    def look_after(self) -> None:
        """What is to be done now and then."""
        now = time.monotonic()
        if now - self._looked >= LOOK_S:
            self._looked = now
            self._begin("look", self._look())
        if now - self._kept >= self._worker.queue.lease_s / 3:
            self._kept = now
            self._begin("keep", self._keep())

    async def finish(self) -> None:
        """Let what is being closed be closed."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=LAST_WORDS_S)

    async def look(self) -> dict[str, int]:
        """The crawls that run, by dealer. What this worker takes part in and is none of them has ended elsewhere."""
        running = await self._worker.queue.running()
        going = set(running.values())
        ours = {number: crawl.dealer.name for number, crawl in self._worker.joining.crawls.items()} | self._book.awaited
        for crawl_id, name in ours.items():
            if crawl_id not in going and crawl_id not in self._tasks:
                await self._ended_elsewhere(crawl_id, name)
        return running

    async def database_stays_away(self, seconds: float) -> bool:
        """Whether the database has taken nothing from us for so long, and does not keep our crawls now either."""
        ledger = self._book.queue_ledger
        if ledger.away_s < seconds:
            return False
        ours = {name: self.owners[number] for number, name in self._book.awaited.items() if number in self.owners}
        try:
            await ledger.renew(ours)
        except SQLAlchemyError:
            return True
        return False

    def _begin(self, name: int | str, work: Coroutine[Any, Any, None]) -> None:
        if name in self._tasks:
            work.close()
            return
        task = asyncio.create_task(self._careful(work))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _careful(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
            self._away = self._away and self._book.queue_ledger.away_s > 0
        except (RedisError, OSError, SQLAlchemyError) as error:  # another try follows, here or elsewhere
            level = logging.DEBUG if self._away else logging.WARNING
            logger.log(level, "Redis or the database does not answer: %s: tried again", type(error).__name__)
            self._away = True
        except Exception:
            logger.exception("a bug of ours in closing")

    async def _look(self) -> None:
        self._worker.joining.say_what_else_was_counted()
        await self.look()

    async def _close(self, crawl_id: int) -> None:
        queue = self._worker.queue
        self._worker.joining.say_what_else_was_counted()
        state = await queue.state(crawl_id)
        if "dealer" not in state or "verdict" in state:
            return
        dealer = self._worker.spider.dealer_named(state["dealer"])
        if dealer is None:
            await self._close_unknown(crawl_id, state)
            return
        crawl = crawl_of_state(dealer, crawl_id, state, PageMemory())
        await self._write_down_what_is_left(crawl, crawl_id, retry=bool(state.get("retry")))
        add(crawl, await queue.account(crawl_id))
        verdict = judge(crawl)
        report = report_of(crawl, verdict)
        if not await self._book.queue_ledger.end(dealer.name, state["owner"], crawl_id, report):
            # Somebody closed it before: one of us who died before he could say so, or who took the dealer over.
            verdict = await self._recorded(crawl_id) or Verdict("stopped", CUT_SHORT["lease_lost"], "lease_lost")
        said = {"outcome": verdict.outcome, "reason": verdict.reason, "failure_class": verdict.failure_class}
        await queue.closed(crawl_id, said)
        level = logging.INFO if verdict.outcome == "healthy" else logging.WARNING
        closed = event("crawl_closed", **crawl.name_fields(), seconds=crawl.seconds, **asdict(report))
        logger.log(level, "%s: %s %s", dealer.name, verdict.outcome, verdict.reason, extra=closed)
        crawl.ended = True
        self._tell(crawl_id, verdict)
        self._show(dealer.name, crawl)
        self._book.closed[dealer.name] = verdict
        self._crawler.signals.send_catch_log(crawl_closed, crawl=crawl, verdict=verdict)
        if dealer.vertical not in await queue.running_verticals():
            await self._crawler.signals.send_catch_log_async(vertical_done, vertical=dealer.vertical)

    async def _write_down_what_is_left(self, crawl: DealerCrawl, crawl_id: int, *, retry: bool) -> None:
        """What nobody asked for any more, or once more, becomes rows of `failures`, before the queue forgets it."""
        queue, failures, dealer = self._worker.queue, failure_book_of(self._crawler), crawl.dealer.name
        left = await queue.unasked(crawl_id, [])
        if left and crawl_id not in self._worker.joining.crawls:
            await failures.recall(dealer)
            failures.asks_again(dealer, retry)
        number = 0
        while left:
            number += len(left)
            readable = {request_id: found for request_id, payload in left if (found := left_of(payload))}
            numbers = dict(zip(readable, await failures.left(crawl, readable.values()), strict=True))
            told = [(request_id, numbers.get(request_id, {"errors.bug": 1})) for request_id, _ in left]
            left = await queue.unasked(crawl_id, told)
        if number:
            logger.warning("%s: %d pages were not asked for any more, or not once more", dealer, number)

    async def _ended_elsewhere(self, crawl_id: int, name: str) -> None:
        """Another worker closed it; or the queue has forgotten it, which nobody else may know."""
        state = await self._worker.queue.state(crawl_id)
        dealer = self._worker.spider.dealer_named(name)
        if "verdict" in state:
            verdict = Verdict(**json.loads(state["verdict"]))
            if dealer is not None:
                whole = crawl_of_state(dealer, crawl_id, state, PageMemory())
                add(whole, await self._worker.queue.account(crawl_id))
                whole.ended = True
                self._show(name, whole)
        else:
            verdict = await self.close_forgotten(crawl_id, name)
        self._tell(crawl_id, verdict)
        self._book.closed[name] = verdict

    async def close_forgotten(self, crawl_id: int, dealer: str) -> Verdict:
        """The verdict on a crawl of which Redis knows nothing any more: the recorded one, else that it was lost."""
        verdict = await self._recorded(crawl_id)
        if verdict is None:
            lost = Report(outcome="stopped", reason="Redis has forgotten its queue", failure_class="queue_lost")
            owner = self.owners.get(crawl_id, "")
            await self._book.queue_ledger.end(dealer, owner, crawl_id, lost)
            verdict = await self._recorded(crawl_id) or Verdict("stopped", lost.reason, "queue_lost")
        return verdict

    async def _recorded(self, crawl_id: int) -> Verdict | None:
        """What the database says of a crawl that has ended."""
        known = await self._book.queue_ledger.ended(crawl_id)
        if known is None:
            return None
        outcome: Any = known[0]
        return Verdict(outcome, known[1], known[2])

    async def _close_unknown(self, crawl_id: int, state: Mapping[str, str]) -> None:
        """A crawl whose dealer has no file here: another worker may have it; when its time is over, nobody had."""
        if time.time() < float(state["deadline"]) + self._worker.queue.lease_s:
            return
        gone = Report(outcome="stopped", reason="its dealer has no file any more", failure_class="dealer_unknown")
        await self._book.queue_ledger.end(state["dealer"], state["owner"], crawl_id, gone)
        said = {"outcome": gone.outcome, "reason": gone.reason, "failure_class": gone.failure_class}
        await self._worker.queue.closed(crawl_id, said)
        logger.warning("%s: crawl %d is closed: %s", state["dealer"], crawl_id, gone.reason)
        self._tell(crawl_id, Verdict("stopped", gone.reason, gone.failure_class))

    def _show(self, dealer: str, whole: DealerCrawl) -> None:
        """A crawl as a whole, unless this worker takes part in a newer one of its dealer."""
        present = self._book.crawls.get(dealer)
        if present is None or present.crawl_id == whole.crawl_id:
            self._book.crawls[dealer] = whole

    def _tell(self, crawl_id: int, verdict: Verdict) -> None:
        self._worker.joining.leave(crawl_id)
        self.owners.pop(crawl_id, None)
        self._book.ended(crawl_id, verdict)

    async def _keep(self) -> None:
        """One worker at a time keeps all reservations, and the keys of all crawls."""
        queue = self._worker.queue
        running = await queue.running()
        for dealer, crawl_id in running.items():
            if crawl_id not in self.owners and (owner := (await queue.state(crawl_id)).get("owner")):
                self.owners[crawl_id] = owner
            del dealer
        if not await queue.turn("keep", queue.lease_s / 4):
            return
        owners = {dealer: self.owners[crawl_id] for dealer, crawl_id in running.items() if crawl_id in self.owners}
        kept = await self._book.queue_ledger.renew(owners) if owners else set()
        for dealer, crawl_id in running.items():
            if dealer in owners and dealer not in kept:
                await queue.cut(crawl_id, "lease_lost")
            await queue.keep(crawl_id, grace_s=2 * queue.lease_s + 60)

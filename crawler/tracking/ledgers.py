"""The ledger as the crawl book uses it: off the event loop, in the database, or nowhere for a dry run."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol, runtime_checkable

from sqlalchemy.exc import OperationalError

from crawler.dealers.declaration import Dealer
from crawler.dealers.due import due_unless_since
from crawler.tracking.paused import PausedCrawl
from inventory import ledger
from inventory.engine import said, writer_engine
from inventory.ledger import Begun, Busy, DealerFacts, NotDue, Report
from inventory.pages import Recalled
from inventory.settings import Settings
from inventory.store import pages

logger = logging.getLogger(__name__)

TRIES_S: Final = (0.5, 2.0)
"""Waits before a crawl is closed once more, where the database did not take it."""


class Ledger(Protocol):
    """Who may crawl a dealer, the record of it, and what former crawls remember of its pages."""

    async def begin(self, dealer: Dealer, *, narrowed: bool, limited: bool, due: bool = False) -> Begun | Busy | NotDue:
        """Reserve a dealer and open its crawl; with `due` only if its time has come (`every`)."""

    async def renew(self, dealers: Sequence[str]) -> set[str]:
        """Keep the reservations; those that are still ours."""

    async def end(self, dealer: str, crawl_id: int | None, report: Report) -> bool:
        """Close a crawl and give the dealer free; False where it was taken over and closed by another process."""

    async def recall(self, dealer: str, reading: str, *, fresh: bool) -> Recalled:
        """What is remembered of a dealer's pages that were read by these rules; `fresh`: nothing any more."""

    async def follows(self, page_id: int) -> list[dict[str, Any]] | None:
        """The visits that a remembered page led to."""

    def dispose(self) -> None:
        """Give connections back."""


@runtime_checkable
class PausingLedger(Protocol):
    """A ledger whose crawls can stay open from one run to another."""

    async def pause(self, dealer: str, crawl_id: int | None) -> None:
        """Give a dealer free and leave its crawl open."""

    async def resume(self, dealer: Dealer, crawl_id: int) -> Begun | Busy | None:
        """Reserve a dealer and go on with a crawl; None where it was closed meanwhile."""


class DryLedger:
    """Nothing is reserved and nothing recorded."""

    async def begin(self, dealer: Dealer, *, narrowed: bool, limited: bool, due: bool = False) -> Begun:
        return Begun(crawl_id=0, seen_before=())

    async def renew(self, dealers: Sequence[str]) -> set[str]:
        return set(dealers)

    async def end(self, dealer: str, crawl_id: int | None, report: Report) -> bool:
        return True

    async def recall(self, dealer: str, reading: str, *, fresh: bool) -> Recalled:
        return Recalled()

    async def follows(self, page_id: int) -> list[dict[str, Any]] | None:
        return None

    def dispose(self) -> None:
        return None


class DatabaseLedger:
    """The ledger in the database, asked from threads so that the crawl goes on meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._engine = writer_engine(settings)
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._delist_after = settings.delist_after
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    async def begin(self, dealer: Dealer, *, narrowed: bool, limited: bool, due: bool = False) -> Begun | Busy | NotDue:
        now = _now()
        since = due_unless_since(dealer, now) if due else None
        call = partial(ledger.begin, narrowed=narrowed, limited=limited, unless_since=since)
        return await asyncio.to_thread(call, self._engine, facts_of(dealer), self._owner, self._lease, now)

    async def renew(self, dealers: Sequence[str]) -> set[str]:
        return await asyncio.to_thread(ledger.renew, self._engine, dealers, self._owner, _now() + self._lease)

    async def end(self, dealer: str, crawl_id: int | None, report: Report) -> bool:
        if crawl_id is None:
            return True
        call = partial(ledger.end, delist_after=self._delist_after)
        for wait_s in TRIES_S:
            try:
                return await asyncio.to_thread(call, self._engine, dealer, self._owner, crawl_id, report, _now())
            except OperationalError as error:  # restarting, locked, or another writer's order of locks: all undone
                logger.warning("%s: its crawl could not be closed yet: %s", dealer, said(error))
                await asyncio.sleep(wait_s)
        return await asyncio.to_thread(call, self._engine, dealer, self._owner, crawl_id, report, _now())

    async def pause(self, dealer: str, crawl_id: int | None) -> None:
        if crawl_id is not None:
            await asyncio.to_thread(ledger.pause, self._engine, dealer, self._owner, crawl_id)

    async def resume(self, dealer: Dealer, crawl_id: int) -> Begun | Busy | None:
        call = partial(ledger.resume, crawl_id=crawl_id)
        return await asyncio.to_thread(call, self._engine, dealer.name, self._owner, self._lease, _now())

    async def recall(self, dealer: str, reading: str, *, fresh: bool) -> Recalled:
        call = partial(pages.recall, fresh=fresh)
        return await asyncio.to_thread(call, self._engine, dealer, reading, _now())

    async def follows(self, page_id: int) -> list[dict[str, Any]] | None:
        return await asyncio.to_thread(pages.follows_of, self._engine, page_id)

    def dispose(self) -> None:
        self._engine.dispose()


async def reserved(
    ledger: Ledger, dealer: Dealer, paused: PausedCrawl | None, *, narrowed: bool, limited: bool, due: bool
) -> Begun | Busy | NotDue | None:
    """Reserve a dealer and open its crawl, or go on with one that was paused; None where that was closed meanwhile."""
    if paused is not None and isinstance(ledger, PausingLedger):
        return await ledger.resume(dealer, paused.crawl_id)
    return await ledger.begin(dealer, narrowed=narrowed, limited=limited, due=due)


def facts_of(dealer: Dealer) -> DealerFacts:
    """What the `dealers` table says of it."""
    return DealerFacts(
        name=dealer.name,
        vertical=dealer.vertical,
        title=dealer.title,
        platform=dealer.platform,
        url=dealer.url,
        country=dealer.country,
        currency=dealer.currency,
    )


def _now() -> datetime:
    return datetime.now(UTC)

"""The ledger of crawls that many processes share: each is reserved under a name of its own, which all of them know."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from crawler.dealers.declaration import Dealer
from crawler.dealers.due import due_unless_since
from crawler.tracking.ledgers import TRIES_S, facts_of
from inventory import ledger
from inventory.engine import said, writer_engine
from inventory.ledger import Begun, Busy, NotDue, Report
from inventory.pages import Recalled
from inventory.settings import Settings
from inventory.store import pages

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class QueueLedger:
    """Asks the database in threads. Raises SQLAlchemy's errors."""

    def __init__(self, settings: Settings) -> None:
        self._engine = writer_engine(settings)
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._delist_after = settings.delist_after
        self._away_since: float | None = None

    @property
    def away_s(self) -> float:
        """Seconds since the database began to refuse; 0 where it took what it was last told."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_since

    def failed(self) -> None:
        """The database has refused something, here or elsewhere."""
        if self._away_since is None:
            self._away_since = time.monotonic()

    async def _told(self, call: Callable[..., _T], *args: Any, **more: Any) -> _T:
        try:
            answer = await asyncio.to_thread(call, *args, **more)
        except SQLAlchemyError:
            self.failed()
            raise
        self._away_since = None
        return answer

    async def begin(
        self, dealer: Dealer, owner: str, *, narrowed: bool, limited: bool, due: bool
    ) -> Begun | Busy | NotDue:
        """Reserve a dealer under this name, and open its crawl; with `due` only if its time has come (`every`)."""
        now = _now()
        since = due_unless_since(dealer, now) if due else None
        call = partial(ledger.begin, narrowed=narrowed, limited=limited, unless_since=since)
        return await self._told(call, self._engine, facts_of(dealer), owner, self._lease, now)

    async def renew(self, owners: Mapping[str, str]) -> set[str]:
        """Keep the reservations (dealer → name); the dealers that still have them."""
        return await self._told(ledger.renew_each, self._engine, owners, _now() + self._lease)

    async def end(self, dealer: str, owner: str, crawl_id: int, report: Report) -> bool:
        """Close a crawl, whoever began it; False where it is closed."""
        call = partial(ledger.end, self._engine, dealer, owner, crawl_id, report)
        for wait_s in TRIES_S:
            try:
                return await self._told(call, now=_now(), delist_after=self._delist_after)
            except OperationalError as error:
                logger.warning("%s: its crawl could not be closed yet: %s", dealer, said(error))
                await asyncio.sleep(wait_s)
        return await self._told(call, now=_now(), delist_after=self._delist_after)

    async def ended(self, crawl_id: int) -> tuple[str, str, str | None] | None:
        """Outcome, reason and failure class of a crawl; None while it runs."""
        return await asyncio.to_thread(ledger.ended, self._engine, crawl_id)

    async def recall(self, dealer: str, reading: str, *, fresh: bool) -> Recalled:
        """What is remembered of a dealer's pages."""
        return await asyncio.to_thread(partial(pages.recall, fresh=fresh), self._engine, dealer, reading, _now())

    async def follows(self, page_id: int) -> list[dict[str, Any]] | None:
        """The visits that a remembered page led to."""
        return await asyncio.to_thread(pages.follows_of, self._engine, page_id)

    def dispose(self) -> None:
        """Give connections back."""
        self._engine.dispose()


def _now() -> datetime:
    return datetime.now(UTC)

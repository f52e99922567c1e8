"""Stores listings that come one by one, in a thread of its own: whole batches, in their order, tried again.

Reading and inference go on meanwhile; they wait while two batches are unwritten.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from inventory.engine import said
from inventory.ingested import enter_dealers
from inventory.listing import Listing, Vertical
from inventory.store.batch import store
from pipelines.corrections.applying import corrected
from pipelines.identity.matching import IdentityRules
from pipelines.ingest import Problem
from pipelines.outcomes import REFUSED

logger = logging.getLogger(__name__)

BATCH_ROWS: Final = 1000
FLUSH_S: Final = 1.0
UNWRITTEN_ROWS: Final = 2 * BATCH_ROWS
TRIES_S: Final = (1.0, 4.0, 10.0)
"""Waits between tries of a batch that the database did not take: a restart takes a few seconds."""


Numbered = tuple[int, Listing]


class Lost(RuntimeError):
    """The database cannot be written. `number` is the line of the first listing that is not stored."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


class BatchWriter:
    """Give it listings with `add`, end it with `close`; both raise `Lost` where the database cannot be written."""

    def __init__(
        self,
        engine: Engine,
        problem: Callable[[Problem], None],
        note: Callable[[str], None],
    ) -> None:
        self.outcomes: Counter[str] = Counter()
        """What became of the listings: new, changed, unchanged, again."""
        self.seconds = 0.0
        """Time that the database took, waits between tries left out."""
        self._engine, self._problem, self._note = engine, problem, note
        self._verticals: dict[str, Vertical] = {}
        self._waiting: list[Numbered] = []
        self._changed = threading.Condition()
        self._closing = False
        self._stop = threading.Event()
        self._lost: Lost | None = None
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def add(self, number: int, listing: Listing) -> None:
        """Take a listing; wait while the database lags two batches behind."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < UNWRITTEN_ROWS or self._lost)
            if self._lost:
                raise self._lost
            self._waiting.append((number, listing))
            if len(self._waiting) in (1, BATCH_ROWS):
                self._changed.notify_all()

    def close(self) -> None:
        """Write what is left."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        if self._lost:
            raise self._lost

    def give_up(self) -> None:
        """Try nothing again from now on: somebody wants to go."""
        self._stop.set()

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._write(batch)
            except Exception as error:
                if not isinstance(error, OperationalError | InterfaceError):  # ours: a person must see where
                    logger.exception("a batch of %d cannot be stored", len(batch))
                with self._changed:
                    self._lost = Lost(batch[0][0], said(error))
                    self._changed.notify_all()
                return

    def _next(self) -> list[Numbered]:
        """The next batch; empty at the end. A slow source's listings wait no longer than a moment."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            self._changed.wait_for(lambda: len(self._waiting) >= BATCH_ROWS or self._closing, timeout=FLUSH_S)
            batch, self._waiting = self._waiting[:BATCH_ROWS], self._waiting[BATCH_ROWS:]
            self._changed.notify_all()
            return batch

    def _write(self, batch: list[Numbered]) -> None:
        for wait_s in (*TRIES_S, None):
            started = time.monotonic()
            try:
                self._write_once(batch)
                return
            except (OperationalError, InterfaceError) as error:
                if wait_s is None or self._stop.is_set():
                    raise
                self._note(f"the database did not take a batch of {len(batch)}: {said(error)}; again in {wait_s:.0f} s")
            finally:
                self.seconds += time.monotonic() - started
            self._stop.wait(wait_s)

    def _write_once(self, batch: list[Numbered]) -> None:
        wanted = {listing.dealer: listing.vertical for _, listing in batch if listing.dealer not in self._verticals}
        if wanted:
            self._verticals |= enter_dealers(self._engine, wanted)
        fitting = [entry for entry in batch if self._verticals[entry[1].dealer] == entry[1].vertical]
        stored = store(self._engine, [listing for _, listing in fitting], IdentityRules(), _now, corrected)
        self.outcomes.update(word for _, word in stored.outcomes)
        number_of = {id(listing): number for number, listing in batch}
        for listing, why in stored.refused:
            self._problem(Problem(number_of[id(listing)], f"is refused by the database: {why}", REFUSED))
        for number, listing in batch:
            if (vertical := self._verticals[listing.dealer]) != listing.vertical:  # another ingest was first
                said_ = f"is of vertical {listing.vertical!r}, the dealer {listing.dealer} of {vertical!r}"
                self._problem(Problem(number, said_))


def _now() -> datetime:
    return datetime.now(UTC)

"""Keys, pairs and units of stored listings made anew by the rules of today, in batches by id.

First all keys, then pairs and units, so that each listing is found by the first of its twins. A batch is one
transaction; what is as the rules have it is not written, so a run that was broken off is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, func, select

from inventory.store.dialect import within
from inventory.store.matching import Matching
from inventory.store.turns import in_turn
from inventory.store.units import link, write_keys_of
from inventory.tables import listings

BATCH_ROWS: Final = 500

Step = Literal["keys", "units"]


@dataclass(frozen=True, slots=True)
class Relinked:
    """A batch that is committed: which step it was, how many listings, how many of them moved to another unit."""

    step: Step
    listings: int
    moved: int = 0


def count_listings(engine: Engine) -> int:
    """How many listings are stored; each is gone through in both steps."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(listings)).scalar_one())


def relink(
    engine: Engine,
    matching: Matching,
    now: Callable[[], datetime],
    *,
    rows: int = BATCH_ROWS,
    tried: Callable[..., Any] | None = None,
) -> Iterator[Relinked]:
    """Go through all listings twice; `tried` calls a function of the database and may call it again."""
    attempt = tried or (lambda call, *arguments: call(*arguments))
    steps: tuple[Step, Step] = ("keys", "units")
    for step in steps:
        after = 0
        while ids := attempt(_next_ids, engine, after, rows):
            moved = attempt(in_turn, engine, partial(_batch, step=step, ids=ids, matching=matching, now=now()))
            yield Relinked(step, len(ids), moved)
            after = ids[-1]


def _next_ids(engine: Engine, after: int, rows: int) -> list[int]:
    query = select(listings.c.id).where(listings.c.id > after).order_by(listings.c.id).limit(rows)
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def _batch(connection: Connection, *, step: Step, ids: Sequence[int], matching: Matching, now: datetime) -> int:
    units = select(listings.c.id, listings.c.unit_id).where(within(connection, listings.c.id, ids))
    # In the order in which crawls lock them, against deadlocks.
    locked = units.order_by(listings.c.dealer_id, listings.c.identity_key).with_for_update()
    before = {row.id: row.unit_id for row in connection.execute(locked)}
    if step == "keys":
        write_keys_of(connection, ids, matching)
        return 0
    link(connection, ids, matching, now)
    return sum(before[row.id] != row.unit_id for row in connection.execute(units) if row.id in before)

"""Who may look at a blocking key now: of two twins that are stored at once the second finds the first.

Only PostgreSQL has several writers at once. Keys share a limited number of locks, which are held until the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, text

from inventory.store.dialect import array_text
from inventory.store.turns import Overlap

STRIPES: Final = 1024
"""Blocking keys share so many locks: PostgreSQL holds a limited number. A power of two."""
MANY: Final = STRIPES // 2
"""Who needs so many takes all: he meets everybody anyway."""
_LOCK_CLASS: Final = 0x59415244
"""Tells these locks from others of the same database ("YARD")."""

_WAIT: Final = text(
    "SELECT pg_advisory_xact_lock(:kind, stripe) FROM unnest(CAST(:stripes AS int[])) AS stripe"
).bindparams(bindparam("kind", _LOCK_CLASS))
_TRY: Final = text(
    """
    WITH wanted AS MATERIALIZED (
        SELECT DISTINCT CAST(key & :mask AS int) AS stripe FROM listing_keys
        WHERE listing_id = ANY(CAST(:ids AS bigint[]))
    )
    SELECT coalesce(bool_and(pg_try_advisory_xact_lock(:kind, stripe)), true) FROM wanted
    """
).bindparams(bindparam("kind", _LOCK_CLASS), bindparam("mask", STRIPES - 1))


class Locks:
    """The locks of one transaction: first those of its batch, for which it waits, then those around it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._needed = connection.dialect.name == "postgresql"

    def wait(self, numbers: Iterable[int]) -> None:
        """Wait for other writers of these keys. To be called once; in one order in every writer, against deadlocks."""
        if not self._needed:
            return
        stripes = sorted({number % STRIPES for number in numbers})
        if len(stripes) >= MANY:
            stripes = list(range(STRIPES))
            self._needed = False
        self._connection.execute(_WAIT, {"stripes": array_text(stripes)})

    def widen(self, listing_ids: Collection[int]) -> None:
        """Lock the keys of stored listings that hang together with the batch's. Raises `Overlap` where another has
        one: to wait here would be to wait for each other."""
        if self._needed and listing_ids and not self._free(listing_ids):
            raise Overlap("another writer is at the same listings")

    def _free(self, listing_ids: Collection[int]) -> bool:
        return bool(self._connection.execute(_TRY, {"ids": array_text(sorted(listing_ids))}).scalar_one())

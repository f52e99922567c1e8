"""Writers of listings beside each other: each in a transaction, and alone where two got in each other's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from inventory.store.corrections import hold, share

Done = TypeVar("Done")

_MET: Final = frozenset({"40001", "40P01", "23503", "23505"})
"""PostgreSQL's states where another transaction may be to blame: serialization, deadlock, a row that is gone meanwhile
(a unit) or there already (a pair). A row's own fault shows again when its writer is alone."""


class Overlap(RuntimeError):
    """Another transaction works on listings that hang together with ours: nothing of ours is stored."""


def in_turn(engine: Engine, write: Callable[[Connection], Done]) -> Done:
    """Run a function that writes listings in a transaction beside those of others, or else once more, alone.

    So no batch is refused for what another writer did, nor tried in vain until its writer gives up. The function may be
    called twice; only what its last call wrote is stored.
    """
    try:
        with engine.begin() as connection:
            share(connection)
            return write(connection)
    except (DBAPIError, Overlap) as error:
        if not _have_met(error):
            raise
    with engine.begin() as connection:
        hold(connection)
        return write(connection)


def _have_met(error: DBAPIError | Overlap) -> bool:
    return isinstance(error, Overlap) or getattr(error.orig, "sqlstate", None) in _MET

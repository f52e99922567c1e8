"""What `scrapy prune` took away is missing in what is told of a time before: that is said, never left to be guessed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from api.parameters import ListQuery
from api.problems import misleading
from api.values import next_day
from api.warnings import Warned
from inventory.tables import prunings


def whole_since(connection: Connection) -> datetime | None:
    """From when on history is whole; None where nothing was ever pruned."""
    found: datetime | None = connection.execute(select(func.max(prunings.c.before))).scalar_one()
    return found


def pruned_warnings(connection: Connection, query: ListQuery) -> list[Warned]:
    """The warning that a past day is not whole. Raises `Problem` 422 where a strict query has it."""
    since = None if query.as_of is None else whole_since(connection)
    if query.as_of is None or since is None or next_day(query.as_of) >= since:
        return []
    detail = f"what had ended before {since:%Y-%m-%dT%H:%M:%SZ} was pruned, and is missing on that day"
    found = [Warned("pruned", ("as_of",), f"as_of={query.as_of}: {detail}", {})]
    if query.strict:
        raise misleading(found)
    return found

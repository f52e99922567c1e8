"""The feed of changes: events in the order of their commits, none of which can still come in before what was given.

docs/adr/0006-the-order-of-changes.md has the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    select,
    tuple_,
)

from api.columns import BIGINT_MAX, ApiColumn
from api.parameters import ListQuery
from api.queries.lists import matches
from api.rows import read_as
from api.sorting import Key
from inventory.tables import events

PLACE: Final = (
    ApiColumn("_transaction", events.c.transaction_id, "integer", False, "", largest=BIGINT_MAX),
    ApiColumn("_event", events.c.id, "integer", False, "", largest=BIGINT_MAX),
)
"""What is read beside a row's columns: where it stands in the feed."""


class Place(NamedTuple):
    """A place in the feed: behind the event with this id of this transaction."""

    transaction: int
    event: int


BEGINNING: Final = Place(-1, 0)


@dataclass(frozen=True, slots=True)
class Settled:
    """How far the feed goes now. `end` is the place behind all that is settled; `foreign`: the numbers stored are those
    of another cluster, whose data were restored into this one."""

    end: Place
    foreign: bool = False


def settled(connection: Connection, dialect: str) -> Settled:
    """Read before the events: what commits in between only stands behind it."""
    if dialect != "postgresql":
        # One writes at a time, so that ids follow the commits.
        return Settled(Place(0, connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one()))
    snapshot = func.pg_current_snapshot()
    lowest, next_one = (
        cast(cast(bound(snapshot), String), BigInteger) for bound in (func.pg_snapshot_xmin, func.pg_snapshot_xmax)
    )
    last = select(func.coalesce(func.max(events.c.transaction_id), 0)).scalar_subquery()
    row = connection.execute(select(lowest, next_one, last)).one()
    # A row that can be seen was written by a transaction below the snapshot's end, in this cluster.
    return Settled(Place(row[0] - 1, BIGINT_MAX), foreign=row[2] >= row[1])


def between(after: Place, end: Place) -> ColumnElement[bool]:
    """Events behind a place up to another."""
    place = tuple_(events.c.transaction_id, events.c.id)
    types = [BigInteger(), BigInteger()]
    return and_(place > tuple_(*after, types=types), place <= tuple_(*end, types=types))


def whole_feed(query: ListQuery, after: Place, end: Place) -> ListQuery:
    """The query for all events behind a place up to another, in their order."""
    resource = replace(query.resource, condition=between(after, end))
    return replace(query, resource=resource, keys=tuple(Key(column, False) for column in PLACE))


def changes_page(query: ListQuery, after: Place, end: Place, dialect: str) -> Select[Any]:
    """The events behind a place up to another, in their order; one more than a page holds."""
    columns = (*query.columns, *PLACE)
    return (
        select(*(read_as(column, dialect) for column in columns))
        .select_from(query.resource.tables_for(query.used()))
        .where(between(after, end))
        .where(*matches(query.resource, query.filters, dialect, by_unit=False))
        .order_by(events.c.transaction_id, events.c.id)
        .limit(query.limit + 1)
    )


def first_at(connection: Connection, moment: datetime) -> Place | None:
    """The place before the first event that was observed at or after a time; None where there is none."""
    # The sums keep the databases from walking the feed's whole order for a minimum: the time's index is better.
    observed = events.c.at >= moment
    transaction = connection.execute(select(func.min(events.c.transaction_id + literal(0))).where(observed)).scalar()
    if transaction is None:
        return None
    of_it = select(func.min(events.c.id + literal(0))).where(observed, events.c.transaction_id == transaction)
    return Place(transaction, connection.execute(of_it).scalar_one() - 1)

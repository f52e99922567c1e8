"""`as_of=DATE`: the stock as it was at the end of a past day (UTC), from today's rows and the events since. Pure.

What a field was is what the first event after that day says it was before; where no event since tells of the field, it
is what it is now. A listing whose `listed` event came later was not known. So a recent day costs little, and what
inference reads otherwise today without a dealer's word (which makes no event) is read as today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from api.columns import ApiColumn
from api.filters import OPERATORS
from api.problems import ParameterError, bad_parameters
from api.resources import LISTINGS, Join, Resource
from api.sorting import Key
from api.values import next_day, parse_value
from inventory.columns import Money
from inventory.store.history import QUIET
from inventory.store.merge import STORED_FIELDS
from inventory.tables import dealers, events, listings, units

if TYPE_CHECKING:
    from api.parameters import ListQuery

AS_OF: Final = "as_of"
_CHANGING: Final = (*(name for name in STORED_FIELDS if name not in QUIET), "status")
"""Fields of which every change is an event."""
_LASTING: Final = ("id", "dealer_id", "identity_key", "vertical", "first_seen", "unit_id")
"""What a listing keeps; its unit is the one that it is known to be today."""
TOLD: Final = tuple(
    name for name in LISTINGS.columns if name in (*_CHANGING, *_LASTING, "dealer") and not LISTINGS.columns[name].wide
)
"""The columns that are known of a past day. Of the others nobody noted when they changed."""
_UNBORN: Final = "*"
"""In place of a field: the listing was not known."""


def parse_day(text: str, today: date | None = None) -> date | ParameterError:
    """The day, or what is wrong with it."""
    try:
        found = parse_value(LISTINGS.columns["first_seen"], text)
    except ValueError as error:
        return ParameterError(AS_OF, str(error))
    if isinstance(found, datetime):
        return ParameterError(AS_OF, f"{text!r} is a time; write a day, as 2026-01-31: its end (UTC) is meant")
    assert isinstance(found, date)
    if found > (today or datetime.now(UTC).date()):
        return ParameterError(AS_OF, f"{text!r} has not come yet")
    return found


def of_day_asked(query: ListQuery, parameters: Sequence[tuple[str, str]]) -> ListQuery:
    """The query, of the day that `as_of=` names if it is given. Raises `Problem` 422."""
    texts = [text for name, text in parameters if name == AS_OF]
    if not texts or AS_OF not in query.resource.page_controls:
        return query
    day = parse_day(texts[0])
    if isinstance(day, ParameterError):
        raise bad_parameters([day])
    found = _of_day(query, day, named_fields=any(name == "fields" for name, _ in parameters))
    if isinstance(found, list):
        raise bad_parameters(found)
    return found


def _of_day(query: ListQuery, day: date, *, named_fields: bool) -> ListQuery | list[ParameterError]:
    """The query asked of a past day, or the parameters that nothing is known of then.

    `named_fields`: `fields=` was given; otherwise the columns that are not known are left out.
    """
    errors = [
        ParameterError(one.parameter, "is not known of a past day")
        for one in query.filters
        if one.operator not in OPERATORS or one.column.name not in TOLD
    ]
    errors += [
        ParameterError("sort", f"{key.column.name!r} is not known of a past day")
        for key in query.keys
        if key.column.name not in TOLD
    ]
    columns = tuple(column for column in query.columns if column.name in TOLD)
    if named_fields and len(columns) < len(query.columns):
        missing = ", ".join(column.name for column in query.columns if column.name not in TOLD)
        errors.append(ParameterError("fields", f"{missing}: not known of a past day"))
    if query.by_unit:
        errors.append(ParameterError("dedup", "is not offered for a past day; rows have `unit_id`"))
    return errors or replace(query, columns=columns, as_of=day)


def as_it_was(query: ListQuery, dialect: str, *, by_row: bool = False) -> ListQuery:
    """The query over the rows of its day, where it has one.

    `by_row`: events are looked up row by row, as suits a page; otherwise for all rows at once.
    """
    if query.as_of is None:
        return query
    past = past_resource(query.as_of, dialect, by_row=by_row and dialect == "postgresql")
    # A statistic has parameters of its own; its rows are the same.
    resource = replace(query.resource, columns=past.columns, table=past.table, joins=past.joins, dedup=False)
    return replace(
        query,
        resource=resource,
        filters=tuple(replace(one, column=past.columns[one.column.name]) for one in query.filters),
        keys=tuple(Key(past.columns[key.column.name], key.descending) for key in query.keys),
        columns=tuple(past.columns[column.name] for column in query.columns),
    )


@lru_cache(maxsize=32)
def past_resource(day: date, dialect: str, *, by_row: bool) -> Resource:
    """The listings as they were at the end of a day."""
    past = _past_rows(next_day(day), dialect, by_row=by_row).subquery("past")
    columns: dict[str, ApiColumn] = {}
    for name in TOLD:
        column = LISTINGS.columns[name]
        if name == "dealer":
            columns[name] = replace(column, key=(past.c.dealer_id, dealers.c.id))
        else:
            columns[name] = replace(column, source=past.c[name])
    joins = (
        Join(dealers, dealers.c.id == past.c.dealer_id),
        Join(units, units.c.id == past.c.unit_id, outer=True),
    )
    return replace(LISTINGS, columns=columns, table=past, joins=joins, dedup=False)


def _past_rows(end: datetime, dialect: str, *, by_row: bool) -> Select[Any]:
    """A row for each listing that was known before `end`, with the columns of `TOLD` (the dealer's name apart)."""
    names = [name for name in TOLD if name != "dealer"]
    patch: Any
    if dialect == "postgresql":
        patch = _patches(end, by_row=True).lateral("since") if by_row else _patches(end, by_row=False).cte("since")
        old = cast(patch.c.old, JSONB)
        on = true() if by_row else patch.c.listing_id == listings.c.id
    else:
        patch = _sqlite_patches(end).cte("since")
        old = patch.c.old
        on = patch.c.listing_id == listings.c.id
    told = _Told(old, dialect)
    return (
        select(*(told.value(name).label(name) for name in names))
        .select_from(listings.outerjoin(patch, on))
        .where(listings.c.first_seen < end, or_(patch.c.old.is_(None), ~told.has(_UNBORN)))
    )


class _Told:
    """Reads fields from what the events since said of them."""

    def __init__(self, old: Any, dialect: str) -> None:
        self.old = old
        self.dialect = dialect

    def has(self, name: str) -> ColumnElement[bool]:
        """Whether they said something."""
        if self.dialect == "postgresql":
            return self.old.has_key(literal_column(f"'{name}'"))  # type: ignore[no-any-return]
        return func.json_type(self.old, literal_column(f"'$.\"{name}\"'")).is_not(None)

    def value(self, name: str) -> ColumnElement[Any]:
        """What the field was."""
        column = listings.c[name]
        said: Any
        if name not in _CHANGING:
            return column
        if self.dialect == "postgresql":
            said = cast(self.old.op("->>")(literal_column(f"'{name}'")), column.type)
        else:
            found = func.json_extract(self.old, literal_column(f"'$.\"{name}\"'"))
            said = cast(found, column.type) if isinstance(column.type, Money) else found
        return type_coerce(case((self.has(name), said), else_=column), column.type)


def _patches(end: datetime, *, by_row: bool) -> Select[Any]:
    """Listing → field → what the first event since says that it was (PostgreSQL); of one listing, or of all."""
    whose = [events.c.listing_id == literal_column("listings.id")] if by_row else []
    change = (
        func.jsonb_each(func.coalesce(events.c.changes, literal_column("'{}'::jsonb")))
        .table_valued("key", "value", name="change")
        .lateral()
    )
    born = events.c.kind == literal("listed", literal_execute=True)
    told = (
        select(
            events.c.listing_id.label("listing_id"),
            change.c.key.label("key"),
            change.c.value.op("->")(literal_column("0")).label("was"),
            events.c.at.label("at"),
            events.c.id.label("id"),
        )
        .select_from(events.join(change, true()))
        .where(events.c.at >= end, ~born, *whose)
    )
    unborn = select(
        events.c.listing_id, literal_column(f"'{_UNBORN}'"), literal_column("NULL::jsonb"), events.c.at, events.c.id
    ).where(events.c.at >= end, born, *whose)
    all_told = told.union_all(unborn).subquery("told")
    first = (
        select(all_told.c.listing_id, all_told.c.key, all_told.c.was)
        .ext(distinct_on(all_told.c.listing_id, all_told.c.key))
        .order_by(all_told.c.listing_id, all_told.c.key, all_told.c.at, all_told.c.id)
        .subquery("first_told")
    )
    return select(first.c.listing_id, func.jsonb_object_agg(first.c.key, first.c.was).label("old")).group_by(
        first.c.listing_id
    )


def _sqlite_patches(end: datetime) -> Select[Any]:
    """The same for all listings, on SQLite."""
    changes = func.coalesce(events.c.changes, literal_column("'{}'"))
    change = func.json_each(changes).table_valued("key", "value", name="change")
    born = events.c.kind == "listed"
    was = func.json_extract(change.c.value, literal_column("'$[0]'"))
    told = (
        select(events.c.listing_id.label("listing_id"), change.c.key.label("key"), was.label("was"),
               events.c.at.label("at"), events.c.id.label("id"))
        .select_from(events.join(change, true()))
        .where(events.c.at >= end, ~born)
    )  # fmt: skip
    unborn = select(
        events.c.listing_id, literal_column(f"'{_UNBORN}'"), literal_column("NULL"), events.c.at, events.c.id
    ).where(events.c.at >= end, born)
    all_told = told.union_all(unborn).subquery("told")
    place = func.row_number().over(
        partition_by=(all_told.c.listing_id, all_told.c.key), order_by=(all_told.c.at, all_told.c.id)
    )
    numbered = select(all_told.c.listing_id, all_told.c.key, all_told.c.was, place.label("place")).subquery("numbered")
    return (
        select(numbered.c.listing_id, func.json_group_object(numbered.c.key, numbered.c.was).label("old"))
        .where(numbered.c.place == 1)
        .group_by(numbered.c.listing_id)
    )

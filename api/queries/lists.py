"""`ListQuery` → SELECT, for pages, exports and counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, func, select

from api.columns import ApiColumn
from api.filters import Filter, condition
from api.keyset import legs, order_of
from api.parameters import ListQuery
from api.places.circle import Circle, in_circle, rings
from api.places.nearest import nearest
from api.queries.numbers import among
from api.queries.one_a_unit import none_better, one_of_each
from api.queries.ranked import hits
from api.resources import LISTINGS, Resource
from api.rows import read_as
from api.special_filters import DISTANCE, circle_of
from api.statistics.as_of import as_it_was
from inventory.tables import listings


def conditions(filters: Iterable[Filter], dialect: str) -> list[ColumnElement[bool]]:
    """The filters in SQL; all must hold. What every row passes is left out: it would be asked of each."""
    return [condition(filter_, dialect) for filter_ in filters if not _is_idle(filter_)]


def _is_idle(filter_: Filter) -> bool:
    """Whether it names all words that its column can have."""
    words = filter_.column.words
    return (
        filter_.operator == "in"
        and filter_.column.kind == "word"
        and not filter_.column.nullable
        and filter_.column.within is None
        and bool(words)
        and set(words) <= set(filter_.values)
    )


def matches(resource: Resource, filters: Sequence[Filter], dialect: str, *, by_unit: bool) -> list[ColumnElement[bool]]:
    """What a row must fulfil; `by_unit`: the one of its unit's that stands for it, too."""
    found = conditions(filters, dialect)
    if resource.condition is not None:
        found.append(resource.condition)
    if by_unit:
        found.append(none_better(filters, dialect))
    return found


Selected: TypeAlias = Callable[[tuple[ApiColumn, ...], str], Select[Any]]
"""SELECT of these columns, of no table yet."""


@lru_cache(maxsize=256)
def selected_of(columns: tuple[ApiColumn, ...], dialect: str) -> Select[Any]:
    """SELECT of these columns, kept because building seventy of them costs more than SQLite needs to answer."""
    return select(*(read_as(column, dialect) for column in columns))


def page_columns(query: ListQuery) -> tuple[ApiColumn, ...]:
    """What a page reads: the columns to show, and those that the cursor needs beside them."""
    return tuple(dict.fromkeys((*query.columns, *(key.column for key in query.keys))))


def page_statements(
    query: ListQuery, after: Sequence[Any] | None, dialect: str, selected_of: Selected = selected_of
) -> Iterable[Select[Any]]:
    """The legs of a page (see `api.keyset`) that is not ranked, without LIMIT; each may be made when its turn comes."""
    circle = circle_of(query.filters)
    if circle is not None and str(query.keys[0]) == DISTANCE:
        return _by_distance(query, circle, after, dialect, selected_of)
    tables = query.resource.tables_for(query.used())
    where = matches(query.resource, query.filters, dialect, by_unit=query.by_unit)
    selected = selected_of(page_columns(query), dialect).select_from(tables).where(*where)
    first = query.keys[0].column
    nulls = not any(filter_.column is first and filter_.excludes_null for filter_ in query.filters)
    return [selected.where(*leg.where).order_by(*leg.order) for leg in legs(query.keys, after, nulls=nulls)]


def ranked_hits(query: ListQuery, by: ApiColumn, dialect: str) -> Select[Any]:
    """The rows of a ranked query: rank, number and the value of `by`; one more than are ranked."""
    sought = next(filter_ for filter_ in query.filters if filter_.operator == "q")
    others = [filter_ for filter_ in query.filters if filter_ is not sought]
    where = matches(query.resource, others, dialect, by_unit=False)
    if query.by_unit:
        where.append(none_better(query.filters, dialect))
    return hits(query.resource, others, where, sought, by, dialect)


def rows_of_numbers(resource: Resource, columns: tuple[ApiColumn, ...], numbers: Any, dialect: str) -> Select[Any]:
    """The rows of these numbers, in no order. `numbers`: a list, or what stands for one."""
    those = among(resource.columns["id"].source, numbers)
    return selected_of(columns, dialect).select_from(resource.tables_for(columns)).where(those)


def _by_distance(
    query: ListQuery, circle: Circle, after: Sequence[Any] | None, dialect: str, selected_of: Selected
) -> Iterator[Select[Any]]:
    """A statement for each ring around the point, from the inside out."""
    others = [filter_ for filter_ in query.filters if filter_.operator != "near"]  # a ring is within the circle
    where = matches(query.resource, others, dialect, by_unit=False)
    if query.by_unit:
        where.append(none_better(query.filters, dialect))
    selected = selected_of(page_columns(query), dialect)
    around = rings(circle, None if after is None else after[0])
    if dialect == "postgresql" and goes_from_place_to_place(query):
        shown = query.resource.tables_for(page_columns(query))
        tables = query.resource.tables_for((LISTINGS.columns["id"], *(one.column for one in others)))
        for farther_than, ring in around:
            at = nearest(circle, ring, farther_than, tables, where, after, query.limit + 1)
            of_ring = selected.select_from(at.join(shown, listings.c.id == at.c.id))
            yield of_ring.order_by(at.c.distance_km, at.c.id)
        return
    selected = selected.select_from(query.resource.tables_for(query.used())).where(*where)
    distance = query.keys[0].column.source
    (leg,) = legs(query.keys, after)
    for farther_than, ring in around:
        within = [in_circle(listings.c.lat, listings.c.lon, ring, dialect)]
        within += [] if farther_than is None else [distance > farther_than]
        yield selected.where(*within, *leg.where).order_by(*leg.order)


def goes_from_place_to_place(query: ListQuery) -> bool:
    """Whether the nearest listings are asked for, in the order that the index of places has."""
    return query.resource is LISTINGS and [str(key) for key in query.keys] == [DISTANCE, "id"]


def export_statement(
    query: ListQuery, dialect: str, written: Callable[[ApiColumn], ColumnElement[Any]] | None = None
) -> Select[Any]:
    """All rows of the query in its order. `written`: what is selected for a column instead of its value."""
    query = as_it_was(query, dialect)
    selected = select(*map(written, query.columns)) if written else selected_of(query.columns, dialect)
    return (
        selected.select_from(query.resource.tables_for(query.used()))
        .where(*matches(query.resource, query.filters, dialect, by_unit=query.by_unit))
        .order_by(*order_of(query.keys))
    )


def grouped_counts(
    query: ListQuery, filters: Sequence[Filter], by: Sequence[ApiColumn], known: ApiColumn | None, dialect: str
) -> Select[Any]:
    """How many of the query's rows pass the filters, for each combination of `by`; only rows where `known` is not
    null."""
    known_too = [] if known is None else [known]
    rows = rows_that_stand(query, filters, [column.source for column in (*by, *known_too)], (*by, *known_too), dialect)
    if not query.by_unit:
        counted = rows.with_only_columns(*(column.source for column in by), func.count())
        counted = counted if known is None else counted.where(known.source.is_not(None))
        return counted.group_by(*(column.source for column in by))
    chosen = rows.subquery("chosen")
    values = list(chosen.c)[: len(by)]
    counted = select(*values, func.count()).group_by(*values)
    return counted if known is None else counted.where(list(chosen.c)[len(by)].is_not(None))


def rows_that_stand(
    query: ListQuery, filters: Sequence[Filter], selected: Sequence[Any], used: Iterable[ApiColumn], dialect: str
) -> Select[Any]:
    """All rows that pass the filters, one of each unit where the query says so, for what counts or summarises them.
    `used` are the columns on which `selected` depends."""
    rows = (
        select(*selected)
        .select_from(query.resource.tables_for([*used, *(filter_.column for filter_ in filters)]))
        .where(*matches(query.resource, filters, dialect, by_unit=False))
    )
    return one_of_each(rows, dialect) if query.by_unit else rows

"""One page of a list: its rows, how to go on, what was counted, what could mislead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from api.counting import Counted, CountKind, count_rows, count_without_position
from api.direct import is_nearest, is_plain, nearest_rows, page_rows
from api.kept import Kept
from api.keyset import read_cursor, write_cursor
from api.parameters import Count, ListQuery
from api.problems import misleading
from api.queries.lists import grouped_counts, page_columns, page_statements
from api.ranked_pages import Ranked, ranked_rows, read_ranked
from api.rows import fetch
from api.special_filters import circle_of, seen_from
from api.statistics.as_of import as_it_was
from api.warnings import Check, Warned, checks, warnings_of


@dataclass(frozen=True, slots=True)
class Summary:
    """Counted on the first page and carried on by its cursor, so that later pages cost only themselves.

    `begun` is when that was, for a query whose filters look back from now: all its pages look back from then.
    """

    counts: dict[str, int] | None
    warnings: list[Warned]
    count_kind: CountKind | None = None
    truncated: bool = False
    without_position: int | None = None
    begun: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows that orjson can write, and the cursor of the page behind it (None on the last)."""

    rows: list[dict[str, Any]]
    next_cursor: str | None
    summary: Summary


Enrich: TypeAlias = Callable[[Connection, list[dict[str, Any]]], None]
_SUMMARY: Final = TypeAdapter(Summary)
MOST_COUNTED: Final = 10**12
EARLIEST_YEAR: Final = 2000
"""Nothing was asked for before, whatever a cursor says."""
MANY_ROWS: Final = 10_000
_GROUPS: Final = Kept[list[tuple[Any, ...]]](lambda groups: sum(group[-1] for group in groups) >= MANY_ROWS)
_GROUPS_AT: Final = Kept[list[tuple[Any, ...]]](lambda groups: True)


@dataclass(frozen=True, slots=True)
class Opened:
    """A query and the place where its page begins: behind `after`, with what the first page counted in `carried`.

    `begun` is when the first page was asked for, where the query looks back from then.
    """

    query: ListQuery
    after: tuple[Any, ...] | None
    carried: Summary | None
    begun: datetime | None


def opened(query: ListQuery) -> Opened:
    """Raises `Problem` 400 for a cursor that does not fit."""
    after: tuple[Any, ...] | None = None
    carried: Summary | None = None
    if query.cursor is not None:
        after, told = read_cursor(query.cursor, query.fingerprint, query.keys)
        carried = _checked(told)
    begun = None
    if any(one.said for one in query.filters):
        begun = carried.begun if carried and carried.begun else datetime.now(UTC)
        query = replace(query, filters=seen_from(query.filters, begun))
    return Opened(query, after, carried, begun)


def read_page(
    connection: Connection,
    query: ListQuery,
    dialect: str,
    group: str,
    enrich: Enrich | None = None,
    *,
    kept: str | None = None,
    at: str | None = None,
) -> Page:
    """Raises `Problem` 400 for a cursor that does not fit, and 422 where a strict query would mislead.

    `group` is the column whose values are counted; `enrich` adds to the rows in place; `kept` is the version of the
    data under which the answer will be kept, `at` that of the state which `connection` reads.
    """
    page = opened(query)
    query, ranked = page.query, None
    if query.ranked:
        ranked = read_ranked(connection, query, dialect, query.resource.columns[group], at)
        rows = ranked_rows(connection, query, ranked, page.after, dialect)
    else:
        rows = _rows(connection, as_it_was(query, dialect, by_row=True), page.after, dialect)
    summary = summary_of(connection, page, dialect, group, ranked, kept=kept, at=at)
    return page_of(page, rows, summary, group, connection, enrich)


def page_of(
    page: Opened,
    rows: list[dict[str, Any]],
    summary: Summary,
    group: str,
    connection: Connection | None = None,
    enrich: Enrich | None = None,
) -> Page:
    """The page from its rows, of which there is one more where another page follows."""
    query = page.query
    more = len(rows) > query.limit
    if not more and page.after is None:
        summary = _seen_whole(query, rows, summary, group)
    rows = rows[: query.limit]
    token = None
    if more:
        last = rows[-1]
        token = write_cursor(query.fingerprint, [last[key.column.name] for key in query.keys], summary)
    if enrich is not None and connection is not None:
        enrich(connection, rows)
    shown = set(query.columns)
    for hidden in (key.column for key in query.keys if key.column not in shown):
        for row in rows:
            del row[hidden.name]
    return Page(rows, token, summary)


def _seen_whole(query: ListQuery, rows: list[dict[str, Any]], summary: Summary, group: str) -> Summary:
    """What was counted, where all rows are here: an estimate beside them would be wrong for all to see."""
    if query.count != "usual" or summary.count_kind != "estimated" or any(group not in row for row in rows):
        return summary
    words = dict.fromkeys(query.resource.columns[group].words, 0)
    return replace(summary, counts=words | Counter(row[group] for row in rows), count_kind="exact")


def _rows(
    connection: Connection, query: ListQuery, after: tuple[Any, ...] | None, dialect: str
) -> list[dict[str, Any]]:
    """One row more than a page holds, if there is one."""
    if dialect == "postgresql" and is_plain(query):
        return page_rows(connection, query, after)
    if dialect == "postgresql" and is_nearest(query):
        return nearest_rows(connection, query, after)
    wanted = query.limit + 1
    columns = page_columns(query)
    rows: list[dict[str, Any]] = []
    for statement in page_statements(query, after, dialect):
        rows += fetch(connection, statement.limit(wanted - len(rows)), columns, dialect)
        if len(rows) >= wanted:
            break
    return rows


def summary_of(
    connection: Connection,
    page: Opened,
    dialect: str,
    group: str,
    ranked: Ranked | None = None,
    *,
    kept: str | None = None,
    at: str | None = None,
) -> Summary:
    """What stands beside the rows. Raises `Problem` 422 where a strict query would mislead."""
    query, carried = as_it_was(page.query, dialect), page.carried
    # A cursor that a query without strict=1 gave may be used with it.
    known = carried.warnings if carried is not None and not query.strict else None
    warnings = known if known is not None else warnings_for(connection, query, dialect, kept=kept, at=at)
    if query.strict and warnings:
        raise misleading(warnings)
    return replace(_summary(connection, query, dialect, group, carried, ranked, warnings, at), begun=page.begun)


def _summary(
    connection: Connection,
    query: ListQuery,
    dialect: str,
    group: str,
    carried: Summary | None,
    ranked: Ranked | None,
    warnings: list[Warned],
    at: str | None,
) -> Summary:
    if carried is not None and _is_enough(carried, query.count):
        return replace(carried, warnings=warnings)
    cut = ranked is not None and ranked.cut
    if query.count == "none":
        return Summary(None, warnings, truncated=carried.truncated if carried else cut)
    if ranked is None:
        counted = count_rows(connection, query, dialect, group, at)
    else:
        # Only what is ranked is on the pages, and so counted.
        words = dict.fromkeys(query.resource.columns[group].words, 0)
        counted = Counted(words | ranked.counts(), "at_least" if cut else "exact")
    kind, without = counted.kind, None
    if circle_of(query.filters) is not None:
        without, how = count_without_position(connection, query, dialect, at)
        kind = kind if how == "exact" else how
    return Summary(counted.counts, warnings, kind, cut, without)


def _is_enough(carried: Summary, count: Count) -> bool:
    """Whether what the first page counted is what is asked for now."""
    if count == "none" or carried.counts is None:
        return (count == "none") == (carried.counts is None)
    return count != "exact" or carried.count_kind == "exact"


def warnings_for(
    connection: Connection, query: ListQuery, dialect: str, *, kept: str | None = None, at: str | None = None
) -> list[Warned]:
    """What could mislead in the comparisons, counted.

    On PostgreSQL, where rows are many, it may have been counted a minute or two ago; not for a strict query, which
    promises that nothing misleads, nor for an answer that is kept under a version of the data (`kept`). Where they are
    few, it may have been counted when the data had the version `at`.
    """
    found: list[Warned] = []
    may_be_known = dialect == "postgresql" and query.as_of is None and not query.strict
    for check in checks(query):
        if may_be_known and not any(one.said for one in check.filters):
            written = tuple(sorted(f"{one.parameter}={one.values}" for one in check.filters))
            asked = (query.resource.name, query.by_unit, check.subject.name, check.by, *written)
            count = partial(_groups, connection, query, check, dialect)
            if at is not None:
                count = partial(_GROUPS_AT.get, (connection.engine, at, *asked), count)
            groups = _GROUPS.get((connection.engine, kept, *asked), count)
        else:
            groups = _groups(connection, query, check, dialect)
        found += warnings_of(check, groups)
    return found


def _groups(connection: Connection, query: ListQuery, check: Check, dialect: str) -> list[tuple[Any, ...]]:
    statement = grouped_counts(query, check.filters, check.by, check.subject, dialect)
    return [tuple(row) for row in connection.execute(statement)]


def _checked(carried: Any) -> Summary | None:
    """What the first page counted, where the cursor still holds it in its shape and within reason."""
    try:
        found = _SUMMARY.validate_python(carried)
    except ValidationError:
        return None
    numbers = [*(found.counts or {}).values(), found.without_position or 0]
    if any(not 0 <= number <= MOST_COUNTED for number in numbers):
        return None
    if found.begun is not None and (found.begun.tzinfo is None or found.begun.year < EARLIEST_YEAR):
        return None
    return found

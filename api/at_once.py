"""A page of which all but the rows is known already: it is read on the event loop, with one question and no thread.

Measured on one machine with two cores: of a page that a thread reads, a third of the processor's time goes into
handing it to the thread and into threads that wait for each other. What stands beside the rows (counts, warnings, how
fresh the data are) is mostly known from pages before; where it is not, a thread asks for all of it as for any list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from sqlalchemy import Connection
from starlette.requests import Request

from api.answers import freshness_for, page_answer, query_of, refuse_unknown_dealers, sights_of
from api.database import database_of
from api.direct import Prepared, is_nearest, is_plain, nearest_prepared, page_prepared
from api.formats.choosing import Wanted
from api.lines import Lines, NoLine
from api.pages import Opened, Summary, opened, page_of, summary_of
from api.queries.lists import page_columns
from api.resources import Resource
from api.rows import JsonResponse, as_dicts
from api.serving.tagged import kept_version
from api.stand_in import NotKnown, Unasked
from api.standing import Standing, standing_of

LONGEST_PAGE: Final = 250
"""A longer page would hold up all others while it is written."""
LONGEST_QUERY: Final = 2000
"""Bytes. A page's own cursor is a few hundred of them."""
MOST_VALUES: Final = 32
"""More than these are parsed and compiled by a thread: eight hundred held up all others for 190 ms."""
_CHEAP: Final = ("fields", "cursor")


def is_brief(request: Request) -> bool:
    """Whether what is asked is read and compiled so fast that it holds up nobody on the event loop.

    Not so a town by its name, whose table must be there first, nor what is behind the first page around a place, which
    is compiled each time.
    """
    if len(request.scope["query_string"]) > LONGEST_QUERY:
        return False
    given = request.query_params.multi_items()
    if sum(1 + text.count(",") for name, text in given if name not in _CHEAP) > MOST_VALUES:
        return False
    near = [text for name, text in given if name == "near"]
    return not near or ("cursor" not in request.query_params and not any(map(str.isalpha, "".join(near))))


async def page_at_once(request: Request, resource: Resource, group: str, wanted: Wanted) -> JsonResponse | None:
    """The answer that `list_answer` gives; None where a thread must read it. `group`: the column whose values are
    counted. Raises the same problems."""
    lines: Lines | None = request.app.state.lines
    if lines is None:
        return None
    database, standing = database_of(request), standing_of(request)
    query = query_of(request, resource, wanted)
    names = sights_of(request).names()
    if not names or query.limit > LONGEST_PAGE or not (is_plain(query) or is_nearest(query)):
        return None
    unasked = cast(Connection, Unasked(database.short_reads))
    try:
        refuse_unknown_dealers(unasked, query, names)
        page = opened(query)
        summary, at = _summary(unasked, page, group, kept_version(request), standing)
        fresh = freshness_for(request, unasked, query.filters)
        statements, given = _prepared(page)
        rows = await lines.rows(statements, query.limit + 1, given)
    except (NotKnown, NoLine):
        return None
    if not standing.hold(rows, at) or (at is not None and _disagree(page, summary, len(rows))):
        return None
    found = page_of(page, as_dicts(rows, page_columns(query), "postgresql", strict=False), summary, group)
    return page_answer(request, query, found, group, fresh, wanted)


def _summary(
    unasked: Connection, page: Opened, group: str, kept: str | None, standing: Standing
) -> tuple[Summary, str | None]:
    """What stands beside the rows, and the version of the data that they must have for it; None where it is all the
    same, as it is an estimate, say. Raises `NotKnown`."""
    try:
        return summary_of(unasked, page, "postgresql", group, kept=kept), None
    except NotKnown:
        at = standing.version
        if at is None:
            raise
    return summary_of(unasked, page, "postgresql", group, kept=kept, at=at), at


def _disagree(page: Opened, summary: Summary, rows: int) -> bool:
    """Whether all rows are on the page and others were counted: a statement that gave none has no version to tell."""
    whole = page.after is None and rows <= page.query.limit
    return whole and summary.count_kind == "exact" and sum((summary.counts or {}).values()) != rows


def _prepared(page: Opened) -> tuple[Iterable[Prepared], dict[str, Any]]:
    if is_plain(page.query):
        return page_prepared(page.query, page.after)
    return nearest_prepared(page.query, page.after), {}

"""From a request for a list to its answer in the format that it wants: a page, or the whole set streamed."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from api.answers import freshness_for, list_answer, query_of, refuse_unknown_dealers
from api.database import Database, database_of
from api.export import Export, batches, open_export, reserve
from api.formats.choosing import FormatName, Wanted, wanted
from api.formats.workbook import MOST_ROWS, About, TooManyRows, written_workbook
from api.pages import Enrich, warnings_for
from api.parameters import ListQuery
from api.problems import Problem, misleading
from api.queries.lists import grouped_counts
from api.resources import Resource
from api.statistics.as_of import as_it_was
from api.statistics.pruned import pruned_warnings
from api.warnings import Warned

CHUNK_BYTES: Final = 256 * 1024


def formatted_answer(
    request: Request, resource: Resource, group: str, name: str, enrich: Enrich | None = None
) -> Response:
    """The resource as `format=`, `shape=` and `Accept` want it. `group`: the column whose values are counted; `name`
    is that of the file. Raises `Problem` 422 or 406."""
    meant = wanted(request.query_params.multi_items(), request.headers.get("accept"))
    if meant.whole:
        return _whole(request, resource, group, name, meant)
    return list_answer(request, resource, group, enrich, meant)


def export_answer(request: Request, resource: Resource, group: str, name: str, fixed: FormatName) -> Response:
    """The whole filtered set of the resource in the format that the address ends in."""
    return _whole(request, resource, group, name, wanted(request.query_params.multi_items(), None, fixed))


def _whole(request: Request, resource: Resource, group: str, name: str, meant: Wanted) -> Response:
    query = query_of(request, resource, meant)
    database = database_of(request)
    head = bool(request.scope.get("state", {}).get("head"))
    about = None
    with database.read() as connection:
        refuse_unknown_dealers(connection, query)
        then = as_it_was(query, database.dialect)
        pruned = pruned_warnings(connection, query)
        warnings = pruned + _warnings(connection, then, database.dialect, always=meant.format.name == "xlsx")
        if meant.format.name == "xlsx":
            about = _about(request, connection, query, group, warnings)
    if about is not None:
        return _workbook(database, query, meant, about, head=head, name=name)
    return open_export(database, query, meant, head=head, file_name=f"{name}.{meant.format.name}")


def _warnings(connection: Connection, query: ListQuery, dialect: str, *, always: bool) -> list[Warned]:
    """What could mislead, counted where it is told or refused."""
    if not (always or query.strict):
        return []
    found = warnings_for(connection, query, dialect)
    if query.strict and found:
        raise misleading(found)
    return found


def _about(request: Request, connection: Connection, query: ListQuery, group: str, warnings: list[Warned]) -> About:
    """What the second sheet says. Raises `Problem` 422 where there are too many rows for a workbook."""
    dialect = database_of(request).dialect
    then = as_it_was(query, dialect)
    statement = grouped_counts(then, then.filters, (then.resource.columns[group],), None, dialect)
    counts = {str(word): count for word, count in connection.execute(statement).all()}
    if (rows := sum(counts.values())) > MOST_ROWS:
        raise too_many_rows(rows)
    fresh = freshness_for(request, connection, query.filters, query.as_of)
    address = str(request.url)
    return About(address, datetime.now(UTC), fresh["data_as_of"], group, counts, warnings)


def too_many_rows(rows: int) -> Problem:
    """422: so many rows, or more, match, and a workbook does not take them."""
    return Problem(
        422,
        "too-many-rows",
        "Too many rows for a workbook",
        f"{rows} rows match, and a workbook takes at most {MOST_ROWS}: narrow them by filters, or ask for format=csv.",
        extra={"rows": rows, "most_rows": MOST_ROWS},
    )


def _workbook(database: Database, query: ListQuery, meant: Wanted, about: About, *, head: bool, name: str) -> Export:
    """Written to a file first: a workbook's end must be known before its beginning."""
    file_name, longest_s = f"{name}.{meant.format.name}", database.longest_export_s
    with ExitStack() as undo:
        reserve(database.exports, undo)
        if head:
            return Export(iter(()), undo.pop_all(), meant.format.media_type, file_name, longest_s=longest_s)
        reserve(database.workbooks, undo)
        with ExitStack() as reading:
            connection = reading.enter_context(database.open_export())
            rows = batches(connection, query, database.dialect, reading)
            try:
                file = written_workbook(rows, query.columns, about)
            except TooManyRows:
                raise too_many_rows(MOST_ROWS + 1) from None
        undo.callback(file.close)
        length = file.seek(0, 2)
        file.seek(0)
        chunks = iter(lambda: file.read(CHUNK_BYTES), b"")
        return Export(chunks, undo.pop_all(), meant.format.media_type, file_name, length, longest_s=longest_s)
    raise AssertionError("unreachable: ExitStack swallows nothing")

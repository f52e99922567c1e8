"""From a request for a list to its answer: the one way that all lists share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast
from urllib.parse import urlencode

from sqlalchemy import Connection, select
from starlette.requests import Request

from api.database import database_of
from api.filters import Filter
from api.formats.choosing import OWN, Wanted
from api.pages import Enrich, Page, read_page
from api.parameters import ListQuery, parse_query
from api.problems import MOST_SUGGESTIONS, ParameterError, bad_parameters, suggest
from api.resources import Resource
from api.rows import JsonResponse
from api.serving.tagged import kept_version
from api.special_filters import circle_of
from api.standing import standing_of
from api.statistics.as_of import of_day_asked
from api.statistics.freshness import Sight, Sights, freshness, read_sights
from api.statistics.pruned import pruned_warnings
from api.values import next_day
from inventory.settings import Settings
from inventory.tables import dealers


def settings_of(request: Request) -> Settings:
    """The settings of the app that serves the request."""
    return cast(Settings, request.app.state.settings)


def query_of(request: Request, resource: Resource, wanted: Wanted | None = None) -> ListQuery:
    """What the query string asks for; `wanted` where it also says in which format. Raises `Problem` 422."""
    parameters = wanted.rest if wanted else request.query_params.multi_items()
    query = parse_query(
        resource,
        parameters,
        max_page_size=settings_of(request).api_max_page_size,
        export=wanted is not None and wanted.whole,
        also=OWN if wanted else (),
    )
    return of_day_asked(query, parameters)


def list_answer(
    request: Request, resource: Resource, group: str, enrich: Enrich | None = None, wanted: Wanted | None = None
) -> JsonResponse:
    """A page of the resource. `group`: the column whose values are counted; `enrich` adds to the rows in place."""
    query = query_of(request, resource, wanted)
    database = database_of(request)
    with database.read_one_state() as connection:
        refuse_unknown_dealers(connection, query, sights_of(request).names())
        pruned = pruned_warnings(connection, query)
        at = standing_of(request).ask(connection) if database.dialect == "postgresql" else None
        page = read_page(connection, query, database.dialect, group, enrich, kept=kept_version(request), at=at)
        fresh = freshness_for(request, connection, query.filters, query.as_of)
    page = replace(page, summary=replace(page.summary, warnings=[*pruned, *page.summary.warnings])) if pruned else page
    return page_answer(request, query, page, group, fresh, wanted)


def refuse_unknown_dealers(connection: Connection, query: ListQuery, seen: Collection[str] = ()) -> None:
    """Raises `Problem` 422 for `dealer=` with a name that is not known: a slip must not look like no stock.

    `seen`: names that were there a moment ago; none of these is looked up.
    """
    wanted = [f for f in query.filters if f.column.name == "dealer" and f.operator == "in"]
    if not wanted:
        return
    names = {name for f in wanted for name in f.values if name not in seen}
    if not names:
        return
    there = set(connection.execute(select(dealers.c.name).where(dealers.c.name.in_(names))).scalars())
    if there == names:
        return
    known = set(connection.execute(select(dealers.c.name)).scalars())
    missing = [(f.parameter, name) for f in wanted for name in f.values if name not in known]
    if missing:
        raise bad_parameters(
            [
                ParameterError(parameter, f"there is no dealer {name!r}", suggest(name, known))
                for parameter, name in missing[:MOST_SUGGESTIONS]
            ]
        )


def freshness_for(
    request: Request, connection: Connection, filters: Iterable[Filter], as_of: date | None = None
) -> dict[str, Any]:
    """`data_as_of` and `stale_dealers`, of the dealers that the filters leave; as they were at the end of a day."""
    if as_of is not None:
        end = next_day(as_of)
        return freshness(read_sights(connection, end), filters, min(end, datetime.now(UTC)), as_of)
    return sights_of(request).told(sights_for(request, connection), filters, datetime.now(UTC))


def sights_for(request: Request, connection: Connection) -> Sequence[Sight]:
    """When each dealer was last seen well, as of now or of a few seconds ago."""
    version = kept_version(request)
    return sights_of(request).known(connection) if version is None else sights_of(request).known_at(connection, version)


def sights_of(request: Request) -> Sights:
    """What the app that serves the request knows of all dealers."""
    return cast(Sights, request.app.state.sights)


def page_answer(
    request: Request, query: ListQuery, page: Page, group: str, fresh: Mapping[str, Any], wanted: Wanted | None
) -> JsonResponse:
    """The answer that holds a page; `fresh` is what `freshness_for` gives."""
    counts = page.summary.counts
    following = following_url(request, "cursor", page.next_cursor)
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    if wanted:
        headers["Vary"] = "Accept"
    if wanted and wanted.array:
        return JsonResponse(page.rows, headers=headers)
    body = {
        "data": page.rows,
        "limit": query.limit,
        "has_more": page.next_cursor is not None,
        "next_cursor": page.next_cursor,
        "next": following,
        "count": None if counts is None else sum(counts.values()),
        "count_kind": page.summary.count_kind,
        "truncated": page.summary.truncated,
        group: counts,
        "warnings": page.summary.warnings,
        **fresh,
    }
    if circle_of(query.filters) is not None:
        body["without_position"] = page.summary.without_position
    return JsonResponse(body, headers=headers)


def following_url(request: Request, parameter: str, token: str | None) -> str | None:
    """The URL of the page behind this one."""
    if token is None:
        return None
    kept = [(name, text) for name, text in request.query_params.multi_items() if name != parameter]
    return str(request.url.replace(query=urlencode([*kept, (parameter, token)]), fragment=""))

"""The addresses of a list that is given in every format: its pages, and an export for each ending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import cleandoc
from typing import Any, Final

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.at_once import is_brief, page_at_once
from api.formats.answering import export_answer, formatted_answer
from api.formats.choosing import FormatName, wanted
from api.formats.document import export_answers, export_parameters, formatted_answers, formatted_parameters
from api.pages import Enrich
from api.resources import Resource

EXPORTS: Final[tuple[FormatName, ...]] = ("csv", "ndjson", "xlsx")


@dataclass(frozen=True, slots=True)
class Words:
    """What the document says of an address."""

    summary: str
    description: str


@dataclass(frozen=True, slots=True)
class Served:
    """A list to serve at its name. `page` and `row` are its models; `group`: the column whose values are counted;
    `enrich` adds to the rows of a page. `words` are those of its pages, `exports` those of each of `EXPORTS`."""

    resource: Resource
    page: type[BaseModel]
    row: Any
    group: str
    words: Words
    exports: tuple[Words, Words, Words]
    enrich: Enrich | None = None


def add_list(router: APIRouter, served: Served) -> None:
    """`/NAME` in any format, `/NAME.csv` and so on for whole sets."""
    resource, name = served.resource, served.resource.name

    async def page(request: Request) -> Response:
        if served.enrich is None and is_brief(request):
            meant = wanted(request.query_params.multi_items(), request.headers.get("accept"))
            answer = None if meant.whole else await page_at_once(request, resource, served.group, meant)
            if answer is not None:
                return answer
        return await run_in_threadpool(formatted_answer, request, resource, served.group, name, served.enrich)

    router.add_api_route(
        f"/{name}",
        page,
        name=name,
        summary=served.words.summary,
        description=cleandoc(served.words.description),
        responses=formatted_answers(served.page, served.row, 400, 422, 503),
        openapi_extra=formatted_parameters(resource),
    )
    for ending, words in zip(EXPORTS, served.exports, strict=True):
        export = partial(export_answer, resource=resource, group=served.group, name=name, fixed=ending)
        add_export(router, name, ending, words, export, export_parameters(resource, ending), 422, 503)


def add_export(
    router: APIRouter,
    name: str,
    ending: FormatName,
    words: Words,
    answer: Callable[[Request], Response],
    parameters: dict[str, Any],
    *problems: int,
) -> None:
    """`/NAME.ENDING`, which answers with a whole set, or with one of these problems."""

    def export(request: Request) -> Response:
        return answer(request)

    router.add_api_route(
        f"/{name}.{ending}",
        export,
        name=f"{name}_{ending}",
        summary=words.summary,
        description=cleandoc(words.description),
        response_class=Response,
        responses=export_answers(ending, *problems),
        openapi_extra=parameters,
    )

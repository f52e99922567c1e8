"""What the OpenAPI document says of formats: their parameters, and the bodies beside JSON."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from api.formats.choosing import FEED_FORMATS, FORMATS, SHAPES, FormatName
from api.formats.csv_options import DECIMALS, SEPARATORS
from api.openapi import CSV_RESPONSE, answers, list_parameters
from api.resources import Resource

_BODIES: Final[dict[str, dict[str, Any]]] = {
    "csv": CSV_RESPONSE["content"]["text/csv"],
    "ndjson": {"schema": {"type": "string"}, "example": '{"id":1042,"dealer":"northside","price":124500.00}\n'},
    "xlsx": {"schema": {"type": "string", "contentMediaType": FORMATS["xlsx"].media_type}},
}
_TEXTS: Final[dict[str, str]] = {
    "csv": "A header line, then a line for each row",
    "ndjson": "A JSON object a line for each row",
    "xlsx": "A workbook: the rows, and a sheet with query, time, counts and warnings",
}
_FORMAT: Final = {
    "name": "format",
    "in": "query",
    "description": "How the answer is written; it wins over `Accept`. All but `json` are the whole filtered set, "
    "streamed, and take no `limit`, `cursor` or `count`",
    "schema": {"type": "string", "enum": list(FORMATS), "default": "json"},
}
_SHAPE: Final = {
    "name": "shape",
    "in": "query",
    "description": "`array`: a bare JSON array of rows. With `limit` or `cursor` it is a page (`Link` leads on), "
    "without them the whole filtered set",
    "schema": {"type": "string", "enum": list(SHAPES), "default": "page"},
}
_CSV: Final = (
    {
        "name": "bom",
        "in": "query",
        "description": "CSV: a byte order mark first, by which Excel knows UTF-8",
        "schema": {"type": "boolean", "default": False},
    },
    {
        "name": "sep",
        "in": "query",
        "description": "CSV: what stands between cells. `;` where `decimal` is a comma",
        "schema": {"type": "string", "enum": list(SEPARATORS), "default": ","},
    },
    {
        "name": "decimal",
        "in": "query",
        "description": "CSV: the decimal sign of numbers",
        "schema": {"type": "string", "enum": list(DECIMALS), "default": "."},
    },
    {
        "name": "escape",
        "in": "query",
        "description": "CSV: `false` writes texts that begin with = + - @ as they are",
        "schema": {"type": "boolean", "default": True},
    },
)


def formatted_parameters(resource: Resource) -> dict[str, Any]:
    """`openapi_extra=` of a list that answers in any format."""
    return {"parameters": [_FORMAT, _SHAPE, *_CSV, *list_parameters(resource)["parameters"]]}


def export_parameters(resource: Resource, name: FormatName) -> dict[str, Any]:
    """`openapi_extra=` of an address that ends in a format."""
    own = _CSV if name == "csv" else ()
    return {"parameters": [*own, *list_parameters(resource, export=True)["parameters"]]}


def feed_parameters(resource: Resource) -> dict[str, Any]:
    """`openapi_extra=` of a feed, which is given in some formats."""
    form = {**_FORMAT, "schema": {"type": "string", "enum": list(FEED_FORMATS), "default": "json"}}
    form["description"] = "`ndjson`, `csv`: all there is behind `since`, streamed; `limit` is not for them"
    return {"parameters": [form, *_CSV, *list_parameters(resource)["parameters"]]}


def feed_export_parameters(resource: Resource, name: FormatName) -> dict[str, Any]:
    """`openapi_extra=` of a feed's address that ends in a format."""
    own = _CSV if name == "csv" else ()
    return {"parameters": [*own, *(p for p in list_parameters(resource)["parameters"] if p["name"] != "limit")]}


def feed_answers(page: type[BaseModel], *problems: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a feed: a page, or all that is behind its place."""
    found = answers(page, 406, *problems)
    content = {FORMATS[name].media_type: _BODIES[name] for name in FEED_FORMATS if name in _BODIES}
    found[200] = {"model": page, "description": "A page, or all there is", "content": content}
    return found


def formatted_answers(page: type[BaseModel], row: Any, *problems: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a list that answers in any format: a page, an array of rows, or a file."""
    found = answers(page, 406, *problems)
    content = {FORMATS[name].media_type: body for name, body in _BODIES.items() if name in FORMATS}
    found[200] = {"model": page | list[row], "description": "A page, or the whole set", "content": content}
    return found


def export_answers(name: FormatName, *problems: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of an address that ends in a format."""
    found = answers(None, *problems)
    found[200] = {"description": _TEXTS[name], "content": {FORMATS[name].media_type: _BODIES[name]}}
    return found

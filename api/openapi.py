"""The OpenAPI document: parameters made from the columns, problems, and the words around them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.columns import BIGINT_MAX, ApiColumn
from api.filters import MOST_TERMS, MOST_VALUES, operators_of
from api.parameters import COUNTS, DEDUPS, DEFAULT_LIMIT
from api.problems import MEDIA_TYPE
from api.resources import Resource
from api.schemas.answers import ProblemDocument
from api.serving.documented import add_to_document
from api.special_documented import special_parameter
from api.values import MONEY_LIMIT
from inventory.listing import VERTICALS
from inventory.taxonomy.categories import CATEGORIES

DESCRIPTION: Final = """
Dealers' stock of two kinds, heavy **equipment** and **dog** products, as it was crawled. Read-only; nothing is cut
silently.

**Filters.** Any column, in any combination:

| write | means |
| --- | --- |
| `make=Caterpillar` | equal |
| `make=Caterpillar,Komatsu` or `make=Caterpillar&make=Komatsu` | any of them; `make__in=` is the same |
| `location="Tulsa, OK"` | double quotes keep a comma |
| `price__gte=`, `price__gt=`, `price__lte=`, `price__lt=` | ranges of numbers and times |
| `hours__isnull=true` | unknown; `false`: known |
| `title__contains=long reach` | holds the text, upper or lower case |
| `last_seen__gte=2026-01-31` | a time may be a whole day (UTC) |
| `category=excavators` | with all categories below it |

**Machines, not advertisements.** Listings of one thing share `unit_id`. `dedup=unit` gives one row of each unit among
the matches of `/v1/listings`; `/v1/units` lists the things themselves.

An unknown parameter or a value that cannot be used is refused with 422, which names it; never ignored.

**Order and pages.** `sort=-price,year`: a minus turns the order round, unknown values stand last. Pages follow by
`next` in the body or the `Link` header, as deep as the data go. A cursor holds for its filters and sort only.

**Values.** `null` means unknown and `0` means zero. Amounts are JSON numbers, exact to the cent, beside `currency`.
Times are ISO 8601 in UTC. A unit of measure is part of a name (`hours`, `operating_weight_kg`) or stands beside it
(`size_value` in `size_unit`). Where amounts of several currencies, or sizes in several units, are compared, `warnings`
says so with counts.

**Errors** are problem documents (RFC 9457). **Promise:** columns may be added to `/v1`, none is renamed.
"""

CSV_RESPONSE: Final[dict[str, Any]] = {
    "description": "A header line, then a line for each row",
    "content": {
        "text/csv": {
            "schema": {"type": "string"},
            "example": "id,dealer,price,currency\n1042,northside,124500.00,USD\n",
        }
    },
}
VERTICAL_PARAMETER: Final[dict[str, Any]] = {
    "name": "vertical",
    "in": "query",
    "description": "Only this kind of stock",
    "schema": {"type": "string", "enum": list(VERTICALS)},
}
PROBLEMS: Final = {
    400: "The cursor is not one of ours, or belongs to another query",
    404: "There is nothing with this id",
    406: "`Accept` names no format that there is",
    422: "A parameter is unknown or its value cannot be used; `errors` names each",
    503: "The database is out of reach or busy, or its schema does not fit; `Retry-After` says when to ask again",
}
ITEM: Final = r"""^ *([^", \u0000]([^,\u0000]*[^, \u0000])?|"([^"\u0000]|"")+") *$"""
"""A text in a comma list: plain, or in double quotes where it holds a comma."""
CONTROLS: Final[Mapping[str, tuple[str, dict[str, Any], Any]]] = {
    "limit": (
        f"Rows of a page; more than the maximum is refused, not cut. Without it: {DEFAULT_LIMIT}",
        {"type": "integer", "minimum": 1},
        20,
    ),
    "cursor": ("`next_cursor` of the page before, exactly as received", {"type": "string", "minLength": 1}, None),
    "since": (
        "A day or a time, or `next_cursor` of the page before, exactly as received. Without it: from the beginning",
        {"type": "string", "minLength": 1},
        "2026-01-31",
    ),
    "count": (
        "`exact` counts the whole filtered set (once, for its first page), `estimated` asks the database's planner, "
        "`none` spares the time. Without it a few thousand rows are counted, and more are estimated (`count_kind`)",
        {"type": "string", "enum": list(COUNTS)},
        "none",
    ),
    "as_of": (
        "The stock as it was at the end of this day (UTC). Columns that nobody noted then are left out, and refused "
        "where they are named",
        {"type": "string", "format": "date"},
        None,
    ),
    "strict": (
        "`true`: what would be a warning (several currencies, units of measure, rent beside sale) is refused with 422",
        {"type": "boolean", "default": False},
        None,
    ),
    "dedup": (
        "`unit`: one row for each unit that has a match, the best of its listings that match: on offer before sold "
        "before gone, then with a price, then seen last, then the lower id. A row stands for `unit_listings_count` "
        "listings, matching or not",
        {"type": "string", "enum": list(DEDUPS)},
        "unit",
    ),
}
WORDS_OF: Final = {"gte": "at least", "gt": "more than", "lte": "at most", "lt": "less than"}


def answers(model: type[BaseModel] | None, *problems: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: what it answers with (None: CSV), and the errors that it can end in."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    found: dict[int | str, dict[str, Any]] = {200: CSV_RESPONSE if model is None else {"model": model}}
    for status in problems:
        found[status] = {"description": PROBLEMS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
    return found


def list_parameters(resource: Resource, *, export: bool = False) -> dict[str, Any]:
    """`openapi_extra=` of a list: its controls, then every filter of every column."""
    shown = [_control(resource, name) for name in resource.controls(export=export)]
    shown += [special_parameter(name) for name in resource.special]
    for column in resource.columns.values():
        shown += _filters(column)
    return {"parameters": shown}


def document(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document with the schema of problems, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs", {})
        schemas["ProblemDocument"] = problem
        _state_largest_page(made, app.state.settings.api_max_page_size)
        add_to_document(made, app.state.settings, app.state.access)
        app.openapi_schema = made
    return app.openapi_schema


def _state_largest_page(made: dict[str, Any], largest: int) -> None:
    for path in made["paths"].values():
        for parameter in path["get"].get("parameters", ()):
            if parameter["name"] == "limit":
                parameter["schema"] = {**parameter["schema"], "maximum": largest}


def _control(resource: Resource, name: str) -> dict[str, Any]:
    """A parameter that is no filter."""
    if name == "sort":
        return _sort(resource)
    return _fields(resource) if name == "fields" else _parameter(name, *CONTROLS[name])


def _sort(resource: Resource) -> dict[str, Any]:
    names = [column.name for column in resource.columns.values() if column.sortable]
    usual, ties = resource.default_sort, " and ".join(resource.identity)
    description = f"Up to five columns, `-` for descending; unknown values last, ties by {ties}. Without it: `{usual}`"
    items = {"type": "string", "enum": [sign + name for name in names for sign in ("", "-")]}
    example = ["-price", "year"] if "price" in resource.columns else [usual]
    return _parameter(
        "sort", description, {"type": "array", "items": items, "minItems": 1, "maxItems": 1}, example, many=True
    )


def _fields(resource: Resource) -> dict[str, Any]:
    wide = ", ".join(f"`{column.name}`" for column in resource.columns.values() if column.wide)
    also = f"; {wide} are shown only when named here" if wide else ""
    items = {"type": "string", "enum": list(resource.own)}
    schema = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    return _parameter("fields", f"Columns to show, in this order{also}", schema, list(resource.own)[:3], many=True)


def _filters(column: ApiColumn) -> list[dict[str, Any]]:
    """The column's parameters. `__in` means what plain equality means, so it is not listed again."""
    operators = operators_of(column)
    unit = f" [{column.unit}]" if column.unit else ""
    schema = _value_schema(column)
    found: list[dict[str, Any]] = []
    if "in" in operators:
        most = MOST_TERMS if column.kind in ("list", "time") else MOST_VALUES
        item = {"type": "string", "pattern": ITEM} if column.kind in ("text", "list") else schema
        values = {"type": "array", "items": item, "minItems": 1, "maxItems": most}
        typed = _typed(column)
        example = None if typed is None else [f'"{typed}"' if isinstance(typed, str) and "," in typed else typed]
        found.append(_parameter(column.name, column.description + unit, values, example, many=True))
    for operator, words in WORDS_OF.items():
        if operator in operators:
            name = f"{column.name}__{operator}"
            found.append(_parameter(name, f"`{column.name}` {words} this{unit}", schema, _typed(column)))
    if "contains" in operators:
        text = f"`{column.name}` holds this text, in upper or lower case"
        found.append(_parameter(f"{column.name}__contains", text, schema))
    if column.nullable:
        text = f"Whether `{column.name}` is unknown"
        found.append(_parameter(f"{column.name}__isnull", text, {"type": "boolean"}))
    return found


def _value_schema(column: ApiColumn) -> dict[str, Any]:
    match column.kind:
        case "integer":
            form = "int64" if column.largest == BIGINT_MAX else "int32"
            return {"type": "integer", "format": form, "minimum": -column.largest, "maximum": column.largest}
        case "float":
            return {"type": "number"}
        case "money":
            return {"type": "number", "exclusiveMinimum": -int(MONEY_LIMIT), "exclusiveMaximum": int(MONEY_LIMIT)}
        case "time":
            return {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
        case "boolean":
            return {"type": "boolean"}
        case "word":
            return {"type": "string", "enum": list(column.words)}
        case "category":
            return {"type": "string", "enum": list(CATEGORIES)}
    return {"type": "string", "minLength": 1, "pattern": r"^[^\u0000]+$"}


def _typed(column: ApiColumn) -> Any:
    if column.example is None:
        return None
    if column.kind == "integer":
        return int(column.example)
    if column.kind in ("float", "money"):
        return float(column.example)
    return column.example == "true" if column.kind == "boolean" else column.example


def _parameter(
    name: str, description: str, schema: dict[str, Any], example: Any = None, *, many: bool = False
) -> dict[str, Any]:
    """`many`: a comma list (which may be repeated too)."""
    made: dict[str, Any] = {"name": name, "in": "query", "description": description, "schema": schema}
    if many:
        made |= {"style": "form", "explode": False}
    return made if example is None else made | {"example": example}

"""The parameters of statistics in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.openapi import list_parameters
from api.resources import Resource


def parameter(
    name: str, description: str, schema: dict[str, Any], example: Any = None, *, required: bool = False
) -> dict[str, Any]:
    """One parameter; an array is a comma list."""
    made: dict[str, Any] = {"name": name, "in": "query", "description": description, "schema": schema}
    if schema.get("type") == "array":
        made |= {"style": "form", "explode": False}
    if required:
        made["required"] = True
    return made if example is None else made | {"example": example}


def some_of(names: Sequence[str], most: int) -> dict[str, Any]:
    """A list of different ones of these names."""
    items = {"type": "string", "enum": list(names)}
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most, "uniqueItems": True}


def statistic_parameters(resource: Resource, *own: dict[str, Any]) -> dict[str, Any]:
    """`openapi_extra=` of a statistic: its own parameters, then those that it shares with the list.

    A filter that is among `own` is as it stands there.
    """
    names = {one["name"] for one in own}
    shared = replace(resource, page_controls=tuple(name for name in resource.page_controls if name not in names))
    kept = [one for one in list_parameters(shared)["parameters"] if one["name"] not in names]
    return {"parameters": [*own, *kept]}

"""The conditions of special filters (`api.special_filters`) in SQL. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from api.places.circle import Circle, in_circle, in_plain_box
from api.search.sql import found_by


def special_condition(operator: str, column: Any, values: tuple[Any, ...], dialect: str) -> ColumnElement[bool] | None:
    """The condition of an operator that only special filters have; None for any other.

    `column` is one of `listings`, or of an alias of it, whose other columns are compared too.
    """
    match operator:
        case "q":
            return found_by(values[0], column, dialect)
        case "near":
            return in_circle(column, column.table.c.lon, Circle(*values), dialect)
        case "box":
            return in_plain_box(column, column.table.c.lon, Circle(*values))
        case "fits":
            return _fits(column, column.table.c.dog_weight_max_kg, values)
    return None


def _fits(least: Any, most: Any, ranges: Iterable[tuple[float, float]]) -> ColumnElement[bool]:
    """Whether a product is for dogs of some weight in one of the ranges. One that names no weight at all is not."""
    reaches = [and_(or_(least.is_(None), least <= high), or_(most.is_(None), most >= low)) for low, high in ranges]
    return and_(or_(least.is_not(None), most.is_not(None)), or_(*reaches))

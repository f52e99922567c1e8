"""Conditions on the numbers of things, for statements that are compiled once and asked for many. Pure."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, any_


def among(column: Any, numbers: Any) -> ColumnElement[bool]:
    """Whether the column holds one of the numbers. `numbers`: a list, or a bound value that stands for one."""
    found: ColumnElement[bool] = column.in_(numbers) if isinstance(numbers, list) else column == any_(numbers)
    return found

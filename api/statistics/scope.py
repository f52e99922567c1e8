"""What statistics share: parameters read together, rows counted by status."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from api.parameters import ListQuery
from api.problems import ParameterError, Problem, bad_parameters
from api.queries.lists import grouped_counts

One = TypeVar("One")
Other = TypeVar("Other")


def asked(own: Callable[[], One], shared: Callable[[], Other]) -> tuple[One, Other]:
    """What both read. Raises `Problem` 422 with all that is wrong for either."""
    errors: list[ParameterError] = []
    try:
        first = own()
    except Problem as problem:
        if problem.kind != "invalid-parameter":
            raise
        errors += problem.errors
    try:
        second = shared()
    except Problem as problem:
        if problem.kind != "invalid-parameter":
            raise
        errors += problem.errors
    if errors:
        raise bad_parameters(errors)
    return first, second


def status_counts(connection: Connection, query: ListQuery, dialect: str) -> dict[str, int]:
    """The query's rows by status."""
    by = query.resource.columns["status"]
    statement = grouped_counts(query, query.filters, (by,), None, dialect)
    found: dict[str, int] = dict(tuple(row) for row in connection.execute(statement))
    return {word: int(found.get(word, 0)) for word in by.words}

"""What statistics share: their own parameters beside the list's, and the opening of their reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection
from starlette.requests import Request

from api.database import database_of
from api.pages import warnings_for
from api.parameters import ListQuery
from api.problems import ParameterError, Problem, bad_parameters, misleading
from api.statistics.as_of import as_it_was
from api.statistics.pruned import pruned_warnings
from api.statistics.weight import Reading, reading
from api.warnings import Warned

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


@dataclass(frozen=True, slots=True)
class Opened:
    """A statistic that can be read: the query over the rows of its day, what its filters mix, and where to read."""

    query: ListQuery
    dialect: str
    reading: Reading
    warnings: list[Warned]

    @property
    def connection(self) -> Connection:
        """Where to read."""
        return self.reading.connection


@contextmanager
def opened(request: Request, query: ListQuery, unknown: Sequence[ParameterError]) -> Iterator[Opened]:
    """Opens a statistic; `unknown`: what it asks for that is not known of a past day.

    Raises `Problem` 422 for that where a past day is asked for, for a dealer that is not known, and where a strict
    query would mislead; 503 where too many wait.
    """
    if query.as_of is not None and unknown:
        raise bad_parameters(list(unknown))
    dialect = database_of(request).dialect
    with reading(request, query) as found:
        then = as_it_was(query, dialect)
        warnings = pruned_warnings(found.connection, query) + warnings_for(found.connection, then, dialect)
        refuse_misleading(then, warnings)
        yield Opened(then, dialect, found, warnings)


def refuse_misleading(query: ListQuery, warnings: Sequence[Warned]) -> None:
    """Raises `Problem` 422 where a strict query has warnings."""
    if query.strict and warnings:
        raise misleading(warnings)

"""What stands where a connection does on the event loop, so that one code makes an answer there and in threads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from sqlalchemy import Dialect, Engine

if TYPE_CHECKING:
    from api.direct import Asked

Rows = list[tuple[Any, ...]]


class NotKnown(Exception):
    """Something must be asked of the database first: `asked`, where that is one prepared statement and nothing else."""

    def __init__(self, asked: Asked | None = None) -> None:
        super().__init__()
        self.asked = asked


class Unasked:
    """For what may be known without asking; who asks gets `NotKnown`."""

    def __init__(self, engine: Engine) -> None:
        self.engine: Final = engine

    @property
    def dialect(self) -> Dialect:
        """The engine's."""
        return self.engine.dialect

    def execute(self, *_: Any) -> NoReturn:
        """Raises `NotKnown`."""
        raise NotKnown


class Told(Unasked):
    """For what was asked before: the rows of each statement by its text, of which `most` were asked for."""

    def __init__(self, engine: Engine, rows: Mapping[str, Rows], most: int, most_rows: str) -> None:
        super().__init__(engine)
        self._rows, self._most, self._most_rows = rows, most, most_rows

    def rows(self, asked: Asked) -> Rows:
        """The rows of a statement, as many as it wants. Raises `NotKnown` where it or so many were not asked for."""
        statement, given = asked
        wanted: int | None = given[self._most_rows]
        rows = self._rows.get(statement.text)
        if rows is None:
            raise NotKnown(asked)
        if len(rows) >= self._most and (wanted is None or wanted > self._most):
            raise NotKnown
        return rows if wanted is None else rows[:wanted]

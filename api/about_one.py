"""An answer about one thing: all its statements go to PostgreSQL in one go, on the event loop.

Measured on one machine, a unit of seven statements: one after the other in a thread 3.6 ms of a processor, so 2.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.database import database_of
from api.direct import MOST_ROWS, Asked
from api.lines import Lines, NoLine
from api.rows import JsonResponse
from api.stand_in import NotKnown, Told

MOST: Final = 100
"""Rows of one statement: more would hold up all others while they are written."""
ROUNDS: Final = 2
"""What is asked may depend on what was told first."""
Make = Callable[[Connection, str], dict[str, Any]]
"""Makes the answer of what it reads on a connection to a database of that dialect."""


async def answer_about(request: Request, asked: Callable[[], Sequence[Asked]], make: Make) -> JsonResponse:
    """The answer that `make` gives; `asked` says what it will ask. Where it asks more than that, there is much to tell,
    or the loop has no connection to spare, a thread asks one after the other. Raises what `make` raises."""
    database = database_of(request)
    lines: Lines | None = request.app.state.lines
    if lines is not None:
        try:
            return JsonResponse(await _on_the_loop(lines, database.short_reads, asked(), make))
        except (NotKnown, NoLine):
            pass

    def by_thread() -> JsonResponse:
        with database.read() as connection:
            return JsonResponse(make(connection, database.dialect))

    return await run_in_threadpool(by_thread)


async def _on_the_loop(lines: Lines, engine: Engine, asked: Sequence[Asked], make: Make) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for _ in range(ROUNDS):
        rows |= await lines.together(asked, MOST)
        try:
            return make(cast(Connection, Told(engine, rows, MOST, MOST_ROWS)), "postgresql")
        except NotKnown as missing:
            if missing.asked is None:
                raise
            asked = [missing.asked]
    raise NotKnown

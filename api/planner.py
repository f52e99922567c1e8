"""What PostgreSQL's planner expects of a statement, without running it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ClauseElement, Connection, Executable
from sqlalchemy.ext.compiler import compiles


class _Explain(Executable, ClauseElement):
    """EXPLAIN of a statement, as JSON."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(_Explain, "postgresql")
def _explained(element: _Explain, compiler: Any, **options: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + str(compiler.process(element.statement, **options))


def plan_of(connection: Connection, statement: Any) -> Mapping[str, Any]:
    """The plan's outermost node: `Plan Rows`, `Total Cost`, `Plans`."""
    plan: Mapping[str, Any] = connection.execute(_Explain(statement)).scalar_one()[0]["Plan"]
    return plan

"""What the two databases say differently about writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_ignoring(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], unique: tuple[str, ...]
) -> dict[tuple[Any, ...], int]:
    """Insert rows and leave out those whose unique key is there already; key → id of the rows that were added."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(table)
        .on_conflict_do_nothing(index_elements=list(unique))
        .returning(table.c.id, *(table.c[name] for name in unique))
    )
    return {tuple(row[1:]): row[0] for row in connection.execute(statement, list(rows))}


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], unique: tuple[str, ...]) -> None:
    """Insert rows; those whose unique key is there already replace what stands there. No key comes twice in `rows`."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in unique}
    connection.execute(statement.on_conflict_do_update(index_elements=list(unique), set_=replaced), list(rows))

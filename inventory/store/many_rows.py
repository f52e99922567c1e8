"""Many rows in one statement: the cost of a batch is that of its rows, not of as many statements.

PostgreSQL gets new rows by COPY (inventory/store/copying.py). Others it gets as one JSON text, which it takes apart
itself: one parameter, one plan, and a statement that is the same for every batch. SQLite takes row after row, which
costs it least.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Table,
    TableValuedAlias,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from inventory.columns import Money, Time
from inventory.store.copying import copy_in_order, copy_rows, time_text

Rows = Sequence[Mapping[str, Any]]
"""Rows of one table: column → value, each with the columns of the first."""

Names = tuple[str, ...]

_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
_AMONG: Final = (
    "{table}.rowid IN (SELECT here.rowid FROM json_each(:wanted) AS given CROSS JOIN {table} AS here WHERE {same})"
)


def insert_rows(
    connection: Connection, table: Table, rows: Rows, *, unless: Names = (), returning: Names = ()
) -> Sequence[Any]:
    """Insert rows but those whose columns `unless` stand there already; the columns `returning` of what was inserted.

    What comes back is in no certain order.
    """
    if not rows:
        return []
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        if not unless and not returning:
            copy_rows(connection, table, rows)
            return []
        result = connection.execute(_insert_all(table, names, unless, returning), {"rows": _as_json(table, rows)})
        return result.all() if returning else []
    statement = sqlite.insert(table)
    if unless:
        statement = statement.on_conflict_do_nothing(index_elements=list(unless))
    if returning:
        return connection.execute(statement.returning(*(table.c[name] for name in returning)), list(rows)).all()
    connection.execute(statement, list(rows))
    return []


def insert_in_order(connection: Connection, parts: Sequence[tuple[Table, Iterable[Mapping[str, Any]]]]) -> None:
    """Insert rows into one table after the other; PostgreSQL takes some while the next are made.

    So the connection is not to be used while rows are made.
    """
    if connection.dialect.name == "postgresql":
        copy_in_order(connection, parts)
        return
    for table, rows in parts:
        insert_rows(connection, table, list(rows))


def next_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Ids that no row of the table has, nor gets from another writer. In SQLite the caller's transaction writes."""
    if connection.dialect.name == "postgresql":
        name = cast(func.pg_get_serial_sequence(table.name, table.c.id.name), postgresql.REGCLASS)
        sequence = select(name).scalar_subquery()  # asked once, not for each id
        query = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
        return list(connection.execute(query).scalars().all())
    last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return list(range(last + 1, last + 1 + count))


def upsert(connection: Connection, table: Table, rows: Rows, unique: Names) -> None:
    """Insert rows; those whose unique key is there already replace what stands there. No key comes twice in `rows`."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        connection.execute(_upsert_all(table, names, unique), {"rows": _as_json(table, rows)})
        return
    statement = sqlite.insert(table)
    replaced = {name: statement.excluded[name] for name in names if name not in unique}
    connection.execute(statement.on_conflict_do_update(index_elements=list(unique), set_=replaced), list(rows))


def update_rows(connection: Connection, table: Table, rows: Rows, key: Names) -> None:
    """Set the columns of rows that are found by `key`. The caller has locked them: the order is not certain."""
    if not rows:
        return
    names = tuple(name for name in rows[0] if name not in key)
    if connection.dialect.name == "postgresql":
        connection.execute(_update_all(table, names, key), {"rows": _as_json(table, rows)})
        return
    statement = (
        update(table)
        .where(*(table.c[name] == bindparam(f"_{name}", type_=table.c[name].type) for name in key))
        .values({name: bindparam(f"_{name}", type_=table.c[name].type) for name in names})
    )
    connection.execute(statement, [{f"_{name}": value for name, value in row.items()} for row in rows])


def are_among(
    connection: Connection, columns: Sequence[Column[Any]], wanted: Iterable[tuple[Any, ...]]
) -> ColumnElement[bool]:
    """Whether columns of numbers and texts hold one of these tuples: however many they are, they are one parameter.

    The table is named as it is, without an alias, and on SQLite has row ids.
    """
    names = tuple(entry.name for entry in columns)
    if connection.dialect.name == "postgresql":
        given = _given(columns[0].table, names, json.dumps([dict(zip(names, one, strict=True)) for one in wanted]))
        return tuple_(*columns).in_(select(*(given.c[name] for name in names)))
    given_texts = bindparam("wanted", json.dumps(list(wanted)), type_=Text, unique=True)
    return and_(text(_among(columns[0].table, names)).bindparams(given_texts))


@cache
def _among(table: Any, names: Names) -> str:
    """SQLite takes an index for the first column only where several are compared with a list; a join takes all."""
    name = table.name
    same = " AND ".join(f"here.{names[at]} = json_extract(given.value, '$[{at}]')" for at in range(len(names)))
    return _AMONG.format(table=name, same=same)


@cache
def _insert_all(table: Table, names: Names, unless: Names, returning: Names) -> Any:
    given = _given(table, names)
    statement = postgresql.insert(table).from_select(list(names), select(*(given.c[name] for name in names)))
    if unless:
        statement = statement.on_conflict_do_nothing(index_elements=list(unless))
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


@cache
def _upsert_all(table: Table, names: Names, unique: Names) -> Any:
    statement = _insert_all(table, names, (), ())
    replaced = {name: statement.excluded[name] for name in names if name not in unique}
    return statement.on_conflict_do_update(index_elements=list(unique), set_=replaced)


@cache
def _update_all(table: Table, names: Names, key: Names) -> Any:
    given = _given(table, (*key, *names))
    statement = update(table).where(*(table.c[name] == given.c[name] for name in key))
    return statement.values({name: given.c[name] for name in names})


def _given(table: Any, names: Names, rows: str | None = None) -> TableValuedAlias:
    """The rows of a JSON text as a table with these columns of another; a null of JSON is NULL in each."""
    given_rows = bindparam("rows", rows, type_=Text, required=rows is None, unique=rows is not None)
    columns = (column(name, table.c[name].type) for name in names)
    given = func.json_to_recordset(cast(given_rows, JSON)).table_valued(*columns)
    return given.render_derived(name="given", with_types=True)


def _as_json(table: Table, rows: Rows) -> str:
    """Raises `TypeError` or `ValueError` for what no column of the table holds."""
    spelled = [(name, kind) for name in rows[0] if (kind := _SPELLED.get(type(table.c[name].type)))]
    given = []
    for row in rows:
        said = {name: value for name, value in row.items() if value is not None}
        for name, spell in spelled:
            if name in said:
                said[name] = spell(said[name])
        given.append(said)
    return orjson.dumps(given, option=_OPTIONS).decode()


_SPELLED: Final[Mapping[type, Callable[[Any], str]]] = {Time: time_text, Money: str}
"""Columns whose values JSON does not have. A time inside a column of JSON is refused, as it is by SQLite."""

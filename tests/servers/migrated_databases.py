"""PostgreSQL databases with all tables, used again: emptying one costs an eighth of copying the template.

A database is used again only when it is as it was: same catalogue rows (a transaction that alters a table, a right or
a function leaves its number in them), same statistics, nearly the same size. Any other is dropped.
"""

from __future__ import annotations

import uuid
from typing import Final

import psycopg
from psycopg import sql

GROWN_BYTES: Final = 8_000_000
"""Deleted rows are never vacuumed, so that rows come in the order in which they went in."""
AS_IT_WAS: Final = """
    SELECT md5(string_agg(found, ' ' ORDER BY found)) FROM (
        SELECT concat_ws(':', 'class', oid, xmin, reltuples) FROM pg_class WHERE oid >= 16384
        UNION ALL SELECT concat_ws(':', 'attribute', attrelid, attnum, xmin) FROM pg_attribute WHERE attrelid >= 16384
        UNION ALL SELECT concat_ws(':', 'constraint', oid, xmin) FROM pg_constraint WHERE oid >= 16384
        UNION ALL SELECT concat_ws(':', 'index', indexrelid, xmin) FROM pg_index WHERE indexrelid >= 16384
        UNION ALL SELECT concat_ws(':', 'trigger', oid, xmin) FROM pg_trigger
        UNION ALL SELECT concat_ws(':', 'rule', oid, xmin) FROM pg_rewrite WHERE oid >= 16384
        UNION ALL SELECT concat_ws(':', 'policy', oid, xmin) FROM pg_policy
        UNION ALL SELECT concat_ws(':', 'function', oid, xmin) FROM pg_proc WHERE oid >= 16384
        UNION ALL SELECT concat_ws(':', 'type', oid, xmin) FROM pg_type WHERE oid >= 16384
        UNION ALL SELECT concat_ws(':', 'schema', oid, xmin) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
        UNION ALL SELECT concat_ws(':', 'extension', oid, xmin) FROM pg_extension
        UNION ALL SELECT concat_ws(':', 'statistics', oid, xmin) FROM pg_statistic_ext
        UNION ALL SELECT concat_ws(':', 'default', oid, xmin) FROM pg_default_acl
        UNION ALL SELECT concat_ws(':', 'column default', oid, xmin) FROM pg_attrdef
        UNION ALL SELECT concat_ws(':', 'setting', setrole, setconfig) FROM pg_db_role_setting
            JOIN pg_database ON pg_database.oid = setdatabase AND datname = current_database()
        UNION ALL SELECT concat_ws(':', 'database', datacl, datconnlimit, datallowconn) FROM pg_database
            WHERE datname = current_database()
        UNION ALL SELECT concat_ws(':', 'migration', alembic_version) FROM alembic_version
    ) AS catalogue(found)"""
OTHERS: Final = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
EMPTIED: Final = """
    SELECT string_agg(format('DELETE FROM %s', oid::regclass), '; ') FROM pg_class
    WHERE relkind = 'r' AND oid >= 16384 AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"""


class MigratedDatabases:
    """Those of one server. `template` has all tables, and nobody is connected to it."""

    def __init__(self, server_url: str, template: str) -> None:
        self._server_url = server_url
        self._base_url = server_url.rpartition("/")[0]
        self._template = template
        self._free: list[str] = []
        with psycopg.connect(f"{self._base_url}/{template}") as connection:
            self._as_it_was, self._bytes = _seen(connection)
            found = connection.execute(EMPTIED).fetchone()
            assert found is not None
            self._emptying = f"SET session_replication_role = replica; {found[0]}"

    def take(self) -> str:
        """The URL of an empty one."""
        if self._free:
            return f"{self._base_url}/{self._free.pop()}"
        name = f"test_{uuid.uuid4().hex[:12]}"
        names = {"name": sql.Identifier(name), "template": sql.Identifier(self._template)}
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
        return f"{self._base_url}/{name}"

    def give_back(self, url: str) -> None:
        """Whoever is still connected is no more. It is emptied, or dropped where it is not as it was."""
        name = url.rpartition("/")[2]
        if self._emptied(url):
            self._free.append(name)
        else:
            with psycopg.connect(self._server_url, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _emptied(self, url: str) -> bool:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"SELECT pg_terminate_backend(pid, 10000) {OTHERS}")
            others = connection.execute(f"SELECT count(*) {OTHERS}").fetchone()  # one that was leaving is gone by now
            assert others is not None
            try:
                as_it_was, size = _seen(connection)
            except psycopg.errors.UndefinedTable:  # not even the revision of its tables is there any more
                return False
            if others[0] or as_it_was != self._as_it_was or size > self._bytes + GROWN_BYTES:
                return False
            connection.execute(self._emptying.encode())
            connection.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
            return True


def _seen(connection: psycopg.Connection[tuple[str, int]]) -> tuple[str, int]:
    found = connection.execute(f"SELECT found.*, pg_database_size(current_database()) FROM ({AS_IT_WAS}) AS found")
    row = found.fetchone()
    assert row is not None
    return row

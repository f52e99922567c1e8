"""The plans of the benchmark's queries: EXPLAIN (ANALYZE, BUFFERS) of what each page reads, for docs/performance.md.

Of each query's values the one that took longest is shown, on its second reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import psycopg

from api.direct import MOST_ROWS, Prepared, prepared
from api.keyset import read_cursor
from api.parameters import ListQuery, parse_query
from api.queries.listing import MOST_EVENTS, newest_events, whole_listing
from api.queries.lists import page_statements, ranked_hits
from api.queries.ranked import MOST_RANKED
from api.queries.units import MOST_LISTINGS, listings_of, whole_unit
from api.resources import LISTINGS
from bench.api.queries import LIMIT, Query

VALUES: Final = 8
WIDEST: Final = 170
_DIALECT: Final = "postgresql"
_OF_ONE: Final = {
    "listings": ((whole_listing, 1), (newest_events, MOST_EVENTS + 1)),
    "units": ((whole_unit, 1), (listings_of, MOST_LISTINGS + 1)),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What PostgreSQL did for one address: milliseconds with planning, and the lines of each statement's plan."""

    path: str
    ms: float
    lines: tuple[str, ...]


def write_plans(url: str, queries: Sequence[Query], file: Path) -> None:
    """Markdown: a heading for each query, and the plan of its slowest value."""
    file.parent.mkdir(exist_ok=True)
    with psycopg.connect(url, autocommit=True) as connection, psycopg.RawCursor(connection) as cursor:
        parts = [_section(query, max(_plans(cursor, query), key=lambda plan: plan.ms)) for query in queries]
    file.write_text("\n".join(parts), encoding="utf-8")


def _section(query: Query, plan: Plan) -> str:
    path = re.sub(r"cursor=[^&]+", "cursor=…", plan.path)
    shown = "\n".join(line[:WIDEST] for line in plan.lines)
    return f"### {query.name}\n\n`{path}`: {plan.ms:.1f} ms with planning.\n\n```text\n{shown}\n```\n"


def _plans(cursor: psycopg.RawCursor[Any], query: Query) -> Iterator[Plan]:
    for path in islice(query.paths, VALUES):
        lines: list[str] = []
        ms = 0.0
        missing = LIMIT + 1
        for statement, most in _statements(path):
            for _ in range(2):
                found = _explained(cursor, statement, min(most, missing))
            lines += found
            ms += sum(float(line.split()[2]) for line in found[-2:])
            rows = re.search(r"rows=(\d+) loops", found[0])
            missing -= int(rows[1]) if rows and most > 1 else 0
            if missing <= 0:
                break
        yield Plan(path, ms, tuple(lines))


def _explained(cursor: psycopg.RawCursor[Any], statement: Prepared, most: int) -> list[str]:
    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement.text}".encode(), statement.with_values({MOST_ROWS: most}))
    return [line for (line,) in cursor.fetchall()]


def _statements(path: str) -> Iterator[tuple[Prepared, int]]:
    """The statements that an address reads its rows by, and how many rows each may give."""
    address = urlsplit(path)
    of_one = re.fullmatch(r"/v1/(listings|units)/(\d+)", address.path)
    if of_one:
        for about, most in _OF_ONE[of_one[1]]:
            yield prepared(about(int(of_one[2]), _DIALECT)), most
        return
    query = parse_query(LISTINGS, parse_qsl(address.query), max_page_size=1000)
    if query.ranked:
        yield prepared(ranked_hits(query, LISTINGS.columns["status"], _DIALECT)), MOST_RANKED + 1
        return
    for statement in page_statements(query, _after(query), _DIALECT):
        yield prepared(statement), LIMIT + 1


def _after(query: ListQuery) -> tuple[Any, ...] | None:
    return None if query.cursor is None else read_cursor(query.cursor, query.fingerprint, query.keys)[0]

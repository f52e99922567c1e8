"""A page of a ranked search: what is ranked is read once, and of it the page's rows, the counts and what was cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from api.columns import ApiColumn
from api.counting import key_of
from api.direct import MOST_ROWS, Prepared, keeping, prepared, rows_by_number, run
from api.kept import Kept
from api.parameters import ListQuery
from api.queries import ranked as ranking
from api.queries.lists import page_columns, ranked_hits


@dataclass(frozen=True, slots=True)
class Ranked:
    """`found`: the rank, the number and the group's word of each row that is ranked, the best first. `cut`: more match
    than are ranked."""

    found: tuple[tuple[float, int, str], ...]
    cut: bool

    def counts(self) -> dict[str, int]:
        """How many of the ranked rows there are of each word."""
        return Counter(word for _, _, word in self.found)

    def behind(self, after: Sequence[Any] | None) -> list[tuple[float, int]]:
        """Rank and number of the rows behind a cursor."""
        last = None if after is None else tuple(after)
        return [(rank, number) for rank, number, _ in self.found if last is None or (rank, number) < last]


_RANKED: Final = Kept[Ranked](lambda ranked: True, most=100)


def read_ranked(connection: Connection, query: ListQuery, dialect: str, by: ApiColumn, at: str | None = None) -> Ranked:
    """What is ranked; `by` is the column by whose words it is counted. `at` is the version of the data that is read:
    what was ranked at it is not ranked again (for the pages behind the first, say)."""
    alike = replace(query, cursor=None, count="none", limit=1, strict=False, columns=(by,))
    if at is None or any(one.said for one in query.filters):
        return _ranked(connection, alike, dialect, by)
    return _RANKED.get(
        (connection.engine, at, by.name, *key_of(query)), partial(_ranked, connection, alike, dialect, by)
    )


def _ranked(connection: Connection, query: ListQuery, dialect: str, by: ApiColumn) -> Ranked:
    if dialect == "postgresql":
        newest = run(connection, _prepared_hits(query, by, ranking.MOST_RANKED), {MOST_ROWS: ranking.MOST_RANKED + 1})
    else:
        newest = [tuple(row) for row in connection.execute(ranked_hits(query, by, dialect)).all()]
    found = sorted(newest[: ranking.MOST_RANKED], key=lambda one: (one[0], one[1]), reverse=True)
    return Ranked(tuple(found), len(newest) > ranking.MOST_RANKED)


@keeping
def _prepared_hits(query: ListQuery, by: ApiColumn, _most: int) -> Prepared:
    return prepared(ranked_hits(query, by, "postgresql"))


def ranked_rows(
    connection: Connection, query: ListQuery, ranked: Ranked, after: Sequence[Any] | None, dialect: str
) -> list[dict[str, Any]]:
    """One row more than a page holds, if there is one."""
    columns = tuple(column for column in page_columns(query) if column is not ranking.RANK)
    number = query.resource.columns["id"]
    read = (*columns, *([] if number in columns else [number]))
    wanted = query.limit + 1
    left = ranked.behind(after)
    rows: list[dict[str, Any]] = []
    while left and len(rows) < wanted:  # a second time only where rows were deleted meanwhile
        asked, left = left[: wanted - len(rows)], left[wanted - len(rows) :]
        numbers = [one for _, one in asked]
        by_number = rows_by_number(connection, query.resource, read, numbers, dialect)
        found = {row["id"]: row for row in by_number}
        rows += [found[one] | {ranking.RANK.name: rank} for rank, one in asked if one in found]
    return rows

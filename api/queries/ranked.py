"""`q=` without `sort=`: the newest matches, ranked. Pure.

All filters are applied first; of what passes, the listings known last (with the highest numbers) are ranked, up to
`MOST_RANKED`. So what is ranked is bounded and always the same, and a filter never loses a match to the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Float, Select, column, select, table

from api.columns import ApiColumn
from api.filters import Filter
from api.resources import Resource
from api.search.sql import index_of, matching, number_of, rank
from api.sorting import Key

MOST_RANKED: Final = 1000
_HITS: Final = table("hits", column("row_id", BigInteger), column("rank", Float))
RANK: Final = ApiColumn("rank", _HITS.c.rank, "float", False, "", of=_HITS)
"""By what a ranked list is ordered; no row shows it."""


def ranked_keys(resource: Resource) -> tuple[Key, ...]:
    """The best first; of equal ones the newest."""
    return (Key(RANK, True), *(Key(resource.columns[name], True) for name in resource.identity))


def hits(
    resource: Resource,
    others: Sequence[Filter],
    where: Sequence[ColumnElement[bool]],
    sought: Filter,
    by: ApiColumn,
    dialect: str,
) -> Select[Any]:
    """What is ranked and one more, the newest first: rank, number and the value of `by`. `where` are the conditions of
    the filters beside `q`, `others`."""
    index, number = index_of(dialect), number_of(dialect)
    text: str = sought.values[0]
    tables: Any = index
    row_id: Any = number
    if others or where or resource.columns["id"].source is not sought.column.source:
        used = (resource.columns["id"], sought.column, *(filter_.column for filter_ in others))
        tables = resource.tables_for(used).join(index, number == sought.column.source)
        row_id = resource.columns["id"].source
    found = select(row_id.label("row_id"), rank(text, dialect).label("rank"), number.label("newest"))
    newest = found.select_from(tables).where(matching(text, dialect), *where)
    hit = newest.order_by(number.desc()).limit(MOST_RANKED + 1).cte("hits")
    own = resource.columns["id"].source
    return (
        select(hit.c.rank, hit.c.row_id, by.source)
        .select_from(resource.tables_for((by,)).join(hit, hit.c.row_id == own))
        .order_by(hit.c.newest.desc())
    )

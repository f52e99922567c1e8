"""n, mean and percentiles of groups, on both databases alike: linear between the two nearest (numpy's usual way).

PostgreSQL has `percentile_cont`; on SQLite rows are numbered within their group and the two nearest are weighed.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ARRAY, Double, Integer, Select, Subquery, case, cast, func, literal, select

PERCENTILES: Final = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}


def summarised(rows: Select[Any], keys: int, most: int, dialect: str) -> Select[Any]:
    """Groups of `rows`, whose first `keys` columns say which group a row is of, and whose `value` is summarised.

    A row a group: its keys, n, n_null, mean, min, max, percentiles (on PostgreSQL one array), how many groups and how
    many rows there are in all. The groups with the most values come first; at most `most`.
    """
    source = rows.subquery("measured")
    if dialect == "postgresql":
        return _by_percentile_cont(source, keys, most)
    return _by_row_numbers(source, keys, most)


def summary_of(row: Any, keys: int) -> dict[str, Any]:
    """The numbers of a group's row."""
    n, n_null, mean, low, high, *found = row[keys:-2]
    if len(found) == 1:
        found = found[0] or [None] * len(PERCENTILES)
    middle = dict(zip(PERCENTILES, found, strict=True))
    return {"n": int(n), "n_null": int(n_null), "mean": mean, "min": low, **middle, "max": high}


def _by_percentile_cont(source: Subquery, keys: int, most: int) -> Select[Any]:
    columns = list(source.c)[:keys]
    value = cast(source.c.value, Double)
    at = cast(literal(list(PERCENTILES.values()), ARRAY(Double)), ARRAY(Double))
    n = func.count(value)
    return (
        select(
            *columns,
            n,
            func.count() - n,
            func.avg(value),
            func.min(value),
            func.max(value),
            func.percentile_cont(at).within_group(value.asc()),
            func.count().over(),
            func.sum(func.count()).over(),
        )
        .group_by(*columns)
        .order_by(n.desc(), *(column.asc().nulls_last() for column in columns))
        .limit(most)
    )


def _by_row_numbers(source: Subquery, keys: int, most: int) -> Select[Any]:
    columns = list(source.c)[:keys]
    value = cast(source.c.value, Double)
    known = func.count(value).over(partition_by=columns or None)
    # Rows without a value stand behind those that have one, so that these are numbered from 0.
    numbered = select(
        *columns,
        value.label("value"),
        (func.row_number().over(partition_by=columns or None, order_by=value.asc().nulls_last()) - 1).label("place"),
        known.label("n"),
    ).subquery("numbered")
    keyed = list(numbered.c)[:keys]
    n = func.count(numbered.c.value)
    return (
        select(
            *keyed,
            n,
            func.count() - n,
            func.avg(numbered.c.value),
            func.min(numbered.c.value),
            func.max(numbered.c.value),
            *(_weighed(numbered, share) for share in PERCENTILES.values()),
            func.count().over(),
            func.sum(func.count()).over(),
        )
        .group_by(*keyed)
        .order_by(n.desc(), *(column.asc().nulls_last() for column in keyed))
        .limit(most)
    )


def _weighed(numbered: Subquery, share: float) -> Any:
    """The percentile of a group: the value below the place that is wanted, and the one above it by the rest."""
    wanted = literal(share, Double) * (numbered.c.n - 1)
    below = cast(wanted, Integer)  # SQLite cuts off what is behind the point
    rest = wanted - below
    parts = case(
        (numbered.c.place == below, numbered.c.value * (1.0 - rest)),
        (numbered.c.place == below + 1, numbered.c.value * rest),
    )
    return func.sum(parts)

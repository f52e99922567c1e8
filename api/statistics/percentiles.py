"""n, mean and percentiles of groups, on both databases alike: linear between the two nearest (numpy's usual way).

PostgreSQL has `percentile_cont`, which sorts all rows in one process; where values repeat, they are counted first (in
several processes) and placed by their counts. On SQLite rows are numbered within their group.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    Double,
    Integer,
    Label,
    Select,
    Subquery,
    Text,
    case,
    cast,
    func,
    literal,
    select,
)

Source: TypeAlias = CTE | Subquery

PERCENTILES: Final = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}


def summarised(
    rows: Select[Any], keys: int, most: int, dialect: str, *, scope: Sequence[str] = (), values_repeat: bool = False
) -> Select[Any]:
    """Groups of `rows`, whose first `keys` columns say which group a row is of, and whose `value` is summarised.

    A row a group: its keys, n, n_null, mean, min, max, percentiles (on PostgreSQL one array), how many groups and how
    many rows there are in all. The groups with the most values come first; at most `most`. `scope` names columns of
    `rows` by which all of them are counted from the same reading: see `split_scope`. `values_repeat`: most combinations
    of the columns are found in several rows.
    """
    counted = values_repeat and dialect == "postgresql"
    if counted:
        source = _counted(rows)
        found = _by_counts(source, keys, most)
    else:
        source = rows.cte("measured")
        found = (_by_percentile_cont if dialect == "postgresql" else _by_row_numbers)(source, keys, most)
    return found.add_columns(_scope(source, scope, dialect, counted=counted)) if scope else found


def split_scope(rows: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
    """The groups of a summary with a scope, and the scope: its columns, whether the value is null, rows."""
    return [row[:-1] for row in rows], json.loads(rows[0][-1] or "[]") if rows else []


def summary_of(row: Any, keys: int) -> dict[str, Any]:
    """The numbers of a group's row."""
    n, n_null, mean, low, high, *found = row[keys:-2]
    if len(found) == 1:
        found = found[0] or [None] * len(PERCENTILES)
    middle = dict(zip(PERCENTILES, found, strict=True))
    return {"n": int(n), "n_null": int(n_null), "mean": mean, "min": low, **middle, "max": high}


def _scope(source: CTE, names: Sequence[str], dialect: str, *, counted: bool) -> Label[Any]:
    """All rows by the columns and by whether they lack the value, as JSON."""
    scoped = source.alias("scoped")
    by = [scoped.c[name] for name in names]
    lacking = scoped.c.value.is_(None)
    times: Any = cast(func.sum(scoped.c.times), BigInteger) if counted else func.count()
    groups = (
        select(*by, lacking.label("lacking"), times.label("times")).select_from(scoped).group_by(*by, lacking)
    ).subquery("scopes")
    if dialect == "postgresql":
        told = cast(func.json_agg(func.json_build_array(*groups.c)), Text)
    else:
        told = cast(func.json_group_array(func.json_array(*groups.c)), Text)
    return select(told).scalar_subquery().label("scope")


def _counted(rows: Select[Any]) -> CTE:
    """Each combination of the columns once, with how many rows have it (`times`)."""
    source = rows.subquery("measured")
    return select(*source.c, func.count().label("times")).group_by(*source.c).cte("counted")


def _by_counts(source: CTE, keys: int, most: int) -> Select[Any]:
    """Each value stands at the places after those of all less ones. Counts are floats: exact, and added up fast."""
    told = (cast(source.c[name], Double).label(name) for name in ("value", "times"))
    numbers = select(*list(source.c)[:keys], *told).subquery("numbers")
    group = list(numbers.c)[:keys] or None
    known = numbers.c.value.is_not(None)
    placed = select(
        *numbers.c,
        func.sum(numbers.c.times).over(partition_by=group, order_by=numbers.c.value, rows=(None, 0)).label("upto"),
        (func.sum(numbers.c.times).filter(known).over(partition_by=group) - 1).label("last"),
    ).subquery("placed")
    keyed, value, times = list(placed.c)[:keys], placed.c.value, placed.c.times
    n = func.coalesce(func.sum(times).filter(value.is_not(None)), 0)
    n_null = func.coalesce(func.sum(times).filter(value.is_(None)), 0)
    return (
        select(
            *keyed,
            n,
            n_null,
            func.sum(value * times) / func.nullif(n, 0),
            func.min(value),
            func.max(value),
            *(_between(placed, share) for share in PERCENTILES.values()),
            func.count().over(),
            func.coalesce(func.sum(func.sum(times)).over(), 0),
        )
        .group_by(*keyed)
        .order_by(n.desc(), *(column.asc().nulls_last() for column in keyed))
        .limit(most)
    )


def _between(placed: Subquery, share: float) -> Any:
    """The percentile of a group, in the steps in which `percentile_cont` reckons it."""
    value, upto = placed.c.value, placed.c.upto
    wanted = literal(share, Double) * placed.c.last
    low = func.min(value).filter(upto > func.floor(wanted))
    high = func.min(value).filter(upto > func.ceil(wanted))
    rest = func.max(wanted - func.floor(wanted))
    return low + rest * (high - low)


def _by_percentile_cont(source: Source, keys: int, most: int) -> Select[Any]:
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


def _by_row_numbers(source: Source, keys: int, most: int) -> Select[Any]:
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

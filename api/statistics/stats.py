"""Numbers over many listings: how many have a value, its mean and its percentiles, by up to three columns. Pure.

What must not be mixed is kept apart without being asked for: amounts by currency, sizes by their unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select

from api.columns import ApiColumn
from api.parameters import ListQuery
from api.problems import ParameterError, suggest
from api.queries.lists import matches
from api.queries.one_a_unit import one_of_each
from api.resources import Resource
from api.statistics.days_on_market import DAYS, days_on_market
from api.statistics.facets import FIELDS, statistic
from api.statistics.percentiles import summarised
from api.values import next_day
from api.warnings import MIXTURES, Check, Mixture, Warned, warnings_of

MOST_GROUP_COLUMNS: Final = 3
STATS: Final = statistic("stats", "value", "group_by", "by", "limit", dedup=False)
VALUES: Final = ("price", "hours", "unit_price_per_kg", "size_value", DAYS)
"""What can be summarised."""
KEPT_APART: Final[Mapping[str, str]] = {
    "price": "currency",
    "unit_price_per_kg": "currency",
    "size_value": "size_unit",
}
"""The value → the column by which it is always grouped."""
ALIASES: Final[Mapping[str, str]] = {"size_class": "size_label"}
_STATUS: Final = Mixture(
    (DAYS,),
    ("status",),
    {"mixed_statuses": ("status",)},
    {"mixed_statuses": "puts times that go on beside times that have ended; ask for status=active and the rest apart"},
)


@dataclass(frozen=True, slots=True)
class StatsQuery:
    """What to summarise, by which columns (those that are kept apart without being asked for come last)."""

    value: str
    group_by: tuple[str, ...]
    by_unit: bool


def parse_stats(texts: Mapping[str, Sequence[str]], parameters: Iterable[str]) -> StatsQuery | list[ParameterError]:
    """`value=price&group_by=make,year&by=unit`, or what is wrong with it. `parameters` are all that were given."""
    errors: list[ParameterError] = []
    values = texts.get("value", ())
    if not values:
        errors.append(ParameterError("value", f"is needed: one of {', '.join(VALUES)}"))
    elif len(values) > 1 or values[0] not in VALUES:
        errors.append(_not_one_of("value", values, VALUES))
    by = texts.get("by", ("listing",))
    if len(by) > 1 or by[0] not in ("listing", "unit"):
        errors.append(_not_one_of("by", by, ("listing", "unit")))
    if not {"status", "status__in"} & set(parameters):
        detail = "is needed: what is on offer, sold and gone together is no market; status=active, or status=sold,gone"
        errors.append(ParameterError("status", detail))
    columns = parse_group_by(texts.get("group_by", ()))
    if isinstance(columns, ParameterError):
        errors.append(columns)
    if errors or isinstance(columns, ParameterError):
        return errors
    apart = KEPT_APART.get(values[0])
    return StatsQuery(values[0], (*columns, *([apart] if apart and apart not in columns else [])), by[0] == "unit")


def parse_group_by(texts: Sequence[str]) -> tuple[str, ...] | ParameterError:
    """`group_by=make,size_class`: names of columns, or what is wrong."""
    written = [name.strip() for text in texts for name in text.split(",")]
    names = [ALIASES.get(name, name) for name in written]
    for name, text in zip(names, written, strict=True):
        if name not in FIELDS:
            return ParameterError("group_by", f"{text!r} is not a column to group by", suggest(text, FIELDS))
    if len(set(names)) < len(names):
        return ParameterError("group_by", "names a column twice")
    if len(names) > MOST_GROUP_COLUMNS:
        return ParameterError("group_by", f"has {len(names)} columns; at most {MOST_GROUP_COLUMNS}")
    return tuple(names)


def _not_one_of(name: str, texts: Sequence[str], known: Sequence[str]) -> ParameterError:
    written = ",".join(texts)
    return ParameterError(name, f"{written!r} is not one of {', '.join(known)}", suggest(written, known))


def columns_of(stats: StatsQuery, resource: Resource) -> tuple[ApiColumn, ...]:
    """The columns of the groups."""
    return tuple(resource.columns[name] for name in stats.group_by)


def stats_statement(query: ListQuery, stats: StatsQuery, dialect: str, *, values_repeat: bool = False) -> Select[Any]:
    """A row a group, the largest first, one more than are shown, with `scope_names` as scope: see `summarised`."""
    columns = query.resource.columns
    by = columns_of(stats, query.resource)
    about = tuple(columns[name] for name in scope_names(stats) if name not in stats.group_by)
    used = [*by, *about, *(filter_.column for filter_ in query.filters)]
    named = [column.source.label(column.name) for column in (*by, *about)]
    if stats.value == DAYS:
        until = None if query.as_of is None else next_day(query.as_of)
        tables, value = days_on_market(query.resource, query.resource.tables_for(used), dialect, until)
    else:
        tables, value = query.resource.tables_for([*used, columns[stats.value]]), columns[stats.value].source
    rows: Select[Any] = select(*named, value.label("value")).select_from(tables)
    rows = rows.where(*matches(query.resource, query.filters, dialect, by_unit=False))
    if query.by_unit:
        rows = one_of_each(rows, dialect)
    scope = scope_names(stats)
    return summarised(rows, len(by), query.limit + 1, dialect, scope=scope, values_repeat=values_repeat)


def repeating(stats: StatsQuery, resource: Resource) -> tuple[ApiColumn, ...]:
    """The columns of which a statistic counts each combination, where that pays."""
    value = () if stats.value == DAYS else (resource.columns[stats.value],)
    return (*columns_of(stats, resource), *value)


def scope_names(stats: StatsQuery) -> tuple[str, ...]:
    """Status, and what the value must not be mixed over."""
    return tuple(dict.fromkeys(("status", *(name for mixture in _mixtures(stats) for name in mixture.by))))


def stats_warnings(
    query: ListQuery, stats: StatsQuery, rows: Sequence[Sequence[Any]], called: str = "value"
) -> list[Warned]:
    """What the value (`called` so in what is said) mixes, by the scope of `stats_statement`. What the groups keep apart
    is not mixed."""
    names = scope_names(stats)
    with_value = [row for row in rows if stats.value == DAYS or not row[len(names)]]
    found: list[Warned] = []
    for mixture in _mixtures(stats):
        counts: Counter[tuple[Any, ...]] = Counter()
        for row in with_value:
            named = dict(zip(names, row, strict=False))
            counts[tuple(named[name] for name in mixture.by)] += row[-1]
        by = tuple(query.resource.columns[name] for name in mixture.by)
        check = Check(mixture, by[0], (called,), query.filters, by)
        found += warnings_of(check, [(*values, count) for values, count in counts.items()])
    return found


def _mixtures(stats: StatsQuery) -> list[Mixture]:
    """The mixtures of the value, without what the groups keep apart."""
    found: list[Mixture] = []
    for mixture in (*MIXTURES, _STATUS):
        if stats.value in mixture.subjects:
            kept = {name: tuple(n for n in by if n not in stats.group_by) for name, by in mixture.codes.items()}
            codes = {code: by for code, by in kept.items() if by}
            if codes:
                by = tuple(dict.fromkeys(name for names in codes.values() for name in names))
                found.append(Mixture(mixture.subjects, by, codes, mixture.texts))
    return found

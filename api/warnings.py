"""What could mislead in an answer: amounts in several currencies, sale beside rent, sizes in several units. Pure.

Counts are of the rows that the range was laid over, not of those it let through: a range that cut away all yen
prices as too high is just what has to be said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.columns import ApiColumn
from api.filters import Filter
from api.parameters import ListQuery

UNKNOWN: Final = "unknown"
AMOUNTS: Final = ("price", "regular_price", "unit_price_per_kg")
SIZES: Final = ("size_value", "size_min", "size_max")


@dataclass(frozen=True, slots=True)
class Mixture:
    """Columns that are comparable only where the columns of `by` agree. `code` → the columns of `by` it looks at."""

    subjects: tuple[str, ...]
    by: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]


MIXTURES: Final = (
    Mixture(
        AMOUNTS,
        ("currency", "offer_type", "price_period"),
        {"mixed_currencies": ("currency",), "mixed_offers": ("offer_type", "price_period")},
        {
            "mixed_currencies": "compares amounts of several currencies as plain numbers; add currency=",
            "mixed_offers": "compares amounts for different things; add offer_type= and price_period=",
        },
    ),
    Mixture(
        SIZES,
        ("size_unit", "size_basis"),
        {"mixed_size_units": ("size_unit",), "mixed_size_bases": ("size_basis",)},
        {
            "mixed_size_units": "compares sizes of several units as plain numbers; add size_unit=",
            "mixed_size_bases": "compares sizes measured by different things; add size_basis= or category=",
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning as the client sees it. `counts`: rows for each of the values that should not be compared."""

    code: str
    parameters: tuple[str, ...]
    detail: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Check:
    """A count that has to be made before it is known whether to warn."""

    mixture: Mixture
    subject: ApiColumn
    parameters: tuple[str, ...]
    filters: tuple[Filter, ...]
    by: tuple[ApiColumn, ...]


def checks(query: ListQuery) -> list[Check]:
    """The counts that the query's comparisons ask for."""
    found: list[Check] = []
    columns = query.resource.columns
    for mixture in MIXTURES:
        if not set(mixture.subjects) <= columns.keys():
            continue
        compared = [f for f in query.filters if f.column.name in mixture.subjects and f.operator != "isnull"]
        sorted_by = [key.column for key in query.keys if key.column.name in mixture.subjects]
        subjects = dict.fromkeys([*(f.column for f in compared), *sorted_by])
        others = tuple(f for f in query.filters if f not in compared)
        for subject in subjects:
            parameters = [f.parameter for f in compared if f.column is subject]
            parameters += ["sort"] if subject in sorted_by else []
            by = tuple(columns[name] for name in mixture.by)
            found.append(Check(mixture, subject, tuple(parameters), others, by))
    return found


def warnings_of(check: Check, groups: Sequence[Sequence[Any]]) -> list[Warned]:
    """The warnings that a check's groups give rise to. Each group: a value for each of `by`, then its count."""
    found: list[Warned] = []
    for code, names in check.mixture.codes.items():
        counts: Counter[str] = Counter()
        for *values, count in groups:
            by_name = dict(zip(check.mixture.by, values, strict=True))
            counts["/".join(str(by_name[name] or UNKNOWN) for name in names)] += count
        if len(counts) > 1:
            detail = f"{', '.join(check.parameters)} {check.mixture.texts[code]}"
            found.append(Warned(code, check.parameters, detail, dict(counts.most_common())))
    return found

"""What a machine or a pack is compared with: the nearest first, widened step by step until there are enough. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.columns import INT_MAX, ApiColumn
from api.parameters import ListQuery, parse_query
from api.problems import ParameterError, suggest
from api.resources import LISTINGS
from api.values import parse_value

ASKED: Final = ("make", "model", "year", "hours", "brand", "net_weight_g", "currency", "country")
"""What can be said of the thing that is to be compared; currency and country narrow what it is compared with."""
ENOUGH: Final = 10
"""Units with a price; with so many nothing is widened any more."""
FEWEST: Final = 3
"""With fewer there is nothing sensible to say."""
MOST_ROWS: Final = 500
SHOWN: Final = tuple(
    LISTINGS.columns[name]
    for name in (
        *("id", "unit_id", "dealer", "title", "make", "model", "base_model", "brand", "year", "hours", "net_weight_g"),
        *("category", "size_label", "price", "currency", "unit_price_per_kg", "price_tax", "country", "status"),
        *("last_seen", "url"),
    )
)


@dataclass(frozen=True, slots=True)
class Step:
    """Which listings are taken: filters as the list has them, and in words."""

    why: str
    filters: tuple[tuple[str, str], ...]

    def query(self, shared: Iterable[tuple[str, str]]) -> ListQuery:
        """The list of these; priced, for sale, on offer."""
        usual = [("price__gt", "0"), ("offer_type", "sale"), ("status", "active"), ("currency__isnull", "false")]
        return parse_query(LISTINGS, [*usual, *shared, *self.filters], max_page_size=MOST_ROWS)


def parse_asked(texts: Mapping[str, Sequence[str]]) -> dict[str, Any] | list[ParameterError]:
    """What was said of the thing, or what is wrong with it."""
    errors: list[ParameterError] = []
    found: dict[str, Any] = {}
    for name, given in texts.items():
        if name not in ASKED:
            errors.append(ParameterError(name, "is not a parameter here", suggest(name, ASKED)))
        elif len(given) > 1:
            errors.append(ParameterError(name, "is given more than once"))
        else:
            try:
                found[name] = parse_value(LISTINGS.columns[name], given[0])
            except ValueError as error:
                errors.append(ParameterError(name, str(error)))
    errors += [
        ParameterError(name, "is less than nothing") for name in ("hours", "net_weight_g") if (found.get(name) or 0) < 0
    ]
    if not errors and not ({"make", "model"} <= found.keys() or {"brand", "net_weight_g"} <= found.keys()):
        named = "make" if "make" in found or "brand" not in found else "brand"
        errors.append(
            ParameterError(named, "is not enough: make and model (with year, hours), or brand and net_weight_g")
        )
    return errors or found


def steps(asked: Mapping[str, Any], kind: Mapping[str, Any]) -> list[Step]:
    """The steps from the nearest to the widest. `kind`: base model, category and size class that the model mostly
    has."""
    if not {"make", "model"} <= asked.keys():
        return _steps_of_a_pack(asked)
    make = ("make", quoted(asked["make"]))
    model = (make, ("model", quoted(asked["model"])))
    found = [Step("same model, year within 1, hours within a quarter", (*model, *_near(asked, 1, 0.25)))]
    found.append(Step("same model, year within 3, hours within a half", (*model, *_near(asked, 3, 0.5))))
    if kind.get("base_model"):
        base = (make, ("base_model", quoted(kind["base_model"])))
        found.append(Step("same base model, year within 3", (*base, *_near(asked, 3, None))))
    found.append(Step("same model, any year", model))
    if kind.get("category") and kind.get("size_label"):
        alike = (("category", kind["category"]), ("size_label", quoted(kind["size_label"])))
        found.append(Step("same category and size class, year within 3", (*alike, *_near(asked, 3, None))))
    return found


def _steps_of_a_pack(asked: Mapping[str, Any]) -> list[Step]:
    brand = ("brand", quoted(asked["brand"]))
    return [
        Step(words, (brand, *_within("net_weight_g", asked["net_weight_g"], share)))
        for words, share in (
            ("same brand and pack", 0.01),
            ("same brand, pack within a tenth", 0.1),
            ("same brand, pack within a half", 0.5),
        )
    ]


def _near(asked: Mapping[str, Any], years: int, hours: float | None) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if (year := asked.get("year")) is not None:
        found += [("year__gte", str(max(year - years, -INT_MAX))), ("year__lte", str(min(year + years, INT_MAX)))]
    if hours is not None and asked.get("hours") is not None:
        # Of a machine that has hardly run a share is nothing: 250 hours at least.
        spread = max(asked["hours"] * hours, 250)
        low, high = max(int(asked["hours"] - spread), 0), int(asked["hours"] + spread)
        found += [("hours__gte", str(low)), ("hours__lte", str(min(high, INT_MAX)))]
    return found


def _within(name: str, value: float, share: float) -> list[tuple[str, str]]:
    return [(f"{name}__gte", repr(value * (1 - share))), (f"{name}__lte", repr(value * (1 + share)))]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def one_a_unit(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first row of each unit; a listing that is not linked is a unit of its own."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["unit_id"] or ("listing", row["id"]), dict(row))
    return list(found.values())


def prices(rows: Sequence[Mapping[str, Any]], value: str) -> list[dict[str, Any]]:
    """n, n_null, p10, p50 and p90 of a value by currency, that of most rows first."""
    by_currency: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_currency[row["currency"]].append(row[value])
    told = [{"currency": currency, **_summary(values)} for currency, values in by_currency.items()]
    return sorted(told, key=lambda one: (-one["n"], one["currency"]))


def _summary(values: Sequence[float | None]) -> dict[str, Any]:
    known = sorted(value for value in values if value is not None)
    shares = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
    numbers = {name: percentile(known, share) if known else None for name, share in shares.items()}
    return {"n": len(known), "n_null": len(values) - len(known), **numbers}


def percentile(ordered: Sequence[float], share: float) -> float:
    """Linear between the two nearest of values in order."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (place - below) * (ordered[above] - ordered[below]), 4)


def kind_columns() -> tuple[ApiColumn, ...]:
    """By what a model's kind is told."""
    return tuple(LISTINGS.columns[name] for name in ("base_model", "category", "size_label"))

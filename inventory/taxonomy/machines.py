"""Facts about machines by model: published sizes (data/machines/), classes seen at auctions (data/class_facts.csv)
and the makers' ways of numbering (data/naming_rules.csv)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from inventory.taxonomy.categories import CATEGORIES, lineage
from inventory.taxonomy.makes import MAKES
from inventory.taxonomy.models import ModelNumber, model_number
from inventory.taxonomy.size_classes import SizeClass, classes_of
from inventory.taxonomy.tables import DATA, TaxonomyError, read_rows

MACHINE_COLUMNS: Final = ("make", "category", "model", "size", "operating_weight_kg", "note", "source")
CLASS_COLUMNS: Final = ("category", "prefix", "number", "tail", "lower", "upper", "models", "source")
RULE_COLUMNS: Final = ("make", "category", "prefix", "low", "high", "modulo", "floor", "factor", "rule", "source")
SAME_EDGES: Final = {"compact-track-loaders": "skid-steer-loaders"}
"""Track loaders are counted among the skid steers in the auction data, so both look facts up in one place."""


class Fact(NamedTuple):
    """What is known of one model: `size` on its family's basis, or only its class. `make` is None where not known."""

    category: str
    make: str | None
    number: ModelNumber
    size: float | None
    size_class: SizeClass | None
    models: int
    """How many models a class fact speaks for."""
    operating_weight_kg: float | None
    name: str
    note: str = ""
    """Why the size may differ from its neighbours' in the series."""


@dataclass(frozen=True, slots=True)
class NamingRule:
    """A maker's way of numbering: for numbers low–high behind `prefix`, size = (number mod m, floored) × factor."""

    category: str
    make: str
    prefix: str
    low: float
    high: float
    modulo: float | None
    floor: float | None
    factor: float
    rule: str

    def size(self, number: float) -> float | None:
        """The size that the rule gives a number, or None where the rule does not apply."""
        if not self.low <= number <= self.high:
            return None
        value = number % self.modulo if self.modulo else number
        if self.floor:
            value = value // self.floor * self.floor
        return round(value * self.factor, 3) or None


class FactTable:
    """Facts by family and prefix, with the numbers that makers publish behind each prefix."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.by_prefix: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        self.with_weight: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            self.by_prefix[family(fact.category), fact.number.prefix].append(fact)
            if fact.size is not None and fact.operating_weight_kg is not None:
                self.with_weight[family(fact.category)].append(fact)
        self.with_known_weight: dict[tuple[str, str, str | None], list[Fact]] = defaultdict(list)
        for (top, prefix), found in self.by_prefix.items():
            for fact in found:
                for make in {fact.make, None} if fact.operating_weight_kg is not None else ():
                    self.with_known_weight[top, prefix, make].append(fact)
        self.by_number: dict[tuple[str, str, float], list[Fact]] = defaultdict(list)
        for (top, prefix), found in self.by_prefix.items():
            for fact in found:
                self.by_number[top, prefix, fact.number.number].append(fact)
        self.known = {
            key: frozenset(fact.number.number for fact in found if fact.make)
            for key, found in self.by_prefix.items()
            if key[1]
        }

    def number(self, category: str, model: str) -> ModelNumber:
        """A model split at its number, knowing the numbers of its series."""
        plain = model_number(model)
        known = self.known.get((family(category), plain.prefix))
        return model_number(model, known) if known else plain

    def weighed(self, category: str) -> list[Fact]:
        """All facts of a category's family that have both a size and an operating weight."""
        return self.with_weight.get(family(category), [])

    def of_known_weight(self, category: str, prefix: str, make: str | None) -> list[Fact]:
        """The facts of a category's family behind a prefix that have a weight; the make's, or where it is None all."""
        return self.with_known_weight.get((family(category), prefix, make), [])

    def same_number(self, category: str, number: ModelNumber) -> list[Fact]:
        """All facts of a category's family about one number."""
        return self.by_number.get((family(category), number.prefix, number.number), [])

    def facts(self, category: str, prefix: str) -> list[Fact]:
        """All facts of a category's family behind a prefix."""
        return self.by_prefix.get((family(category), prefix), [])


@lru_cache(maxsize=256)
def family(category: str) -> str:
    """The category whose facts and edges a category shares: its topmost parent with the same basis."""
    top = lineage(category)[-1]
    return SAME_EDGES.get(top, top)


def load_machines(path: Path) -> list[Fact]:
    """Read published sizes of one category, whose slug is the file's name.

    Raises TaxonomyError for an unknown make or category, another file's category, a size that is no positive number.
    """
    found: list[Fact] = []
    seen: set[tuple[str, str, str]] = set()
    for line, row in read_rows(path, MACHINE_COLUMNS):
        make, category = row["make"], row["category"]
        if make not in MAKES:
            raise TaxonomyError(path, line, f"unknown make {make!r}")
        if category not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {category!r}")
        if category != path.stem:
            raise TaxonomyError(path, line, f"{category} rows belong into {category}.csv")
        if (make, category, row["model"]) in seen:
            raise TaxonomyError(path, line, f"{make} {row['model']} stands twice")
        seen.add((make, category, row["model"]))
        size, weight = positive(path, line, row["size"]), positive(path, line, row["operating_weight_kg"])
        if size is None and weight is None:
            raise TaxonomyError(path, line, f"{make} {row['model']} has neither size nor weight")
        name, number = f"{make} {row['model']}", model_number(row["model"])
        found.append(Fact(category, make, number, size, None, 1, weight, name, row["note"]))
    return found


def load_class_facts(path: Path) -> list[Fact]:
    """Read auction classes. Raises TaxonomyError for edges that are not the category's."""
    found: list[Fact] = []
    for line, row in read_rows(path, CLASS_COLUMNS):
        category = row["category"]
        if category not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {category!r}")
        lower, upper = float(row["lower"]), float(row["upper"]) if row["upper"] else None
        known = next((c for c in classes_of(category) if (c.lower, c.upper) == (lower, upper)), None)
        if known is None:
            raise TaxonomyError(path, line, f"({lower}, {upper}] is no class of {category}")
        number = ModelNumber(row["prefix"], float(row["number"]), row["tail"])
        name = f"{row['prefix']}{row['number']}{row['tail']}"
        found.append(Fact(category, None, number, None, known, int(row["models"]), None, name))
    return found


def load_rules(path: Path) -> Mapping[tuple[str, str], tuple[NamingRule, ...]]:
    """Read naming rules by family and prefix. Raises TaxonomyError for a wrong make, category or range."""
    found: dict[tuple[str, str], list[NamingRule]] = defaultdict(list)
    for line, row in read_rows(path, RULE_COLUMNS):
        if row["make"] not in MAKES or row["category"] not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown make or category: {row['make']!r}, {row['category']!r}")
        low, high, factor = (positive(path, line, row[name]) for name in ("low", "high", "factor"))
        if low is None or high is None or factor is None or high < low:
            raise TaxonomyError(path, line, "low, high and factor must be given, low not above high")
        modulo, floor = positive(path, line, row["modulo"]), positive(path, line, row["floor"])
        rule = NamingRule(row["category"], row["make"], row["prefix"], low, high, modulo, floor, factor, row["rule"])
        found[family(rule.category), rule.prefix].append(rule)
    return {key: tuple(rules) for key, rules in found.items()}


def positive(path: Path, line: int, text: str) -> float | None:
    """A number above 0, or None for an empty cell. Raises TaxonomyError for anything else."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise TaxonomyError(path, line, str(error)) from error
    if value <= 0:
        raise TaxonomyError(path, line, f"{text} is not above 0")
    return value


@lru_cache(maxsize=1)
def published() -> tuple[Fact, ...]:
    """All published sizes (about 4,000; read at first use, a few hundredths of a second)."""
    return tuple(fact for path in sorted((DATA / "machines").glob("*.csv")) for fact in load_machines(path))


@lru_cache(maxsize=1)
def fact_table() -> FactTable:
    """All facts, published sizes and auction classes, ready for lookups; read at first use."""
    return FactTable([*published(), *load_class_facts(DATA / "class_facts.csv")])


@lru_cache(maxsize=1)
def naming_rules() -> Mapping[tuple[str, str], tuple[NamingRule, ...]]:
    """All naming rules by family and prefix; read at first use."""
    return load_rules(DATA / "naming_rules.csv")

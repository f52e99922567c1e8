"""Dog breeds and how heavy they get (data/breeds.csv): which sizes fit a beagle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.phrases import PhraseIndex, Word
from inventory.taxonomy.tables import TaxonomyError, read_rows

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("breed", "adult_min_kg", "adult_max_kg", "source")
BREED_SIZES: Final = ("xs", "s", "m", "l", "xl")
UP_TO_KG: Final = (("xs", 4.0), ("s", 10.0), ("m", 25.0), ("l", 44.0), ("xl", float("inf")))
"""Royal Canin's bands (X-Small to 4 kg, Mini to 10, Medium to 25, Maxi to 44, Giant above)."""


@dataclass(frozen=True, slots=True)
class Breed:
    """A breed with the range of an adult's weight in kg."""

    name: str
    adult_min_kg: float
    adult_max_kg: float

    @property
    def sizes(self) -> tuple[str, ...]:
        """The breed sizes (xs s m l xl) its adults fall in."""
        return sizes_between(self.adult_min_kg, self.adult_max_kg)


def sizes_between(low_kg: float | None, high_kg: float | None) -> tuple[str, ...]:
    """The breed sizes of dogs from `low_kg` to `high_kg`; an open end is None."""
    low, high = low_kg or 0.0, high_kg if high_kg is not None else float("inf")
    found, start = [], 0.0
    for name, end in UP_TO_KG:
        if low <= end and high > start:
            found.append(name)
        start = end
    return tuple(found)


def load(path: Path) -> Mapping[str, Breed]:
    """Read breeds by name. Raises TaxonomyError for a range upside down or no number."""
    found: dict[str, Breed] = {}
    for line, row in read_rows(path, COLUMNS):
        try:
            breed = Breed(row["breed"], float(row["adult_min_kg"]), float(row["adult_max_kg"]))
        except ValueError as error:
            raise TaxonomyError(path, line, str(error)) from error
        if not 0 < breed.adult_min_kg <= breed.adult_max_kg:
            raise TaxonomyError(path, line, f"{breed.name}: {breed.adult_min_kg}-{breed.adult_max_kg} kg is no range")
        found[breed.name] = breed
    return MappingProxyType(found)


BREEDS: Final = load(DATA / "breeds.csv")
_SPOKEN: Final = {name.removesuffix(" Dog"): name for name in BREEDS} | {name: name for name in BREEDS}
_INDEX: Final = PhraseIndex(_SPOKEN, plurals=True)
"""People say German Shepherd for German Shepherd Dog."""


def find_breed(title: str | list[Word]) -> Breed | None:
    """The breed a text names, if it names just one."""
    named = {hit.label for hit in _INDEX.find(title)}
    return BREEDS[named.pop()] if len(named) == 1 else None

"""Dog breeds and how heavy they get (data/breeds.csv): which sizes fit a beagle.

Two questions have two answers. `Breed.sizes` are the sizes that some adult of the breed may need: a beagle of
8 to 13.5 kg takes S or M. `Breed.size` is the one that the trade files the breed under, which is what a food
"for beagles" is meant for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.phrases import PhraseIndex, Word
from inventory.taxonomy.tables import TaxonomyError, read_rows

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("breed", "adult_min_kg", "adult_max_kg", "breed_size", "also_called", "source")
BREED_SIZES: Final = ("xs", "s", "m", "l", "xl")
UP_TO_KG: Final = (("xs", 4.0), ("s", 10.0), ("m", 25.0), ("l", 44.0), ("xl", float("inf")))
"""Royal Canin's bands: X-Small to 4 kg, Mini to 10, Medium 11-25, Maxi 26-44, Giant above.

https://www.royalcanin.com/za/dogs/health-and-wellbeing/nutrition-for-dogs-based-on-size; other makers draw
other lines.
"""


class UnknownBreed(LookupError):
    """No breed of that name is in the table."""


@dataclass(frozen=True, slots=True)
class Breed:
    """A breed with the range of an adult's weight in kg and the one size it is filed under (xs s m l xl)."""

    name: str
    adult_min_kg: float
    adult_max_kg: float
    size: str

    @property
    def sizes(self) -> tuple[str, ...]:
        """The breed sizes (xs s m l xl) its adults fall in."""
        return sizes_between(self.adult_min_kg, self.adult_max_kg)


def sizes_between(low_kg: float | None, high_kg: float | None) -> tuple[str, ...]:
    """The breed sizes of dogs over `low_kg` up to `high_kg`; an open end is None. "10-25 kg" is M, not S and M."""
    low, high = low_kg or 0.0, high_kg if high_kg is not None else float("inf")
    found, start = [], 0.0
    for name, end in UP_TO_KG:
        if (low < end or low == high == end) and high > start:
            found.append(name)
        start = end
    return tuple(found)


def fitting_sizes(breed: str) -> tuple[str, ...]:
    """The breed sizes that fit a breed's adults: "beagle" → s, m. Names of the trade in several languages are known.

    Raises UnknownBreed for a name that is in no row.
    """
    found = find_breed(breed)
    if found is None:
        raise UnknownBreed(breed)
    return found.sizes


def find_breed(title: str | Sequence[Word]) -> Breed | None:
    """The breed a text names, if it names just one."""
    named = {hit.label for hit in _INDEX.find(title)}
    return BREEDS[named.pop()] if len(named) == 1 else None


def load(path: Path) -> tuple[Mapping[str, Breed], Mapping[str, str]]:
    """Breeds by name, and name or synonym → breed's name.

    Raises TaxonomyError for a range upside down or no number, an unknown size, or a name given twice.
    """
    breeds: dict[str, Breed] = {}
    spoken: dict[str, str] = {}
    for line, row in read_rows(path, COLUMNS):
        try:
            low, high = float(row["adult_min_kg"]), float(row["adult_max_kg"])
        except ValueError as error:
            raise TaxonomyError(path, line, str(error)) from error
        name, size = row["breed"], row["breed_size"] or sizes_between((low + high) / 2, (low + high) / 2)[0]
        if not 0 < low <= high:
            raise TaxonomyError(path, line, f"{name}: {low}-{high} kg is no range")
        if size not in BREED_SIZES:
            raise TaxonomyError(path, line, f"{name}: {size!r} is none of {BREED_SIZES}")
        breeds[name] = Breed(name, low, high, size)
        for also in (name, *filter(None, row["also_called"].split(";"))):
            if spoken.setdefault(also, name) != name:
                raise TaxonomyError(path, line, f"{also!r} is also {spoken[also]}")
    for name in breeds:  # people say Norwegian Elk for Norwegian Elk Dog
        spoken.setdefault(name.removesuffix(" Dog"), name)
    return MappingProxyType(breeds), MappingProxyType(spoken)


BREEDS, SPOKEN = load(DATA / "breeds.csv")
"""Breeds by name, and every name that is said of one → its name."""
_INDEX: Final = PhraseIndex(SPOKEN, plurals=True)

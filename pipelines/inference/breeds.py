"""Dog breeds and how heavy they get (inventory/taxonomy/breeds.py): which sizes fit a beagle.

Two questions have two answers. `Breed.sizes` are the sizes that some adult of the breed may need: a beagle of
8 to 13.5 kg takes S or M. `Breed.size` is the one that the trade files the breed under, which is what a food
"for beagles" is meant for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.breeds import BreedWeight, known_breeds
from inventory.taxonomy.phrases import PhraseIndex, Word

DATA: Final = Path(__file__).parent / "data"
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


def _breed(row: BreedWeight) -> Breed:
    middle = (row.adult_min_kg + row.adult_max_kg) / 2
    size = row.breed_size or sizes_between(middle, middle)[0]
    if size not in BREED_SIZES:
        raise ValueError(f"breeds.csv: {row.name}: {size!r} is none of {BREED_SIZES}")
    return Breed(row.name, row.adult_min_kg, row.adult_max_kg, size)


SPOKEN: Final = known_breeds()[1]
"""Every name that is said of a breed → its name."""
BREEDS: Final = MappingProxyType({name: _breed(row) for name, row in known_breeds()[0].items()})
_INDEX: Final = PhraseIndex(SPOKEN, plurals=True)

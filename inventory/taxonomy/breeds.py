"""Dog breeds and how heavy their adults get (data/breeds.csv)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.tables import DATA, TaxonomyError, read_rows

COLUMNS: Final = ("breed", "adult_min_kg", "adult_max_kg", "breed_size", "also_called", "source")


@dataclass(frozen=True, slots=True)
class BreedWeight:
    """A breed with the range of an adult's weight in kg. `breed_size` is what the table says of it, empty where its
    weight tells."""

    name: str
    adult_min_kg: float
    adult_max_kg: float
    breed_size: str


def load(path: Path) -> tuple[Mapping[str, BreedWeight], Mapping[str, str]]:
    """Breeds by name, and name or synonym → breed's name.

    Raises TaxonomyError for a range upside down or no number, or a name given twice.
    """
    breeds: dict[str, BreedWeight] = {}
    spoken: dict[str, str] = {}
    for line, row in read_rows(path, COLUMNS):
        try:
            low, high = float(row["adult_min_kg"]), float(row["adult_max_kg"])
        except ValueError as error:
            raise TaxonomyError(path, line, str(error)) from error
        name = row["breed"]
        if not 0 < low <= high:
            raise TaxonomyError(path, line, f"{name}: {low}-{high} kg is no range")
        breeds[name] = BreedWeight(name, low, high, row["breed_size"])
        for also in (name, *filter(None, row["also_called"].split(";"))):
            if spoken.setdefault(also, name) != name:
                raise TaxonomyError(path, line, f"{also!r} is also {spoken[also]}")
    for name in breeds:  # people say Norwegian Elk for Norwegian Elk Dog
        spoken.setdefault(name.removesuffix(" Dog"), name)
    return MappingProxyType(breeds), MappingProxyType(spoken)


@cache
def known_breeds() -> tuple[Mapping[str, BreedWeight], Mapping[str, str]]:
    """What `load` gives for the table."""
    return load(DATA / "breeds.csv")


def breed_called(text: str) -> BreedWeight | None:
    """The breed of a name in any of its spellings: "beagle", "German shepherd", "Schäferhund"."""
    breeds, spoken = known_breeds()
    name = _by_folded_name().get(_folded(text))
    return None if name is None else breeds[spoken[name]]


@cache
def _by_folded_name() -> Mapping[str, str]:
    return {_folded(name): name for name in known_breeds()[1]}


def _folded(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())

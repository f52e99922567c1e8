"""Whether what a few pages showed contradicts what a dealer's file promises. Pure.

Few pages cannot measure a share: three machines of which one has its price on request say nothing about a promise of
80 %. A field falls short where so few would be a rare accident if the promise held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from math import comb
from typing import Any, Final

from crawler.checking.looking import Looked
from inventory.listing import Listing

RARE: Final = 0.02
"""Chance below which so few are taken as a broken promise: at worst one false alarm a field in fifty looks."""

INDEPENDENT: Final = 20
"""Listings on one page are alike; however many, they count as no more than so many independent ones."""


@dataclass(frozen=True, slots=True)
class Fill:
    """How often a field was found: in `found` of `of` listings (a detail page counts once, with its variants' mean).

    `short`: the promise does not hold. `example`: the address of a listing without the field.
    """

    found: float
    of: int
    promised: float
    short: bool
    example: str | None

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.found / self.of if self.of else 0.0

    def as_json(self, hidden: Callable[[str], str]) -> dict[str, Any]:
        """For a pipe; `hidden` takes secrets out of an address."""
        example = self.example and hidden(self.example)
        return asdict(self) | {"found": round(self.found, 2), "share": round(self.share, 3), "example": example}


def fill_of(pages: Iterable[Looked], promised: Mapping[str, float]) -> dict[str, Fill]:
    """Each promised field's `Fill` over pages that gave listings."""
    samples = [sample for page in pages for sample in _samples(page)]
    return {name: _fill(name, share, samples) for name, share in promised.items()} if samples else {}


def falls_short(found: float, of: int, promised: float) -> bool:
    """Whether `found` of `of` is too few to be an accident where `promised` (0 to 1) holds."""
    independent = min(of, INDEPENDENT)
    return found / of < promised and chance_of_so_few(round(found / of * independent), independent, promised) < RARE


def chance_of_so_few(found: int, of: int, share: float) -> float:
    """The chance that at most `found` of `of` have what each has with the chance `share`."""
    return sum(comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(found + 1))


def _samples(page: Looked) -> list[list[Listing]]:
    """What counts as one: a listing of a section's page, a detail page with all its variants."""
    if page.visit.kind == "detail":
        return [page.listings] if page.listings else []
    return [[listing] for listing in page.listings]


def _fill(name: str, promised: float, samples: list[list[Listing]]) -> Fill:
    found, example = 0.0, None
    for sample in samples:
        having = [listing for listing in sample if getattr(listing, name, None) not in (None, "", [], {})]
        found += len(having) / len(sample)
        if len(having) < len(sample) and example is None:
            lacking = next(listing for listing in sample if listing not in having)
            example = lacking.url or lacking.external_id
    return Fill(found, len(samples), promised, falls_short(found, len(samples), promised), example)

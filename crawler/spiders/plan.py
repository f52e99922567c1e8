"""Which sections of which dealers a run will walk. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crawler.dealers.declaration import ANY_SECTION, Dealer
from crawler.dealers.errors import did_you_mean
from crawler.dealers.loading import choose
from crawler.spiders.arguments import ArgumentError, Narrowing
from inventory.listing import Vertical
from inventory.taxonomy.categories import CATEGORIES, descendants


@dataclass(frozen=True, slots=True)
class Planned:
    """A dealer and the sections of it that a run walks."""

    dealer: Dealer
    sections: tuple[str, ...]

    @property
    def narrowed(self) -> bool:
        """Whether some of the dealer's sections are left out."""
        return len(self.sections) < len(self.dealer.sections)


def plan(dealers: Mapping[str, Dealer], vertical: Vertical, narrowing: Narrowing) -> list[Planned]:
    """The dealers of a vertical, narrowed. Empty where none is left.

    Raises `UnknownDealerName`, or `ArgumentError` for a category that is not of this vertical or a dealer of another.
    """
    chosen = choose(dealers, narrowing.dealers) if narrowing.dealers else dealers
    for name in narrowing.dealers:
        if chosen[name].vertical != vertical:
            other = chosen[name].vertical
            raise ArgumentError(f"-a dealer={name}: is of {other!r}; run `scrapy crawl {other} -a dealer={name}`")
    wanted = _wanted(narrowing.categories, vertical)
    planned = []
    for dealer in chosen.values():
        sections = tuple(name for name in dealer.sections if not wanted or name in wanted or name == ANY_SECTION)
        if dealer.vertical == vertical and sections:
            planned.append(Planned(dealer, sections))
    return planned


def _wanted(categories: tuple[str, ...], vertical: Vertical) -> frozenset[str]:
    known = [slug for slug, category in CATEGORIES.items() if category.vertical == vertical]
    wanted: set[str] = set()
    for slug in categories:
        if slug not in known:
            raise ArgumentError(f"-a category={slug}: no category of {vertical!r}{did_you_mean(slug, known)}")
        wanted |= {slug, *descendants(slug)}
    return frozenset(wanted)

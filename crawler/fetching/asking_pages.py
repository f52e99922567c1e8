"""Single addresses that a person names, as pages of the dealer whose file has their host, else of one made up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal
from urllib.parse import urlsplit

from crawler.dealers.declaration import ANY_SECTION, Dealer, origin_of

Render = Literal["never", "auto", "always"]


def owners_of(urls: Iterable[str], render: Render | None, known: Collection[Dealer]) -> dict[str, Dealer]:
    """Address → the dealer to ask for it. `render` wins over what a dealer's file says; without either it is never."""
    owners: dict[str, Dealer] = {}
    made: dict[tuple[str, int], Dealer] = {}
    for url in urls:
        origin = origin_of(url)
        owner = next((dealer for dealer in [*known, *made.values()] if origin in dealer.origins), None)
        if owner is None:
            owner = made[origin] = _made_up(url, f"page-{len(made) + 1}")
        owners[url] = owner if render is None else owner.model_copy(update={"render": render})
    return owners


def _made_up(url: str, name: str) -> Dealer:
    title = urlsplit(url).hostname or url
    sections: dict[str, tuple[str, ...]] = {ANY_SECTION: (url,)}
    return Dealer(name=name, title=title, vertical="equipment", platform="schema_org", url=url, sections=sections)

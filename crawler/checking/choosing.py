"""Which dealers are asked, and whether we may ask them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from crawler.dealers.declaration import Dealer
from crawler.dealers.loading import choose
from inventory.settings import Settings


class CannotCheck(ValueError):
    """Arguments or settings do not fit; the message says what to do."""


def to_check(
    dealers: Mapping[str, Dealer], broken: Collection[str], names: Sequence[str], *, everyone: bool
) -> list[Dealer]:
    """The named dealers, or every one. Those whose files are `broken` are left out: their errors are told elsewhere.

    Raises `CannotCheck` or `UnknownDealerName`.
    """
    if bool(names) == everyone:
        raise CannotCheck("name the dealers to check, or say --all")
    if everyone:
        if not dealers and not broken:
            raise CannotCheck("there is no dealer file: see docs/adding-a-dealer.md")
        return list(dealers.values())
    return list(choose(dealers, [name for name in names if name not in broken]).values())


def may_ask(dealers: Iterable[Dealer], settings: Settings) -> None:
    """Raises `CannotCheck` where a dealer that is not on this very machine could not reach us."""
    strangers = [dealer.name for dealer in dealers if not dealer.on_loopback]
    if strangers and not settings.contact:
        raise CannotCheck(
            f"CONTACT is not set: say an e-mail address or URL by which {', '.join(strangers[:3])} can reach you, "
            "e.g. CONTACT=you@example.com"
        )

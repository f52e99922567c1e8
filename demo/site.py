"""The base of the six dealers: what a site must answer, and what a switch can do to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from demo.offers import OPENED, Offer
from demo.pages.filler import Ballast
from demo.pages.html import Page, text_page
from demo.stock.load import DogVariant, Machine

T = TypeVar("T")


class UnknownOffer(LookupError):
    """A switch named an id that this dealer does not have."""


class Site(ABC):
    """One dealer's web site. Subclasses set the class attributes, build `offers` in `restock`, and render pages.

    `mode` is "empty" or "half" while a switch makes the dealer list nothing or only half of its stock.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    weight: ClassVar[tuple[int, int]] = (100, 220)
    """Kilobytes of a page's shared parts, from the lightest to the heaviest page."""

    def __init__(
        self,
        seed: int,
        machines: Sequence[Machine] = (),
        products: Sequence[Sequence[DogVariant]] = (),
        page_kb: int | None = None,
    ) -> None:
        self.seed = seed
        self.machines = list(machines)
        self.products = [list(variants) for variants in products]
        self.ballast = Ballast(f"{self.name} {seed}", self.weight if page_kb is None else (page_kb, page_kb))
        self.mode: str | None = None
        self.offers: dict[str, Offer] = {}
        self.restock()

    @abstractmethod
    def restock(self) -> None:
        """Fill `offers` (by external id) as they were at the start."""

    @abstractmethod
    def page(self, path: str, query: Mapping[str, str], base: str) -> Page | None:
        """The answer to a GET of `path` (None: 404). `base` is scheme and host, without a slash at the end."""

    def framed(
        self,
        start: str,
        body: str,
        share: float,
        *,
        around: tuple[bytes, bytes],
        modified: datetime,
        between: tuple[bytes, bytes] = (b"</head><body>", b"</body></html>"),
    ) -> Page:
        """A page of `start`, the dealer's shared parts, its header and footer (`around`), and `body`."""
        parts = (
            start.encode(),
            self.ballast.head,
            between[0],
            self.ballast.top,
            around[0],
            body.encode(),
            around[1],
            self.ballast.tail(share),
            between[1],
        )
        return Page(parts, modified=modified)

    @abstractmethod
    def truth(self, base: str) -> list[dict[str, Any]]:
        """What a perfect crawl stores of this dealer now: one dict a listing, whatever `mode` it is in."""

    @abstractmethod
    def paths(self) -> Iterable[str]:
        """Every address worth preparing: listing pages, details, feeds."""

    def robots(self, base: str) -> str:
        return "User-agent: *\nDisallow:\n"

    def common_page(self, path: str, base: str) -> Page | None:
        """Answers that all sites give alike."""
        if path == "/robots.txt":
            return text_page(self.robots(base))
        if path == "/favicon.ico":
            return Page((b"",), "image/x-icon", status=404)
        if path.startswith("/img/"):
            return text_page(
                '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"/>', "image/svg+xml", OPENED
            )
        return None

    def listed(self, items: Sequence[T]) -> list[T]:
        """What listing pages, feeds and APIs show of `items`, which are already without removed offers."""
        if self.mode == "empty":
            return []
        return [item for index, item in enumerate(items) if self.mode != "half" or index % 2 == 0]

    def newest(self, offers: Iterable[Offer]) -> datetime:
        return max((offer.modified for offer in offers), default=OPENED)

    @property
    def changed(self) -> datetime:
        """When anything at this dealer changed last, removals included."""
        return self.newest(self.offers.values())

    def offer(self, offer_id: str) -> Offer:
        try:
            return self.offers[offer_id]
        except KeyError:
            raise UnknownOffer(
                f"{self.name} has no offer {offer_id!r}; for instance it has {next(iter(self.offers), None)!r}"
            ) from None

    def set_price(self, offer_id: str, to: Decimal) -> None:
        self.offer(offer_id).reprice(to)


def page_of(items: Sequence[T], number: int, size: int) -> list[T]:
    """The `number`-th page (from 1) of `items`."""
    return list(items[(number - 1) * size : number * size]) if number >= 1 else []


def page_number(query: Mapping[str, str], key: str = "page") -> int:
    """The page asked for; anything that is no number is page 1, as shops do it."""
    text = query.get(key, "1")
    return int(text) if text.isdecimal() and len(text) < 7 else 1

"""What one dealer offers at this moment: the stock's facts plus what a switch has changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from demo.stock.load import DogVariant, Machine

OPENED: Final = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
"""The day on which the demo's time begins: no page is older."""

PLAIN: Final[dict[int, str | int | None]] = {
    ord(letter): plain
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("'", ""), ("&", " and "))
}
KG_PER_LB: Final = 0.45359237
KW_PER_HP: Final = 0.7457


@dataclass(slots=True, kw_only=True)
class Offer:
    """The part of an offer that switches may change."""

    id: str
    price: Decimal | None
    regular_price: Decimal | None
    modified: datetime
    available: bool = True
    removed: bool = False

    def reprice(self, to: Decimal) -> None:
        self.price = to
        self.touch()

    def sell(self) -> None:
        self.available = False
        self.touch()

    def remove(self) -> None:
        self.removed = True
        self.touch()

    def restore(self) -> None:
        self.removed = False
        self.touch()

    def touch(self) -> None:
        """Changed now: HTTP dates have whole seconds, and an older page must not pass for this one."""
        self.modified = max(datetime.now(UTC).replace(microsecond=0), self.modified + timedelta(seconds=1))


@dataclass(slots=True, kw_only=True)
class MachineOffer(Offer):
    """A machine under the dealer's stock number. `quirk` is this page's special mess, `style` picks a layout."""

    machine: Machine
    price_status: str = "priced"
    quirk: str = ""
    style: float = 0.0

    def reprice(self, to: Decimal) -> None:
        self.price_status = "priced"
        self.available = True
        self.quirk = "" if self.quirk == "price 1" else self.quirk
        Offer.reprice(self, to)

    def sell(self) -> None:
        self.price_status = "sold"
        Offer.sell(self)

    @property
    def slug(self) -> str:
        machine = self.machine
        return slugify(f"{machine.year} {machine.make} {machine.model}")


@dataclass(slots=True, kw_only=True)
class DogOffer(Offer):
    """One variant of a product, under the shop's variant id."""

    variant: DogVariant
    product_id: int


@dataclass(slots=True)
class Product:
    """A dog shop's product: its variants share title, brand and page."""

    id: int
    handle: str
    modified: datetime
    variants: list[DogOffer] = field(default_factory=list)

    @property
    def first(self) -> DogVariant:
        return self.variants[0].variant

    @property
    def live(self) -> list[DogOffer]:
        return [offer for offer in self.variants if not offer.removed]


def slugify(text: str) -> str:
    """Lower case ASCII words joined by hyphens, as shops make their addresses."""
    plain = text.lower().translate(PLAIN)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def machine_offers(stock: list[Machine], seed: int, pattern: str, first_number: int) -> dict[str, MachineOffer]:
    """Offers by stock number (`pattern` with the number), numbered with gaps as a yard's books are."""
    offers: dict[str, MachineOffer] = {}
    number = first_number
    for machine in stock:
        rng = Random(f"offer {seed} {machine.dealer} {machine.unit}")
        number += rng.randint(1, 9)
        stock_no = pattern.format(number)
        offers[stock_no] = MachineOffer(
            id=stock_no,
            price=machine.price,
            regular_price=machine.regular_price,
            modified=OPENED + timedelta(minutes=rng.randint(0, 200_000)),
            available=machine.price_status != "sold",
            machine=machine,
            price_status=machine.price_status,
            style=rng.random(),
        )
    return offers


def money(value: Decimal | None) -> int | float | None:
    """A price as a JSON number: whole where it is whole."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def machine_truth(offer: MachineOffer, url: str, title: str, **own: Any) -> dict[str, Any]:
    """What a perfect crawl stores of this offer. `own` replaces what this dealer's page says otherwise, or not at all.

    A sold machine and a price on request have no price, and so no currency and no period. Null: the page does not say.
    `unit` is the machine itself, across dealers.
    """
    machine = offer.machine
    priced = offer.price_status == "priced"
    truth: dict[str, Any] = {
        "external_id": offer.id,
        "url": url,
        "vertical": "equipment",
        "title": title,
        "category": machine.category,
        "make": machine.make,
        "model": machine.model,
        "year": machine.year,
        "hours": machine.hours,
        "serial_number": machine.serial_number,
        "condition": machine.condition,
        "price": money(offer.price) if priced else None,
        "regular_price": money(offer.regular_price) if priced else None,
        "currency": machine.currency if priced else None,
        "price_status": offer.price_status,
        "offer_type": machine.offer_type,
        "price_period": machine.price_period if priced else None,
        "price_tax": "unknown",
        "availability": "SoldOut" if offer.price_status == "sold" else "InStock",
        "city": machine.city,
        "region": machine.region,
        "country": machine.country,
        "operating_weight_kg": machine.operating_weight_kg,
        "unit": machine.unit,
        "usable": True,
    }
    return {**truth, **own}


def dog_truth(offer: DogOffer, url: str, title: str, **own: Any) -> dict[str, Any]:
    """What a perfect crawl stores of this variant. `unit` is the product itself (its true GTIN), across shops."""
    variant = offer.variant
    truth: dict[str, Any] = {
        "external_id": offer.id,
        "url": url,
        "vertical": "dog",
        "title": title,
        "category": variant.category,
        "brand": variant.brand,
        "gtin": variant.gtin,
        "sku": variant.sku,
        "product_group": str(offer.product_id),
        "price": money(offer.price),
        "regular_price": money(offer.regular_price),
        "currency": variant.currency,
        "price_status": "priced",
        "offer_type": "sale",
        "price_period": "once",
        "availability": "InStock" if offer.available else "OutOfStock",
        "net_weight_g": variant.net_weight_g,
        "pack_count": variant.pack_count,
        "unit_weight_g": variant.unit_weight_g,
        "dog_weight_min_kg": variant.dog_weight_min_kg,
        "dog_weight_max_kg": variant.dog_weight_max_kg,
        "life_stage": variant.life_stage,
        "food_form": variant.food_form,
        "breed_sizes": [variant.breed_sizes] if variant.breed_sizes else None,
        "unit": variant.unit,
        "usable": True,
    }
    return {**truth, **own}

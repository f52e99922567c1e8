"""What a kilogram costs: reckoned from price and net weight, else as the page states it ("3,45 € / kg")."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from pipelines.inference.dog_specs import Said
from pipelines.inference.pack_weight import PackWeight, grams_per
from pipelines.parsing.numbers import parse_number

CENT: Final = Decimal("0.01")
ABSURD: Final = Decimal("1e12")
"""No bag costs so much in any currency; what a page says beyond is no price."""
STATED: Final = re.compile(
    r"(?<!\d)(\d[\d.,' ]{0,12})\s?[^\d\s/]{0,4}\s*(?:/|\bper\b|\bpro\b|\bje\b|\ble\b|\bal\b|\bpor\b)"
    r"\s*(\d{1,4})?\s*(kgs?|kilos?|g|lbs?|oz)\b",
    re.IGNORECASE,
)


def unit_price(price: Decimal | None, pack: PackWeight | None) -> Decimal | None:
    """Price for a kilogram to the cent, where price and net weight are known."""
    if price is None or pack is None or pack.net_weight_g <= 0 or not 0 <= price < ABSURD:
        return None
    return (price * 1000 / Decimal(str(pack.net_weight_g))).quantize(CENT, rounding=ROUND_HALF_UP)


def stated_unit_price(said: Said | None) -> Decimal | None:
    """The price for a kilogram that a row states: "3,45 € / kg", "0,45 €/100 g"; None for a price of something else."""
    match = STATED.search(said.text) if said else None
    amount = parse_number(match[1]) if match else None
    if match is None or amount is None:
        return None
    base_g = Decimal(str(grams_per(match[3]))) * int(match[2] or 1)
    return (amount * 1000 / base_g).quantize(CENT, rounding=ROUND_HALF_UP) if base_g > 0 else None

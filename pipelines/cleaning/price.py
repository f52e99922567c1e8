"""What a listing costs: amount, currency, and whether it is a sale price at all."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, get_args

from inventory.listing import Listing, OfferType, PricePeriod, PriceStatus, PriceTax
from pipelines.parsing.currencies import currency_code
from pipelines.parsing.money import Money, parse_money

_CHOICES: Final = {
    "price_status": get_args(PriceStatus),
    "offer_type": get_args(OfferType),
    "price_period": get_args(PricePeriod),
    "price_tax": get_args(PriceTax),
}


def clean_price(listing: Listing, raw: Mapping[str, Any], currency: str | None) -> None:
    """Fill price, regular_price, currency, price_status, offer_type, price_period and price_tax.

    The currency is the page's, else the dealer's, else unknown. A day or week rate makes the offer a rent, a bid
    an auction; both keep their amount, since `offer_type` and `price_period` say what it is.
    """
    named = currency_code(str(raw.get("currency") or ""))
    money = parse_money(_amount(raw.get("price")), currency=named or currency)
    regular = parse_money(_amount(raw.get("regular_price")), currency=named or currency)
    listing.price = _cents(money.amount)
    listing.currency = money.currency if money.amount is not None else None
    if listing.currency is not None and not named and parse_money(_amount(raw.get("price"))).currency is None:
        listing.provenance.setdefault("currency", "dealer file")
    if regular.amount is not None and money.amount is not None and regular.amount > money.amount:
        listing.regular_price = _cents(regular.amount)
    _kind_of_price(listing, raw, money)


def _kind_of_price(listing: Listing, raw: Mapping[str, Any], money: Money) -> None:
    said = {name: raw[name] for name, allowed in _CHOICES.items() if raw.get(name) in allowed}
    listing.price_status = said.get("price_status") or money.price_status
    if listing.price_status is None and listing.price is not None:
        listing.price_status = "priced"
    if listing.price_status == "priced" and listing.price is None:
        listing.price_status = None
    listing.price_period = said.get("price_period") or money.price_period
    listing.offer_type = said.get("offer_type") or money.offer_type or "sale"
    if listing.offer_type == "sale" and listing.price_period in ("hour", "day", "week", "month"):
        listing.offer_type = "rent"
    if listing.price is not None and listing.price_period is None:
        listing.price_period = "once"
    listing.price_tax = said.get("price_tax") or money.price_tax


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else round(amount, 2)


def _amount(value: Any) -> Any:
    return None if isinstance(value, bool | list | dict) else value

"""A rate, a deposit or a bid is never the sale price, and a number that cannot be meant is none at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from inventory.listing import Listing
from pipelines.cleaning.clean import clean


def cleaned(vertical="equipment", dealers_currency="USD", **raw):
    listing = Listing(dealer="acme", vertical=vertical, url="https://acme.example/1", raw={"title": "Cat 320"} | raw)
    clean(listing, currency=dealers_currency, country="US", today=date(2026, 3, 1))
    return listing


@pytest.mark.parametrize(
    ("text", "amount", "currency", "offer", "period", "tax"),
    [
        ("$45,000", "45000.00", "USD", "sale", "once", "unknown"),
        (45000, "45000.00", "USD", "sale", "once", "unknown"),
        (45000.5, "45000.50", "USD", "sale", "once", "unknown"),
        ("€ 39.900,- zzgl. MwSt.", "39900.00", "EUR", "sale", "once", "net"),
        ("£10,000 + VAT", "10000.00", "GBP", "sale", "once", "net"),
        ("$450/day", "450.00", "USD", "rent", "day", "unknown"),
        ("$1,200 per week", "1200.00", "USD", "rent", "week", "unknown"),
        ("From $99/mo", "99.00", "USD", "rent", "month", "unknown"),
        ("Current bid: $5,000", "5000.00", "USD", "auction", "once", "unknown"),
    ],
)
def test_a_price_says_its_kind_period_and_tax(text, amount, currency, offer, period, tax):
    listing = cleaned(price=text)
    assert (listing.price, listing.currency) == (Decimal(amount), currency)
    assert (listing.offer_type, listing.price_period, listing.price_tax) == (offer, period, tax)
    assert listing.price_status == "priced"
    assert listing.raw["price"] == text


@pytest.mark.parametrize(
    ("text", "status"), [("Call for price", "on_request"), ("Price on request", "on_request"), ("Sold", "sold")]
)
def test_words_in_the_place_of_a_price_are_a_status(text, status):
    listing = cleaned(price=text)
    assert (listing.price, listing.currency, listing.price_period) == (None, None, None)
    assert listing.price_status == status


@pytest.mark.parametrize("said", ["Deposit $500", "-5", True, ["1", "2"], {"amount": 5}, "no idea"])
def test_what_is_no_price_leaves_it_unknown(said):
    listing = cleaned(price=said)
    assert (listing.price, listing.price_status, listing.currency) == (None, None, None)


@pytest.mark.parametrize("price", ["$0", "$1.00", "1", "49.99", "999999999999"])
def test_a_machine_is_not_sold_for_a_number_that_cannot_be_meant(price):
    listing = cleaned(price=price, regular_price="9999999999999")
    assert (listing.price, listing.regular_price, listing.currency) == (None, None, None)
    assert (listing.price_status, listing.price_period) == (None, None)
    assert "refused" in listing.provenance["price"]
    assert listing.raw["price"] == price


def test_the_bounds_depend_on_what_is_offered():
    assert cleaned(price="50").price == Decimal(50)
    assert cleaned(price="$45/day").price == Decimal(45)
    assert cleaned(price="1", offer_type="auction").price == Decimal(1)
    assert cleaned("dog", price="0.01").price == Decimal("0.01")
    assert cleaned("dog", price="0.001").price is None
    assert cleaned("dog", price="99999999").price is None


def test_the_currency_is_the_pages_then_the_dealers_then_unknown():
    assert cleaned(dealers_currency=None, price="100").currency is None
    named = cleaned(price="100 €")
    assert (named.currency, "currency" in named.provenance) == ("EUR", False)
    assert cleaned(price="100", currency="gbp").currency == "GBP"
    assumed = cleaned(price="100")
    assert (assumed.currency, assumed.provenance["currency"]) == ("USD", "dealer file")


def test_a_regular_price_is_one_that_is_higher():
    assert cleaned(price="100", regular_price="120").regular_price == Decimal("120.00")
    assert cleaned(price="100", regular_price="100").regular_price is None
    assert cleaned(price="100", regular_price="80").regular_price is None
    assert cleaned(regular_price="80").regular_price is None


def test_what_a_source_says_in_our_words_wins_over_the_text():
    rent = cleaned(price="450", price_period="day")
    assert (rent.offer_type, rent.price_period) == ("rent", "day")
    assert cleaned(price="5000", offer_type="auction").offer_type == "auction"
    assert cleaned(price="5000", price_tax="gross").price_tax == "gross"
    assert cleaned(price="450", price_period="fortnight").price_period == "once"
    assert cleaned(price_status="priced").price_status is None
    assert cleaned(price="45000", price_status="sold").price_status == "sold"

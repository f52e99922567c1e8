"""Price texts of many locales."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.parsing.money import Money, parse_money


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.600,00 €", "1600.00", "EUR"),
        ("€1,600.00", "1600.00", "EUR"),
        ("1 600 zł", "1600", "PLN"),
        ("1'600.- CHF", "1600", "CHF"),
        ("1600,- Kč", "1600", "CZK"),
        ("₹1,60,000", "160000", "INR"),
        ("١٬٦٠٠ ر.س", "1600", "SAR"),
        ("１２，０００円", "12000", "JPY"),
        ("US$ 12,500", "12500", "USD"),
        ("C$45,900", "45900", "CAD"),
        ("A$ 45,900", "45900", "AUD"),
        ("$1,200 USD", "1200", "USD"),
        ("R$ 1.234,56", "1234.56", "BRL"),
        ("1 234 567,89 ₽", "1234567.89", "RUB"),
        ("19⁹⁹ €", "19.99", "EUR"),
        ("85k €", "85000", "EUR"),
        ("£1.5m", "1500000.0", "GBP"),
        ("12.500 KWD", "12.500", "KWD"),
        ("EUR 45.000,- netto", "45000", "EUR"),
        ("1,299.00 - 1,500.00 USD", "1299.00", "USD"),
        ("NT$960", "960", "TWD"),
        ("Price: USD $185,000", "185000", "USD"),
        ("US $45.95", "45.95", "USD"),
        ("C $45.95", "45.95", "CAD"),
        ("AU $1,234.50", "1234.50", "AUD"),
        ("$45.95 US", "45.95", "USD"),
        ("2 000 Ft", "2000", "HUF"),
    ],
)
def test_amount_and_currency_are_read_in_any_locale(text: str, amount: str, currency: str) -> None:
    money = parse_money(text)
    assert (money.amount, money.currency) == (Decimal(amount), currency)
    assert money.price_status == "priced"


@pytest.mark.parametrize(("hint", "expected"), [("CAD", "CAD"), ("EUR", None), (None, None)])
def test_a_sign_of_several_currencies_names_none_without_a_fitting_hint(hint: str | None, expected: str | None) -> None:
    assert parse_money("$1,600", currency=hint).currency == expected


@pytest.mark.parametrize("text", ["Buy a $12 voucher", "20 ft", "$5 a day", "Has $12"])
def test_a_word_beside_a_sign_is_not_always_a_country(text: str) -> None:
    assert parse_money(text).currency is None


@pytest.mark.parametrize(
    "text",
    [
        "Call for price",
        "Price not stated",
        "Preis nicht angegeben",
        "POA",
        "Preis auf Anfrage",
        "Prix sur demande",
        "Precio a consultar",
        "Prijs op aanvraag",
        "Цена по запросу",
        "call 555-1234 for price",
        "0 € – Preis auf Anfrage",
    ],
)
def test_a_price_on_request_has_no_amount(text: str) -> None:
    assert parse_money(text) == Money(price_status="on_request")


@pytest.mark.parametrize(
    ("text", "amount", "period"),
    [
        ("$450/day", "450", "day"),
        ("€ 1.200 / Woche", "1200", "week"),
        ("450 € par jour", "450", "day"),
        ("Weekly: $1,450", "1450", "week"),
        ("3.900 € al mes", "3900", "month"),
    ],
)
def test_a_rate_is_a_rent(text: str, amount: str, period: str) -> None:
    money = parse_money(text)
    assert (money.amount, money.price_period, money.offer_type) == (Decimal(amount), period, "rent")


@pytest.mark.parametrize(
    "text", ["Deposit: $500", "Kaution 500 €", "You save €20", "Finance from $499/mo", "Versand 9,90 €", "-5 €", "20 %"]
)
def test_other_money_is_no_price(text: str) -> None:
    assert parse_money(text).amount is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Was $100 Now $80", "80"),
        ("UVP 99,00 € 79,00 €", "79.00"),
        ("Kaution 500 €, Preis 12.000 €", "12000"),
        ("$12,500 or $250/month", "12500"),
        ("12,44 € + 6,99 € Livraison", "12.44"),
    ],
)
def test_the_price_is_found_beside_other_money(text: str, amount: str) -> None:
    assert parse_money(text).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "tax"),
    [
        ("12.000 € zzgl. 19 % MwSt.", "net"),
        ("£15,000 plus VAT", "net"),
        ("15 000 € HT", "net"),
        ("18 000 € TTC", "gross"),
        ("1.000 € inkl. 19% MwSt", "gross"),
        ("100 kr exkl. moms", "net"),
        ("€ 100", "unknown"),
    ],
)
def test_net_and_gross_are_told_apart(text: str, tax: str) -> None:
    assert parse_money(text).price_tax == tax


def test_bids_sold_and_from_prices_say_so() -> None:
    assert parse_money("Current bid: US$ 12,500").offer_type == "auction"
    assert parse_money("SOLD").price_status == "sold"
    assert parse_money("Sold for £12,500").amount == Decimal(12500)
    assert parse_money("from €19.99").is_from


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["{:,.2f}", "{:.2f}"]))
def test_what_was_formatted_is_read_back(value: Decimal, form: str) -> None:
    text = form.format(value)
    assert parse_money(f"€{text}").amount == value
    swapped = text.translate(str.maketrans(",.", ".,"))
    assert parse_money(f"{swapped} €").amount == value


@given(st.one_of(st.integers(0, 10**12), st.decimals(0, 10**9, places=2)))
def test_numbers_are_taken_as_they_are(value: int | Decimal) -> None:
    assert parse_money(value).amount == value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1, True, None])
def test_what_is_no_amount_is_none(number: float | None) -> None:
    assert parse_money(number).amount is None

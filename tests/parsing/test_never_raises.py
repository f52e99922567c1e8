"""Every parser takes any text, answers, and is done in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.parsing.availability import parse_availability
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.currencies import currency_code
from pipelines.parsing.hours import find_hours, parse_hours
from pipelines.parsing.identifiers import normal_gtin, normal_serial
from pipelines.parsing.money import parse_money
from pipelines.parsing.numbers import find_numbers
from pipelines.parsing.places import country_code, parse_place
from pipelines.parsing.quantity import parse_quantity
from pipelines.parsing.ratings import parse_count, parse_rating
from pipelines.parsing.text import clean_text
from pipelines.parsing.urls import absolute_url, canonical_url
from pipelines.parsing.years import find_year, parse_year

TODAY = date(2026, 11, 21)
PARSERS: dict[str, Callable[[str], object]] = {
    "money": parse_money,
    "numbers": find_numbers,
    "hours": parse_hours,
    "free hours": find_hours,
    "year": lambda text: parse_year(text, today=TODAY),
    "free year": lambda text: find_year(text, today=TODAY),
    "availability": parse_availability,
    "condition": parse_condition,
    "currency": currency_code,
    "gtin": normal_gtin,
    "serial": normal_serial,
    "place": parse_place,
    "country": country_code,
    "rating": parse_rating,
    "count": parse_count,
    "text": clean_text,
    "url": canonical_url,
    "link": lambda text: absolute_url("https://dealer.example/", text),
    "mass": lambda text: parse_quantity(text, "mass"),
    "length": lambda text: parse_quantity(text, "length"),
}
TELLING = st.text(
    st.sampled_from("0123456789.,'’ -–/:%$€£¥₹krlbhftmKWxSoldVATday<>&;\"′½٣०\u00a0\u200f#?=@[]()") | st.characters()
)


@pytest.mark.parametrize("name", PARSERS)
@settings(deadline=2000)  # the first text of each also reads the tables
@given(text=TELLING)
def test_any_text_is_answered(name: str, text: str) -> None:
    PARSERS[name](text)


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize(
    "unit", ["1 ", "1.", "1,", "<", "<!--", "<script>", "a", "$", "1 kg ", "1 h ", "(", "&amp;", "%"]
)
def test_a_hostile_megabyte_takes_less_than_two_seconds(name: str, unit: str) -> None:
    start = time.perf_counter()
    PARSERS[name](unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - start < 2

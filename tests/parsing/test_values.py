"""Hours, years, stock, condition, identifiers, places, quantities and ratings."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.parsing.availability import parse_availability
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.hours import find_hours, parse_hours
from pipelines.parsing.identifiers import normal_gtin, normal_serial
from pipelines.parsing.places import Place, parse_place
from pipelines.parsing.quantity import parse_quantity
from pipelines.parsing.ratings import parse_count, parse_rating
from pipelines.parsing.shipping import shipping_of_specs, shipping_statement
from pipelines.parsing.text import clean_text
from pipelines.parsing.years import find_year, parse_year

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("5,239 hrs", 5239),
        ("5.239 Bh", 5239),
        ("Betriebsstunden: 5 239 h", 5239),
        ("5239", 5239),
        ("12 000 м/ч", 12000),
        ("5k hours", 5000),
        ("1234,5 h", 1234),
        ("0 h", 0),
        ("12,345 km", None),
        ("8,000 miles", None),
        ("N/A", None),
        ("999999999", None),
    ],
)
def test_hours_of_a_cell(text: str, hours: int | None) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Cat 320, 5,239 hrs, new tracks", 5239),
        ("Heures : 4 520. Très bon état", 4520),
        ("24 hour delivery", None),
        ("open 8 hours a day", None),
        ("2015 CAT with 4500 hours. 500 hour service done", 4500),
        ("Betriebsstunden ca. 5.239", 5239),
        ("40 km/h", None),
        ("1,200 hours ... 3,400 hours", None),
    ],
)
def test_hours_of_a_sentence(text: str, hours: int | None) -> None:
    assert find_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "year"), [("2015", 2015), ("03/2015", 2015), ("1949", None), ("2027", 2027), ("2030", None)]
)
def test_year_of_a_cell(text: str, year: int | None) -> None:
    assert parse_year(text, today=TODAY) == year


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2015 CAT 320", 2015),
        ("Bagger Bj. 2018, Preis 2000 €", 2018),
        ("since 2019-2021", None),
        ("weighs 2012 lbs", None),
    ],
)
def test_year_of_a_title(text: str, year: int | None) -> None:
    assert find_year(text, today=TODAY) == year


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("https://schema.org/InStock", "InStock"),
        ("not in stock", "OutOfStock"),
        ("Nicht auf Lager", "OutOfStock"),
        ("Skladem > 5 ks", "InStock"),
        ("en rupture de stock", "OutOfStock"),
        ("pre-order", "PreOrder"),
        ("SOLD", "SoldOut"),
        ("http://schema.org/LimitedAvailability", "LimitedAvailability"),
        ("blue", None),
        (True, "InStock"),
        (0, "OutOfStock"),
    ],
)
def test_availability_in_schema_orgs_words(text: str | bool | int, word: str | None) -> None:
    assert parse_availability(text) == word


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("https://schema.org/UsedCondition", "used"),
        ("Gebraucht", "used"),
        ("brand new", "new"),
        ("like new", "used"),
        ("Generalüberholt", "refurbished"),
        ("for parts or not working", "damaged"),
        ("good", None),
    ],
)
def test_condition(text: str, condition: str | None) -> None:
    assert parse_condition(text) == condition


def test_a_gtin_is_fourteen_digits_with_a_right_check_digit() -> None:
    assert normal_gtin("4006381333931") == "04006381333931"
    assert normal_gtin("0 36000 29145 2") == normal_gtin("0036000291452") == "00036000291452"
    assert normal_gtin("4006381333932") is None
    assert normal_gtin("2000000000008") is None  # a number the shop gave out itself
    assert normal_gtin("00000000") is None


@pytest.mark.parametrize(
    "text", ["N/A", "TBD", "call", "0000000", "XXXXXX", "12345", "123456", "on request", "ABCDEFG"]
)
def test_placeholders_are_no_serial_numbers(text: str) -> None:
    assert normal_serial(text) is None


def test_a_serial_number_loses_spaces_and_dashes() -> None:
    assert normal_serial(" cat0320d-jab 12345 ") == "CAT0320DJAB12345"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Houston, TX 77001", Place("Houston", "TX", "US")),
        ("D-49808 Lingen", Place("Lingen", None, "DE")),
        ("49808 Lingen, Deutschland", Place("Lingen", None, "DE")),
        ("Calgary, AB, Canada", Place("Calgary", "AB", "CA")),
        ("Lyon (69), France", Place("Lyon", None, "FR")),
        ("Queensland", Place(None, "QLD", "AU")),
        ("Linz, Österreich", Place("Linz", None, "AT")),
        ("Berlin, DE", Place("Berlin", None, "DE")),
        ("Dover, DE", None),
        ("Dubbo NSW, Australia", Place("Dubbo", "NSW", "AU")),
        ("Toowoomba QLD 4350", Place("Toowoomba", "QLD", "AU")),
        ("Hazard, Kentucky USA", Place("Hazard", "KY", "US")),
        ("Treviglio (BG), Italia", Place("Treviglio", None, "IT")),
        ("Thirsk, North Yorkshire, UK", Place("Thirsk", None, "GB")),
        ("Wil, CH", Place("Wil", None, "CH")),
        ("94315 Straubing", Place("Straubing", None, None)),
        ("62-200 Gniezno", Place("Gniezno", None, "PL")),
        ("3771 ME Barneveld", Place("Barneveld", None, "NL")),
        ("12 rue du Clos, 22190 Plérin, France", Place("Plérin", None, "FR")),
        ("Redruth depot, United Kingdom", Place("Redruth", None, "GB")),
        ("Leeds LS1 4AP", Place("Leeds", None, "GB")),
        ("our yard", None),
    ],
)
def test_places(text: str, place: Place | None) -> None:
    assert parse_place(text) == place


def test_quantities_with_their_units() -> None:
    assert parse_quantity("21,5 t", "mass") == 21500
    assert parse_quantity("47,400 lb", "mass") == pytest.approx(21500.3, abs=0.1)
    assert parse_quantity("400gr", "mass") == pytest.approx(0.4)
    assert parse_quantity("1.500 kg", "mass", decimal=".") == 1.5
    assert parse_quantity("110 kW (148 hp)", "power") == pytest.approx(147.5, abs=0.1)
    assert parse_quantity("14' 6\"", "length") == pytest.approx(14.5)
    assert parse_quantity("5½ in", "length", unit="cm") == pytest.approx(13.97, abs=0.01)
    assert parse_quantity("red", "mass") is None


def test_ratings_and_counts() -> None:
    assert parse_rating("4,5 von 5") == 4.5
    assert parse_rating("90%") == 4.5
    assert parse_rating(9, best=10) == 4.5
    assert parse_rating("7/5") is None
    assert parse_count("(1.234 Bewertungen)") == 1234


def test_markup_is_cleaned_away() -> None:
    assert clean_text("a<br>b &amp;amp; <b>c</b><script>x</script>") == "a b & c"
    assert clean_text("a<br>b<p>c</p>", lines=True) == "a\nb c"
    assert clean_text(" <b> </b> ") is None


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Gebraucht - sehr gut", "used"),
        ("refurbished", "refurbished"),
        ("Vorführmaschine", "used"),
        ("Wie neu", "used"),
        ("Como nuevo", "used"),
        ("Très bon état", "used"),
        ("Never used", "new"),
        ("Ungebraucht", "new"),
        ("Nicht neu", "used"),
        ("B-Ware", "used"),
        ("Gebrauchtmaschine, generalüberholt", "refurbished"),
        ("Défectueux", "damaged"),
    ],
)
def test_a_condition_word_within_a_longer_phrase_does_not_count(text: str, condition: str) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "rating", "count"),
    [
        ("4,7 von 5 Sternen (132 Bewertungen)", 4.7, 132),
        ("Rated 4.5 out of 5", 4.5, None),
        ("4.5 out of 5 stars based on 1,234 reviews", 4.5, 1234),
        ("1.234 Bewertungen: 4,5 von 5", 4.5, 1234),
        ("4,5/5 (87 avis)", 4.5, 87),
        ("4.8 (1.2k)", 4.8, 1200),
        ("★★★★☆", 4.0, None),
        ("4½ stars", 4.5, None),
        ("90%", 4.5, None),
        ("Score 9,2 / 10 (200 beoordelingen)", 4.6, 200),
        ("3 de cada 5", 3.0, None),
        ("Rated 0 out of 5", None, None),
        ("132 Bewertungen", None, 132),
    ],
)
def test_a_rating_and_its_count_may_stand_in_one_text(text: str, rating: float | None, count: int | None) -> None:
    assert (parse_rating(text), parse_count(text)) == (rating, count)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Toller Napf. Versandkostenfrei ab 49 €. Jetzt kaufen", "Versandkostenfrei ab 49 €"),
        ("A nice bed\nShips within 24 hours. Made in USA", "Ships within 24 hours"),
        ("Livraison gratuite en France dès 39 €", "Livraison gratuite en France dès 39 €"),
        ("Relationship advice", None),
        (None, None),
    ],
)
def test_what_a_text_says_of_shipping_is_kept_in_its_words(text: str | None, said: str | None) -> None:
    assert shipping_statement(text) == said


def test_a_row_named_for_shipping_says_it() -> None:
    assert shipping_of_specs([["Farbe", "rot"], ["Versand:", "kostenlos"]]) == "kostenlos"
    assert shipping_of_specs([["Shipping weight", "3 kg"]]) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [("Nur noch 2 Stück", "InStock"), ("Nicht mehr lieferbar", "OutOfStock"), ("Sur commande", "BackOrder")],
)
def test_stock_in_the_shops_own_words(text: str, word: str) -> None:
    assert parse_availability(text) == word

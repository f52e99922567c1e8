"""A machine's facts from specification pairs, description and model number, where title and source are silent."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.listing import Listing
from pipelines.inference.infer import infer_category_and_model
from pipelines.inference.make_of_model import make_of_model
from pipelines.inference.title import read_title


def inferred(title: str = "Wheel loader", description: str | None = None, specs: Any = None, **known: Any) -> Listing:
    raw = {} if specs is None else {"specs": specs}
    listing = Listing(dealer="d", vertical="equipment", title=title, description=description, raw=raw, **known)
    infer_category_and_model(listing)
    return listing


def test_specification_pairs_fill_what_is_unknown_and_say_so() -> None:
    specs = [["Hersteller", "CAT"], ["Typ", "950M"], ["Baujahr", "03/2016"], ["Betriebsstunden", "8.412 h"],
             ["Fahrgestellnr.", "EMB00412"], ["Zustand", "gebraucht"]]  # fmt: skip
    found = inferred(specs=specs, hours=9000)
    assert (found.make, found.model, found.year, found.hours) == ("Caterpillar", "950M", 2016, 9000)
    assert (found.serial_number, found.condition) == ("EMB00412", "used")
    assert found.provenance["year"] == "specs: Baujahr"
    assert "hours" not in found.provenance


def test_a_specification_goes_before_the_title_and_the_title_before_the_description() -> None:
    found = inferred("Volvo L60H 2015 4,100 hrs", "Built 2014, 4,300 hours on the clock.", [["Year", "2016"]])
    assert (found.year, found.hours) == (2016, 4100)
    assert (found.provenance["year"], found.provenance["hours"]) == ("specs: Year", "title")


def test_a_label_that_stands_twice_with_two_values_is_believed_for_none() -> None:
    assert inferred(specs=[["Hours", "4,980"], ["Hours", "3,870"]]).hours is None


def test_a_first_registration_is_the_year_only_where_nothing_is_better() -> None:
    assert inferred(specs=[["Erstzulassung", "05/2012"]]).year == 2012
    assert inferred(description="Baujahr 2010.", specs=[["Erstzulassung", "05/2012"]]).year == 2010
    assert inferred(description="EZ 2012, Bj. 2010, TÜV 2025").year == 2010


@pytest.mark.parametrize(
    ("description", "year", "hours"),
    [
        ("Bj. 2016, 5600 h, 240 PS", 2016, 5600),
        ("6 800 heures, année 2014, climatisé", 2014, 6800),
        ("rok 2014, 6200 mth, lemiesz", 2014, 6200),
        ("Gewicht 212 kg, diesel Hatz, 2014", 2014, None),
        ("Inspected, TÜV 2027, UVV 2026. Family business established 1987.", None, None),
        ("Serviced at 2,000 hrs, next service due at 2,500 hours. New tracks 200 hours ago.", None, None),
        ("Warranty until 3000 hours or 2027. 1,240 hours on the clock.", None, 1240),
        ("4,210 hrs showing. One owner from new.", None, 4210),
        ("Baujahr 2009, 2.177 Bstd. TÜV neu.", 2009, 2177),
        ("2018 model, 8.900 saatte", 2018, 8900),
        ("Call 0151 2014 5500 from 8 to 17 h.", None, None),
    ],
)
def test_a_description_tells_year_and_hours_of_the_machine_alone(
    description: str, year: int | None, hours: int | None
) -> None:
    found = inferred("Volvo L60H wheel loader", description)
    assert (found.year, found.hours) == (year, hours)


def test_another_machine_in_the_description_does_not_speak_for_this_one() -> None:
    found = inferred("Volvo L60H", "Sold with papers. We also have a 2012 Cat 320D with 9,000 hours.")
    assert (found.year, found.hours, found.model) == (None, None, "L60H")


def test_serial_number_and_condition_stand_in_sentences() -> None:
    found = inferred("Volvo L60H", "One owner from new, second hand machine. SN VCEL60HJ00001234.")
    assert (found.serial_number, found.condition) == ("VCEL60HJ00001234", "used")
    assert found.provenance["serial_number"] == "description"


@pytest.mark.parametrize(
    ("title", "year", "hours"),
    [
        ("Komatsu WA320-8, 2000 uur, uit 2021", 2021, 2000),
        ("Yanmar B75 midi digger, 1999 hours, no year plate", None, 1999),
        ("Volvo ECR25D hr-2012 yr-2016", 2016, 2012),
        ("Wirtgen W 2000 cold milling machine", None, None),
        ("Case 580 K 1988", 1988, None),
        ("VOLVO L90F, 12.450 H, an 2009", 2009, 12450),
        ("CAT 950 H 2009", 2009, None),
        ("CAT 428F2 2017 г.в. 8 тыс. моточасов", 2017, 8000),
        ("Komatsu PC200-8 2015年 4千時間", 2015, 4000),
        ("Tadano GR-250N 平成18年", 2006, None),
        ("CAT 745C - 11,020 METERED HOURS, SN TFK00318", None, 11020),
        ("Kobelco SK350LC-8 2010 h.14520", 2010, 14520),
    ],
)
def test_a_title_tells_a_year_from_hours_and_from_a_model(title: str, year: int | None, hours: int | None) -> None:
    parts = read_title(title)
    assert (parts.year, parts.hours) == (year, hours)


def test_a_code_alone_between_commas_is_a_serial_number_if_no_model_is_so_long() -> None:
    assert read_title("GENIE S-85 BOOM LIFT, S8515-12044, 3311 hours").serial_number == "S8515-12044"
    assert read_title("Komatsu loader, WA320-8, 3311 hours").serial_number is None


def test_a_model_number_of_one_maker_tells_the_maker() -> None:
    assert make_of_model("PC200LC-8") == "Komatsu"
    assert make_of_model("LTM 1500-8.1") == "Liebherr"
    assert make_of_model("E35") is None
    found = inferred("PC200LC-8 excavator, 2010")
    assert (found.make, found.provenance["make"]) == ("Komatsu", "model")

"""Titles in any order and dress."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inference.title import read_title


@pytest.mark.parametrize(
    ("title", "make", "model", "year", "hours"),
    [
        ("Used 2015 Caterpillar 320D L Excavator - 5,239 hrs", "Caterpillar", "320D L", 2015, 5239),
        ("CAT 320DL", "Caterpillar", "320DL", None, None),
        ("PC 200 LC-8", None, "PC 200 LC-8", None, None),
        ("2006 CAT 950H", "Caterpillar", "950H", 2006, None),
        ("Komatsu PC490LC-11 Kettenbagger, 3.500 Bh", "Komatsu", "PC490LC-11", None, 3500),
        ("Hydraulic Excavator Volvo EC210 2010", "Volvo", "EC210", 2010, None),
        ("2005 CASE 580 SUPER M Backhoe Loader", "Case", "580 SUPER M", 2005, None),
        ("320D L Caterpillar Excavator", "Caterpillar", "320D L", None, None),
        ("2019 KINZUN KZ12 Mini Excavator", "Kinzun", "KZ12", 2019, None),
        ("2005 ASV RCV", "ASV", "RCV", 2005, None),
        ("KOBELCO Hydraulic Excavator", "Kobelco", None, None, None),
        ("2007 ALLMAND TLB-225", "Allmand", "TLB-225", 2007, None),
        ("John Deere 544K Hours: 1,200", "John Deere", "544K", None, 1200),
        ("Volvo L90 9500h", "Volvo", "L90", None, 9500),
    ],
)
def test_a_title_falls_into_its_parts(
    title: str, make: str | None, model: str | None, year: int | None, hours: int | None
) -> None:
    parts = read_title(title)
    assert (parts.make, parts.model, parts.year, parts.hours) == (make, model, year, hours)


def test_what_the_source_gives_by_itself_is_believed() -> None:
    parts = read_title("Nice machine 2015", make="CAT", model="320D L")
    assert (parts.make, parts.model, parts.base_model, parts.generation, parts.suffixes) == (
        "Caterpillar",
        "320D L",
        "320",
        "D",
        ("L",),
    )


def test_a_serial_number_and_a_distance_are_no_model() -> None:
    parts = read_title("Volvo A40G S/N VCE0A40GC00012345, 12,000 km")
    assert (parts.serial_number, parts.distance_km, parts.model) == ("VCE0A40GC00012345", 12000, "A40G")
    assert read_title("Mack Granite 100,000 miles").distance_km == pytest.approx(160934.4)


@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    parts = read_title(text)
    assert parts.year is None or parts.year >= 1940
    assert parts.hours is None or parts.hours >= 0


@given(st.sampled_from(["CAT 320D L", "Komatsu PC200LC-8", "John Deere 544K"]), st.integers(1950, 2020))
def test_the_year_may_stand_on_either_side(name: str, year: int) -> None:
    before, behind = read_title(f"{year} {name}"), read_title(f"{name} {year}")
    assert (before.make, before.model, before.year) == (behind.make, behind.model, behind.year)
    assert before.year == year

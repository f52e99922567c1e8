"""Makers under their many spellings, and one normal form for the many ways of writing a model number."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taxonomy import makes
from inventory.taxonomy.makes import MAKES, canonical_make, find_make
from inventory.taxonomy.models import base_model, model_number, normal_model
from inventory.taxonomy.tables import TaxonomyError


@pytest.mark.parametrize(
    ("written", "make"),
    [
        ("CAT", "Caterpillar"),
        ("catepillar", "Caterpillar"),
        ("deere", "John Deere"),
        ("INGERSOLL-RAND", "Ingersoll Rand"),
        ("P & H", "P&H"),
        ("Kobleco", "Kobelco"),
        ("LINKBELT", "Link-Belt"),
        ("KINZUN", "Kinzun"),
        ("unheard of", "unheard of"),
        ("N/A", None),
        (None, None),
    ],
)
def test_a_make_gets_its_makers_own_name(written: str | None, make: str | None) -> None:
    assert canonical_make(written) == make


@pytest.mark.parametrize("make", sorted(MAKES))
def test_a_makers_own_name_stays_as_it_is(make: str) -> None:
    assert canonical_make(make) == make
    assert canonical_make(make.upper()) == make


def test_a_make_is_found_with_its_span() -> None:
    title = "Used 2015 Caterpillar 320D"
    found = find_make(title)
    assert found is not None
    assert (found[0], title[slice(*found[1])]) == ("Caterpillar", "Caterpillar")


def test_an_ordinary_word_is_a_make_only_near_the_start() -> None:
    assert find_make("2005 CASE 580 Super M") is not None
    assert find_make("Komatsu PC200 in a carrying case")[0] == "Komatsu"  # type: ignore[index]
    assert find_make("Bucket teeth sold by the full case") is None


def test_two_makers_with_one_spelling_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "makes.csv"
    path.write_text("make,aliases,ordinary_word,also_dealer,source\nAcme,AC,,,x\nAce,A-C,,,x\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="line 3: 'ac' already stands for 'Acme'"):
        makes.load(path)


@pytest.mark.parametrize(
    "spellings",
    [
        ("PC200LC-8", "PC 200 LC-8", "PC200LC8", "PC200-8LC", "pc200-8 lc"),
        ("320D L", "320DL", "320 D L", "320D-L"),
        ("580 Super M", "580SUPER M", "580-SUPER M"),
        ("RT530E", "RT 530E", "RT-530 E"),
        ("544KII", "544K II", "544 K-II"),
    ],
)
def test_the_ways_of_writing_one_model_agree(spellings: tuple[str, ...]) -> None:
    assert len({normal_model(None, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("text", "base", "suffixes", "generation"),
    [
        ("PC200LC-8", "PC200", ("LC",), "8"),
        ("320D L", "320", ("L",), "D"),
        ("D6T LGP", "D6", ("LGP",), "T"),
        ("300.9D", "300.9", (), "D"),
        ("308E2 CR", "308", ("CR",), "E2"),
        ("RCV", "RCV", (), None),
    ],
)
def test_a_model_falls_into_base_suffixes_and_generation(
    text: str, base: str, suffixes: tuple[str, ...], generation: str | None
) -> None:
    model = normal_model(None, text)
    assert (model.base_model, model.suffixes, model.generation) == (base, suffixes, generation)


@given(st.text(max_size=30))
def test_any_text_has_a_normal_form_and_its_normal_form_is_of_the_same_base(text: str) -> None:
    model = normal_model(None, text)
    assert normal_model(None, text) == model
    assert normal_model(None, model.base_model).base_model == model.base_model


@pytest.mark.parametrize(
    ("run_on", "written"),
    [("WA2503L", "WA250-3L"), ("WA1203L", "WA120-3L"), ("WA6001L", "WA600-1L"), ("wa 250-3l", "WA250-3L")],
)
def test_a_generation_digit_that_runs_on_is_no_part_of_the_number(run_on: str, written: str) -> None:
    known = {120.0, 250.0, 600.0, 1200.0}
    assert model_number(run_on, known) == model_number(written, known)


@pytest.mark.parametrize("text", ["WA1200", "WA1250", "WA255", "WA90", "WA6000"])
def test_a_number_of_its_own_keeps_its_last_digit(text: str) -> None:
    assert model_number(text, {25.0, 120.0, 250.0, 255.0, 600.0, 1200.0}) == model_number(text)


@pytest.mark.parametrize(
    ("text", "prefix", "number", "tail"),
    [("8FGU25", "FGU", 25, ""), ("85ZIV-2", "", 85, "ZIV2"), ("35SR-2", "", 35, "SR2"), ("70ZV-2", "", 70, "ZV2")],
)
def test_leading_digits_are_a_series_only_before_a_number(text: str, prefix: str, number: float, tail: str) -> None:
    found = model_number(text)
    assert (found.prefix, found.number, found.tail) == (prefix, number, tail)


@given(st.text(max_size=30))
def test_any_text_splits_into_a_model_number(text: str) -> None:
    assert model_number(text).number >= 0


@given(st.text("ABCDEFGLNPSXIRabse 0123456789-_./,ß", max_size=20))
def test_a_base_model_alone_is_that_of_the_whole_number(text: str) -> None:
    assert base_model(text) == normal_model(None, text).base_model


@pytest.mark.parametrize("text", ["SERIES 2 PC200", "D6T LGP", "325 L", "SER. 5", "x"])
def test_a_base_model_alone_is_that_of_a_number_with_a_series(text: str) -> None:
    assert base_model(text) == normal_model(None, text).base_model

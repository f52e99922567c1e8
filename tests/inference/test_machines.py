"""What a machine is and how big: from section, words, model numbers and specification rows."""

import pytest

from inventory.taxonomy.size_classes import SIZE_CLASSES
from tests.inference.listings import inferred


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("2016 CAT 745C", "articulated-trucks"),
        ("KOMATSU PC490LC-11", "excavators"),
        ("2013 JOHN DEERE 323DT Compact Track Loader", "compact-track-loaders"),
        ("Mobilbagger Liebherr A914", "wheeled-excavators"),
        ("Tractopelle JCB 3CX", "backhoe-loaders"),
        ("Mini pelle Kubota KX080", "mini-excavators"),
        ("Hydraulic hammer for 20 t excavator - hydraulic breaker", "attachments"),
        ("Wirtgen W200 cold planer", "other-equipment"),
        ("BOMAG BW213 roller", "vibratory-rollers"),
    ],
)
def test_the_category_comes_from_words_or_from_the_model_number(title: str, category: str) -> None:
    assert inferred("equipment", title).category == category


def test_a_section_counts_unless_the_title_is_more_exact() -> None:
    assert inferred("equipment", "Something odd", section="dozers").category == "dozers"
    assert inferred("equipment", "Rough terrain crane X1", section="cranes").category == "rough-terrain-cranes"
    assert inferred("equipment", "CAT D6T", section="all").category == "dozers"


def test_breadcrumbs_name_the_category_from_the_last_one_up() -> None:
    raw = {"breadcrumbs": ["Home", "Machines", "Radlader", "XY 12"]}
    assert inferred("equipment", "XY 12", raw=raw).category == "wheel-loaders"


def test_nothing_known_is_unknown_and_not_a_guess() -> None:
    listing = inferred("equipment", "Assorted goods")
    assert (listing.category, listing.category_confidence) == (None, 0.0)
    assert (listing.size_method, listing.size_value, listing.size_confidence) == ("unknown", None, 0.0)


@pytest.mark.parametrize(
    ("title", "section", "low", "high", "unit"),
    [
        ("Caterpillar 320D L", "excavators", 21, 24, "t"),
        ("PC200LC-8", "excavators", 21, 24, "t"),
        ("JCB 8018", "mini-excavators", 0, 2, "t"),
        ("Case 580 Super M", "backhoe-loaders", 14, 15, "ft"),
        ("Bobcat S175", "skid-steer-loaders", 1601, 1751, "lb"),
        ("Bobcat T300", "compact-track-loaders", 2701, None, "lb"),
        ("John Deere 750J", "dozers", 130, 160, "hp"),
        ("Case 750K", "dozers", 75, 85, "hp"),
        ("Cat 140G", "motor-graders", 145, 170, "hp"),
        ("Volvo A40G", "articulated-trucks", 35, 40, "t"),
        ("JLG 1055", "telehandlers", 9710, 10810, "lb"),
        ("Genie GS-1932", "scissor-lifts", 14, 19, "ft"),
        ("Skyjack SJ3219", "scissor-lifts", 14, 19, "ft"),
    ],
)
def test_a_model_number_tells_the_class(title: str, section: str, low: float, high: float | None, unit: str) -> None:
    listing = inferred("equipment", title, section=section)
    assert (listing.size_min, listing.size_max, listing.size_unit) == (low, high, unit)


@pytest.mark.parametrize(
    ("name", "text", "kg"),
    [
        ("Operating weight", "47,400 lb", 21500),
        ("Einsatzgewicht", "21.500 kg", 21500),
        ("Poids en ordre de marche", "21,5 t", 21500),
        ("Weight (kg)", "21500", 21500),
        ("Bedrijfsgewicht", "21 500 kg", 21500),
    ],
)
def test_a_published_specification_comes_first(name: str, text: str, kg: float) -> None:
    listing = inferred("equipment", "Cat 320D", section="excavators", raw={"specs": [[name, text]]})
    assert listing.size_method == "spec"
    assert listing.operating_weight_kg == pytest.approx(kg, rel=0.001)
    assert (listing.size_min, listing.size_max) == (21, 24)
    assert name in listing.provenance["size_value"]


def test_power_and_depth_are_read_in_other_units() -> None:
    dozer = inferred("equipment", "Dozer", section="dozers", raw={"specs": [["Motorleistung", "110 kW"]]})
    assert dozer.size_value == pytest.approx(147.5, abs=0.1)
    digger = inferred("equipment", "x", section="backhoe-loaders", raw={"specs": [["Dig depth", "14' 6\""]]})
    assert digger.size_value == pytest.approx(14.5, abs=0.01)


def test_what_the_source_gave_is_kept_and_its_make_made_canonical() -> None:
    listing = inferred("equipment", "2015 Volvo L90 1,000 hrs", make="CAT", model="950H", year=2011, hours=7)
    assert (listing.make, listing.model, listing.year, listing.hours) == ("Caterpillar", "950H", 2011, 7)


def test_every_inferred_class_is_one_of_its_categorys() -> None:
    listing = inferred("equipment", "2010 Komatsu D65EX-15")
    edges = {(interval.lower, interval.upper) for interval in SIZE_CLASSES[listing.category or ""]}
    assert (listing.size_min, listing.size_max) in edges


def test_inferring_twice_changes_nothing() -> None:
    from pipelines.inference.infer import infer_category_and_model, infer_size

    listing = inferred("equipment", "2012 CAT 349E Hydraulic Excavator 5,429 hours")
    before = listing.as_dict() | {"provenance": dict(listing.provenance)}
    infer_category_and_model(listing)
    infer_size(listing)
    assert listing.as_dict() == before


def test_an_operating_weight_is_known_without_a_specification() -> None:
    listing = inferred("equipment", "Caterpillar D8R crawler tractor")
    assert listing.operating_weight_kg == pytest.approx(37600, rel=0.1)

"""Sizes that a title, a description or a specification row states, and what is not taken for one."""

import pytest

from tests.inference.listings import inferred


@pytest.mark.parametrize(
    ("title", "description", "section", "value", "unit"),
    [
        ("21 t excavator", None, "excavators", 21, "t"),
        ("Excavator", "Runs well. Operating weight: 21,800 kg", "excavators", 21.8, "t"),
        ("Bagger", "Einsatzgewicht ca. 21.800 kg", "excavators", 21.8, "t"),
        ("19 ft scissor lift", None, "scissor-lifts", 19, "ft"),
        ("Generator 35 kVA", None, "generators", 28, "kW"),
        ("Telehandler", "Max. capacity 10,000 lb, 56 ft lift height", "telehandlers", 10000, "lb"),
        ("Boom lift", "platform height 60 ft", "boom-lifts", 60, "ft"),
    ],
)
def test_a_size_in_the_words_is_read(title: str, description: str, section: str, value: float, unit: str) -> None:
    listing = inferred("equipment", title, description=description, section=section)
    assert listing.size_value == pytest.approx(value)
    assert listing.size_unit == unit
    assert listing.size_method == "text"
    assert 0 < (listing.size_confidence or 0) < 0.8


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Excavator with 2 t bucket", None),
        ("Excavator", "Transport weight 21,800 kg. Bucket weight 900 kg"),
        ("Excavator", "comes with a breaker, operating weight 0 kg"),
        ("Excavator", "bucket operating weight 1,200 kg"),
        ("Excavator", "Operating weight 9,999,999 kg"),
        ("Excavator 6 m", None),
    ],
)
def test_another_things_weight_is_not_the_machines(title: str, description: str | None) -> None:
    listing = inferred("equipment", title, description=description, section="excavators")
    assert (listing.size_value, listing.operating_weight_kg) == (None, None)


def test_a_nominal_class_is_less_sure_than_a_stated_weight() -> None:
    nominal = inferred("equipment", "20 ton class excavator", section="excavators")
    named = inferred("equipment", "Excavator", description="operating weight 20 t", section="excavators")
    assert nominal.size_value == named.size_value == 20
    assert (nominal.size_confidence or 0) < (named.size_confidence or 0)


def test_a_known_model_comes_before_the_text() -> None:
    listing = inferred("equipment", "Cat 320D", description="operating weight 22,000 kg", section="excavators")
    assert listing.size_method in ("descriptor", "base model")
    assert listing.operating_weight_kg == 22000


@pytest.mark.parametrize("text", ["218000 kg", "2,180 kg", "47,400 kg"])
def test_a_specification_far_from_the_known_model_is_not_believed(text: str) -> None:
    listing = inferred("equipment", "Cat 320D", section="excavators", raw={"specs": [["Operating weight", text]]})
    assert listing.size_method != "spec"
    assert (listing.size_min, listing.size_max) in ((19, 21), (21, 24))
    assert listing.operating_weight_kg == pytest.approx(21000, rel=0.1)
    assert f"not believed: Operating weight: {text}" in listing.provenance["size_value"]


def test_a_specification_is_believed_where_nothing_contradicts_it() -> None:
    specs = {"specs": [["Operating weight", "21800 kg"]]}
    for title in ("Cat 320D", "Acme 9", "Excavator"):
        assert inferred("equipment", title, section="excavators", raw=specs).size_method == "spec"

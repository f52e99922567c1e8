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


@pytest.mark.parametrize(
    ("title", "section", "specs", "value"),
    [
        ("Lift truck", "forklifts", [["Rated Capacity", '36,000 lb @ 24" LC']], 36000),
        ("Boom lift", "boom-lifts", [["Hauteur de travail", "16 m"]], 45.93),
        ("Boom lift", "boom-lifts", [["Hauteur de travail", "16 m"], ["Hauteur plancher", "14 m"]], 45.93),
        ("Dozer", "dozers", [["Gross power", "239 hp"], ["Flywheel/Net power", "200 hp"]], 200),
        ("Loader", "compact-track-loaders", [["ROC 50%", "3,700 lb"], ["ROC 35%", "2,590 lb"]], 2590),
        ("Loader", "skid-steer-loaders", [["ROC 35%", "1,470 lb"], ["ROC 50%", "2,100 lb"]], 2100),
        ("Loader", "skid-steer-loaders", [["Tipping Load", "4,200 lb"]], 2100),
        ("Compresseur", "air-compressors", [["Débit", "2,5 m3/min"]], 88.3),
        ("Genset", "generators", [["Standby output", "77 kVA"], ["Prime output", "70 kVA"]], 56),
        ("Backhoe", "backhoe-loaders", [["Max digging depth", "4370 mm"]], 14.34),
        ("Excavator", "excavators", [["Shipping weight", "18 t"], ["工作重量", "21 t"]], 21),
        ("Crane truck", "cranes", [["Capacity", "50 tons"], ["Weight", "66,840 lb"]], 45.36),
        ("Crane truck", "cranes", [["Capacity", "50 tons"], ["Weight", "30,300 kg"]], 50),
    ],
)
def test_a_row_is_read_by_its_name_in_its_familys_sense(
    title: str, section: str, specs: list[list[str]], value: float
) -> None:
    listing = inferred("equipment", title, section=section, raw={"specs": specs})
    assert listing.size_value == pytest.approx(value, rel=0.01)
    assert listing.size_method == "spec"


@pytest.mark.parametrize(
    ("title", "section", "value"),
    [
        ("Dumpster, 1000kg payload", "site-dumpers", 1),
        ("Plate compactor 90kg", "plate-compactors", 90),
        ("Автокран 25 тонн", "cranes", 25),
        ("Boom lift, working height 16.25 m, platform 14.25 m", "boom-lifts", 46.75),
        ("Tractopelle - prof. de fouille 4,62 m", "backhoe-loaders", 15.16),
        ("Mini digger 1.5 ton, trailer included", "mini-excavators", 1.5),
        ("Compressor fast tow, 2015, 142cfm", "air-compressors", 142),
        ("Boom truck 45 ton", "cranes", 40.82),
        ("Бульдозер, мощность 520 л.с.", "dozers", 512.9),
        ("Hammer for diggers of 20 à 28 t", "excavators", None),
    ],
)
def test_a_figure_is_known_by_the_words_beside_it(title: str, section: str, value: float | None) -> None:
    found = inferred("equipment", title, section=section).size_value
    assert found == (value if value is None else pytest.approx(value, rel=0.01))


def test_a_weight_that_is_only_reckoned_does_not_outweigh_the_pages_own() -> None:
    """Nothing is published of this number, so what its neighbours weigh is no reason to doubt the page."""
    listing = inferred(
        "equipment", "Caterpillar 947", section="wheel-loaders", raw={"specs": [["Operating weight", "4,100 kg"]]}
    )
    assert listing.operating_weight_kg == 4100


def test_what_the_text_names_outweighs_an_uncertain_model_number() -> None:
    listing = inferred("equipment", "Terex 820", description="Grabtiefe 4,38 m", section="backhoe-loaders")
    assert (listing.size_method, listing.size_min, listing.size_max) == ("text", 14, 15)


def test_a_make_taken_from_the_number_does_not_count_for_the_size() -> None:
    """Of LB90 an auction class is known outright; that only New Holland's tables print the number proves nothing."""
    guessed = inferred("equipment", "LB90", section="backhoe-loaders")
    assert (guessed.size_min, guessed.size_max, guessed.size_confidence) == (0, 14, 0.97)

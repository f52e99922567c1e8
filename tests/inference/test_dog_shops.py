"""Dog products as shops of many countries write them: packs, forms, charts, ratings."""

import pytest

from pipelines.inference.dog_weight import dog_weight
from pipelines.inference.pack_weight import pack_weight
from pipelines.parsing.condition import spoken_condition
from pipelines.parsing.ratings import rating_in_text
from tests.inference.listings import inferred


@pytest.mark.parametrize(
    ("title", "net_g", "packs"),
    [
        ("Karma mokra dla psa 12x800g", 9600, 12),
        ("ウェットフード 缶 85g×24個", 2040, 24),
        ("Konzerva pro psy 1240 g, balení 6 ks", 7440, 6),
        ("Lot de 6 boîtes de 1,2 kg", 7200, 6),
        ("5 Sorten à 200 g", 1000, 5),
        ("Влажный корм, пауч 85 г × 24 шт", 2040, 24),
        ("für kleine Rassen bis 10 kg – 1,5 kg", 1500, 1),
    ],
)
def test_packs_are_counted_in_every_language(title: str, net_g: float, packs: int) -> None:
    found = pack_weight(title)
    assert found is not None
    assert found.net_weight_g == pytest.approx(net_g)
    assert found.pack_count == packs


def test_a_free_half_bag_is_no_dogs_weight() -> None:
    assert dog_weight("Adult 15 kg + 2.5 kg free") == (None, None)
    assert dog_weight("for dogs 15 kg+") == (15.0, None)
    assert dog_weight("Таблетки для собак 10–20 кг") == (10.0, 20.0)


def test_a_size_chart_is_read_for_the_size_that_is_sold() -> None:
    chart = "Size chart: S – neck 12-16 in, chest 16-22 in; M – neck 16-20 in, chest 21-27 in"
    sold = inferred("dog", "No-Pull Harness", section="dog-harnesses", raw={"variant": "M"}, description=chart)
    assert {name: sold.attributes[name] for name in ("neck_min_cm", "chest_max_cm")} == {
        "neck_min_cm": 40.6,
        "chest_max_cm": 68.6,
    }
    unknown = inferred("dog", "No-Pull Harness", section="dog-harnesses", description=chart)
    assert not {"neck_min_cm", "chest_min_cm"} & unknown.attributes.keys()


def test_a_food_that_names_no_form_has_the_one_of_its_pack() -> None:
    bag = inferred("dog", "Hundefutter Adult Lamm 12 kg", section="dog-food")
    cans = inferred("dog", "Menü Senior 6x400g", section="dog-food")
    unknown = inferred("dog", "Hundefutter Adult Lamm 800 g", section="dog-food")
    assert (bag.food_form, cans.food_form, unknown.food_form) == ("dry", "wet", None)


def test_a_rating_in_a_description_needs_a_scale_or_a_count() -> None:
    assert rating_in_text("Rated 4.7/5 by 1,023 customers.") == (4.7, 1023)
    assert rating_in_text("Bewertung: 4,5 von 5 Sternen (87 Bewertungen)") == (4.5, 87)
    assert rating_in_text("Gives you 5 stars of comfort") == (None, None)
    assert rating_in_text("3/5 meat") == (None, None)


def test_new_in_a_title_is_no_condition_but_used_is() -> None:
    assert spoken_condition("New Zealand lamb bed, brand new recipe", None) is None
    assert spoken_condition("Used dog crate 36 in", None) == ("used", "title")
    assert spoken_condition("Parka", "Sold new with tags") == ("new", "description")

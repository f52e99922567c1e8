"""The fifteen ways in which dog products mislead, one test each."""

from decimal import Decimal

import pytest

from pipelines.inference.dog_age import age_months, supply_months
from pipelines.inference.dog_measures import measures
from pipelines.inference.dog_weight import dog_weight
from pipelines.inference.pack_weight import pack_weight
from pipelines.inference.size_label import size_label
from pipelines.inference.volume import volume_ml
from tests.inference.listings import inferred


def test_01_small_breed_food_is_no_small_bag() -> None:
    food = inferred("dog", "Small Breed Adult Dry Dog Food, 34-lb bag")
    assert (food.breed_sizes, food.size_label) == (["s"], None)
    assert food.net_weight_g == pytest.approx(15422, abs=1)


def test_02_thirty_pounds_is_the_bag_in_food_and_the_dog_in_flea_medicine() -> None:
    assert inferred("dog", "Chicken Dry Dog Food 30 lb").net_weight_g == pytest.approx(13607.8, abs=0.1)
    flea = inferred("dog", "Flea and Tick Treatment for dogs up to 30 lb", section="dog-health")
    assert (flea.net_weight_g, flea.dog_weight_max_kg) == (None, 13.61)


def test_03_a_large_bed_is_for_no_large_breed() -> None:
    bed = inferred("dog", "Orthopedic Dog Bed, Large")
    assert (bed.breed_sizes, bed.size_label) == (None, "L")
    assert inferred("dog", "Large Breed Adult Dry Dog Food 12 kg").breed_sizes == ["l"]


def test_04_ends_of_a_weight_range_may_be_open_or_closed() -> None:
    assert dog_weight("10.1–24 lb") == (4.58, 10.89)
    assert dog_weight(">10–25 kg") == (10.0, 25.0)
    assert inferred("dog", "Spot on >10-25 kg", section="dog-health").breed_sizes == ["m"]


def test_05_ounces_fluid_ounces_cases_counts_and_pairs_of_units() -> None:
    assert pack_weight("12-fl oz bottle") is None
    assert volume_ml("12-fl oz bottle") == pytest.approx(354.9)
    case = pack_weight("5.5-oz, case of 24")
    assert case is not None
    assert case.pack_count == 24
    assert case.net_weight_g == pytest.approx(3742.1, abs=0.1)
    treats = inferred("dog", "Dental Dog Treats, 12-oz bag, 24 ct")
    assert (treats.net_weight_g, treats.pack_count, treats.attributes["piece_count"]) == (340.2, 24, 24)
    pair = pack_weight("30 lb / 13.6 kg")
    assert pair is not None
    assert pair.net_weight_g == pytest.approx(13600, rel=0.02)


def test_06_two_bags_of_twelve_are_not_one_of_twenty_four() -> None:
    deal = inferred("dog", "Adult Lamb Dry Dog Food 2 x 12 kg")
    assert (deal.net_weight_g, deal.pack_count, deal.unit_weight_g) == (24000, 2, 12000)
    feed = inferred("dog", "Adult Lamb Dry Dog Food 12 kg", raw={"multipack": "2"})
    assert (feed.net_weight_g, feed.pack_count) == (24000, 2)


def test_07_value_size_is_no_size_and_one_size_is_one() -> None:
    assert size_label("Value size") is None
    assert size_label("1 size") == size_label("One Size Fits All") == "one size"


def test_a_bag_for_dogs_is_weighed_where_no_range_makes_it_a_dogs_weight() -> None:
    for text in ("Chicken & Rice for Large Breed Puppies 10kg", "Futter für Hunde 10 kg"):
        found = pack_weight(text)
        assert found is not None
        assert found.net_weight_g == 10000
    for text in ("for dogs up to 10 kg", "für Hunde ab 10 kg", "chiens de 10 kg", "dogs 10 kg - 20 kg"):
        assert pack_weight(text) is None


def test_08_european_commas_and_grams() -> None:
    for text, grams in (("1,5 kg", 1500), ("400gr", 400), ("1.500 g", 1500), ("1,500 kg", 1500), ("0,85 kg", 850)):
        found = pack_weight(f"Hundefutter {text}")
        assert found is not None
        assert found.net_weight_g == grams


def test_09_the_variant_that_is_sold_has_the_last_word() -> None:
    sold = inferred("dog", "Dry Dog Food 2 kg, 6 kg, 12 kg", raw={"size": "6 kg"})
    assert (sold.net_weight_g, sold.provenance["net_weight_g"]) == (6000, "variant: 6 kg")
    same = inferred("dog", "Dog Biscuits - 320 g / Pack Of 2", raw={"size": "Pack Of 2"})
    assert (same.net_weight_g, same.pack_count) == (640, 2)


def test_10_a_kilograms_price_goes_by_the_price_that_is_asked() -> None:
    food = inferred("dog", "Dry Dog Food 10 kg", price=Decimal("40"), regular_price=Decimal("50"))
    assert food.unit_price_per_kg == Decimal("4.00")
    stated = inferred("dog", "Hundefutter", raw={"specs": [["Grundpreis", "0,45 €/100 g"]]})
    assert stated.unit_price_per_kg == Decimal("4.50")


def test_11_a_chart_that_is_a_picture_leaves_the_measures_unknown() -> None:
    harness = inferred(
        "dog", "Front-Clip Dog Harness", raw={"images": ["https://a.example/size-chart.jpg"], "size": "M"}
    )
    assert harness.size_label == "M"
    assert not any(name.endswith("_cm") for name in harness.attributes)


def test_12_the_neck_that_fits_is_not_the_collars_width() -> None:
    collar = inferred("dog", "Nylon Dog Collar, fits neck 14–20 in, 1 in wide")
    assert {name: collar.attributes[name] for name in ("neck_min_cm", "neck_max_cm", "width_cm")} == {
        "neck_min_cm": 35.6,
        "neck_max_cm": 50.8,
        "width_cm": 2.5,
    }
    assert measures("1 in", "dog-collars") == {"width_cm": 2.5}


def test_13_twelve_months_and_up_is_an_age_and_twelve_months_of_supply_is_none() -> None:
    assert (age_months("12 months +"), supply_months("12 months +")) == ((12.0, None), None)
    assert (age_months("12 month supply"), supply_months("12 month supply")) == ((None, None), 12)
    assert inferred("dog", "Dry Dog Food, 12 months +, 3 kg").life_stage == "adult"


def test_14_a_mans_m_is_no_dogs_m() -> None:
    assert size_label("Dog Dad T-Shirt, Men's M") is None
    assert size_label("Dog T-Shirt, M") == "M"


def test_15_a_bonus_is_in_the_bag() -> None:
    for text in ("12 kg + 3 kg free", "12+3 kg gratis", "12 kg + 3kg gratuits"):
        found = pack_weight(text)
        assert found is not None
        assert (found.net_weight_g, found.pack_count) == (15000, 1)

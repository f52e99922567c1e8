"""How dog products say how big they are, with the traps of the trade."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inference.breeds import BREEDS, find_breed, sizes_between
from pipelines.inference.dog_measures import measures
from pipelines.inference.dog_weight import dog_weight
from pipelines.inference.pack_weight import pack_weight
from pipelines.inference.size_label import size_label
from tests.inference.listings import inferred


@pytest.mark.parametrize(
    ("text", "net_g", "packs", "unit_g"),
    [
        ("Dry Dog Food, 30-lb bag", 13607.8, 1, 13607.8),
        ("Trockenfutter 1,5 kg", 1500, 1, 1500),
        ("Hundefutter 400gr", 400, 1, 400),
        ("6 x 400 g", 2400, 6, 400),
        ("Wet food 5.5-oz, case of 24", 3742.1, 24, 155.9),
        ("12 x 13 oz (Pack of 2)", 8845.1, 24, 368.5),
        ("2 x 12 kg", 24000, 2, 12000),
        ("12 kg + 3 kg free", 15000, 1, 15000),
        ("30 lb / 13.6 kg", 13607.8, 1, 13607.8),
        ("15g X 4", 60, 4, 15),
        ("1,000 g bag", 1000, 1, 1000),
        ("13.4-oz, case of 12, bundle of 2", 9117.2, 24, 379.9),
    ],
)
def test_a_pack_says_how_much_it_holds(text: str, net_g: float, packs: int, unit_g: float) -> None:
    found = pack_weight(text)
    assert found is not None
    assert (found.net_weight_g, found.pack_count, found.unit_weight_g) == (
        pytest.approx(net_g, abs=0.2),
        packs,
        pytest.approx(unit_g, abs=0.2),
    )


@pytest.mark.parametrize("text", ["12-fl oz bottle", "for dogs 20-40 lbs", "12 month supply", "", "Size M"])
def test_a_volume_a_dog_and_a_span_of_time_are_no_net_weight(text: str) -> None:
    assert pack_weight(text) is None


@given(st.integers(1, 60), st.integers(1, 48))
def test_packs_times_one_is_all(kilograms: int, packs: int) -> None:
    found = pack_weight(f"{packs} x {kilograms} kg")
    assert found is not None
    assert found.net_weight_g == found.unit_weight_g * found.pack_count == kilograms * 1000 * packs


@given(st.text(max_size=80))
def test_any_text_can_be_measured(text: str) -> None:
    pack_weight(text)
    dog_weight(text)
    size_label(text)
    assert all(value >= 0 for value in measures(text).values())


def test_thirty_pounds_is_the_bag_in_food_and_the_dog_in_flea_medicine() -> None:
    food = inferred("dog", "Adult Chicken Dry Dog Food, 30-lb bag")
    assert (food.category, food.net_weight_g) == ("dry-dog-food", pytest.approx(13607.8, abs=0.1))
    assert food.dog_weight_max_kg is None
    flea = inferred("dog", "Flea & Tick Chewable for dogs 24.1-60 lb, 3 chews", section="dog-health")
    assert flea.net_weight_g is None
    assert (flea.dog_weight_min_kg, flea.dog_weight_max_kg) == (10.93, 27.22)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("for dogs 20–40 lbs", 9.07, 18.14),
        ("over 55 lb", 24.95, None),
        ("up to 25 lb", None, 11.34),
        (">4–10 kg", 4.0, 10.0),
        ("121 lbs and up", 54.88, None),
        ("nothing", None, None),
    ],
)
def test_the_dogs_weight_may_have_open_ends(text: str, low: float | None, high: float | None) -> None:
    assert dog_weight(text) == (low, high)


def test_large_bed_is_not_large_breed() -> None:
    assert inferred("dog", "Orthopedic Dog Bed, Large").breed_sizes is None
    assert inferred("dog", "Orthopedic Dog Bed, Large").size_label == "L"
    food = inferred("dog", "Large Breed Puppy Dry Dog Food, 34-lb bag")
    assert (food.breed_sizes, food.life_stage, food.size_label) == (["l"], "puppy", None)


def test_food_that_names_no_breed_is_for_all_and_says_so() -> None:
    food = inferred("dog", "Chicken & Rice Wet Dog Food, 13-oz, case of 12")
    assert food.breed_sizes == ["xs", "s", "m", "l", "xl"]
    assert food.provenance["breed_sizes"].startswith("rule")


def test_a_breed_stands_for_its_sizes() -> None:
    beagle = find_breed("Harness for a Beagle")
    assert beagle is not None
    assert "m" in beagle.sizes
    assert find_breed("Beagle or Akita") is None
    assert inferred("dog", "Breed Health Nutrition Chihuahua Adult Dry Dog Food, 2.5-lb bag").breed_sizes == ["xs"]


def test_every_breed_has_a_size() -> None:
    assert all(breed.sizes for breed in BREEDS.values())
    assert sizes_between(None, None) == ("xs", "s", "m", "l", "xl")


@pytest.mark.parametrize(
    ("text", "label"),
    [("M / Red", "M"), ("S/M", "S/M"), ("XS-S", "XS/S"), ("2XL", "2XL"), ("Extra Small", "XS"), ("Large breed", None)],
)
def test_a_letter_size_is_read_but_no_breed(text: str, label: str | None) -> None:
    assert size_label(text) == label


def test_girths_and_lengths_become_centimetres() -> None:
    assert measures("neck 12.6 in, chest 14.17~22.83 in") == {
        "neck_min_cm": 32.0,
        "neck_max_cm": 32.0,
        "chest_min_cm": 36.0,
        "chest_max_cm": 58.0,
    }
    assert measures("30x20 in") == {"length_cm": 76.2, "width_cm": 50.8}
    assert measures("6 ft leash") == {"length_cm": 182.9}
    assert measures('Crate 36"') == {"length_cm": 91.4}


def test_the_unit_price_goes_by_net_weight() -> None:
    food = inferred("dog", "Dry Dog Food 12 kg", price=Decimal("41.40"))
    assert food.unit_price_per_kg == Decimal("3.45")


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Royal Canin Kitten Dry Cat Food 400 g", "not-dog"),
        ("Steel Comb for Cats & Dogs", "dog-grooming"),
        ("Wet Dog & Cat Food Topper, 7-oz pouch", "wet-dog-food"),
        ("Freeze-Dried Raw Dog Food, 14-oz bag", "fresh-dog-food"),
        ("Gemütliches Hundebett L", "dog-beds"),
        ("Slow feeder dog bowl", "dog-bowls"),
        ("Chicken Jerky Dog Treats, 12-oz bag, 30 count", "dog-treats"),
    ],
)
def test_a_dog_products_category(title: str, category: str) -> None:
    assert inferred("dog", title).category == category


def test_a_count_of_treats_is_of_pieces_in_the_bag() -> None:
    treats = inferred("dog", "Chicken Jerky Dog Treats, 12-oz bag, 30 count")
    assert (treats.net_weight_g, treats.pack_count, treats.unit_weight_g) == (340.2, 30, 11.3)


def test_a_variant_says_it_better_than_the_title() -> None:
    listing = inferred("dog", "Adult Dry Dog Food - All Breeds", raw={"variant": "11.4 kg"})
    assert listing.net_weight_g == 11400
    packs = inferred("dog", "Dog Food 300 g", raw={"variant": "Pack of 7"})
    assert (packs.net_weight_g, packs.pack_count) == (2100, 7)

"""What a dog product's rows, columns, label and breed say beside its title."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.inference.breeds import BREED_SIZES, BREEDS, Breed, UnknownBreed, find_breed, fitting_sizes
from pipelines.inference.crate_sizes import crate_readings
from pipelines.inference.dog_label import label_texts
from pipelines.inference.dog_specs import read_dog_specs
from pipelines.inference.dog_words import breed_sizes
from pipelines.inference.size_label import size_label
from tests.inference.listings import inferred


def said(title: str, *specs: tuple[str, str], **raw: object) -> dict[str, object]:
    """The sizes of a product with rows and columns."""
    return inferred("dog", title, raw={"specs": [list(pair) for pair in specs], **raw}).as_dict()


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        (("Net weight", "2 kg"), "net_weight_g", 2000),
        (("Nettogewicht", "2,5 kg"), "net_weight_g", 2500),
        (("Weight (kg)", "3"), "net_weight_g", 3000),
        (("Life stage", "adult"), "life_stage", "adult"),
        (("Altersgruppe", "Welpen"), "life_stage", "puppy"),
        (("Food form", "raw"), "food_form", "raw"),
        (("Food form", "treat"), "food_form", "treat"),
        (("Futterart", "Trockenfutter"), "food_form", "dry"),
        (("Breed size", "Small, Medium"), "breed_sizes", ["s", "m"]),
        (("Taille du chien", "Grand"), "breed_sizes", ["l"]),
        (("Suitable for", "dogs 10-25 kg"), "dog_weight_max_kg", 25.0),
        (("Gewicht des Hundes", "über 25 kg"), "dog_weight_min_kg", 25.0),
    ],
)
def test_a_specification_row_is_read_by_its_name(row: tuple[str, str], field: str, value: object) -> None:
    assert said("Complete Dog Food", row)[field] == value


def test_a_parcels_weight_is_gross_and_hardly_trusted() -> None:
    food = inferred("dog", "Dry Dog Food 2 kg", raw={"specs": [["Package weight", "2.4 kg"]]})
    assert food.net_weight_g == 2000
    only = inferred("dog", "Dry Dog Food", raw={"shipping_weight": "2.4 kg"})
    assert (only.net_weight_g, only.size_confidence) == (2400, 0.35)
    assert "gross" in only.provenance["net_weight_g"]
    assert only.unit_price_per_kg is None


def test_a_row_that_weighs_one_can_leaves_the_case_as_the_title_says() -> None:
    case = inferred("dog", "Wet Dog Food 12 x 400 g", raw={"net_weight": "400 g"})
    assert (case.net_weight_g, case.pack_count, case.size_method) == (4800, 12, "spec")


def test_a_feeds_measure_of_a_liquid_is_a_volume() -> None:
    shampoo = inferred("dog", "Oatmeal Dog Shampoo", raw={"unit_pricing_measure": "500 ml"})
    assert (shampoo.attributes["volume_ml"], shampoo.net_weight_g) == (500, None)
    assert (shampoo.size_value, shampoo.size_unit, shampoo.size_basis) == (500, "ml", "volume")


def test_a_feeds_age_group_is_the_buyers() -> None:
    assert said("Dog Food", ("Age group", "adult"))["life_stage"] is None
    assert said("Dog Food", ("Age group", "Puppy"))["life_stage"] == "puppy"


def test_gear_is_measured_by_its_rows() -> None:
    bed = said("Dog Bed", ("Item dimensions", "90 x 60 x 20 cm"), ("Package dimensions", "50 x 40 x 30 cm"))
    attributes = bed["attributes"]
    assert isinstance(attributes, dict)
    assert (attributes["length_cm"], attributes["width_cm"], attributes["height_cm"]) == (90, 60, 20)
    assert (bed["size_value"], bed["size_unit"], bed["size_method"]) == (90, "cm", "spec")


def test_a_crates_length_means_what_each_table_says() -> None:
    labels = {row["source"].split("/")[2]: row.get("size_label") for row in crate_readings(61.0)}
    assert (labels["xzhbc.com"], labels["pets.thenest.com"]) == ("S", "XS")
    crate = inferred("dog", 'Folding Wire Dog Crate 24"')
    assert len(crate.attributes["crate_sizes"]) == 4
    assert crate.size_label is None
    assert crate_readings(5.0) == []


@pytest.mark.parametrize(
    ("text", "ingredients", "analysis"),
    [
        (
            "Gut.\nZusammensetzung: Huhn (30 %), Reis.\nAnalytische Bestandteile: Rohprotein 26 %, Rohfett 14 %."
            "\nLagerung: kühl",
            "Huhn (30 %), Reis",
            "Rohprotein 26 %, Rohfett 14 %",
        ),
        (
            "Great.\nIngredients\nChicken, Rice\nGuaranteed Analysis\nCrude Protein (min) 26 %\nMoisture (max) 10%"
            "\nFeeding Guide\n2 cups",
            "Chicken, Rice",
            "Crude Protein (min) 26 % Moisture (max) 10%",
        ),
        (
            "Composition : viandes, riz. Constituants analytiques : protéine 25%, matières grasses 15%."
            " Mode d'emploi: voir",
            "viandes, riz",
            "protéine 25%, matières grasses 15%",
        ),
        ("Ingredients you can trust, and love.", None, None),
    ],
)
def test_a_labels_lists_are_kept_as_text(text: str, ingredients: str | None, analysis: str | None) -> None:
    found = label_texts(text)
    assert (found.get("ingredients"), found.get("analysis")) == (ingredients, analysis)


def test_a_beds_composition_is_no_food() -> None:
    bed = inferred("dog", "Dog Bed", description="Soft.\nComposition: cotton, polyester.")
    assert "ingredients" not in bed.attributes


def test_which_sizes_fit_a_beagle() -> None:
    assert fitting_sizes("beagle") == ("s", "m")
    assert fitting_sizes("Dackel") == fitting_sizes("teckel") == fitting_sizes("Dachshund")
    assert fitting_sizes("berger allemand") == ("m", "l")
    with pytest.raises(UnknownBreed):
        fitting_sizes("unicorn")


def test_food_for_a_breed_is_for_the_size_it_is_filed_under() -> None:
    assert breed_sizes("Breed Nutrition Dachshund Adult") == ("s",)
    assert breed_sizes("Pastor alemán adulto 11 kg") == ("l",)


@pytest.mark.parametrize("breed", BREEDS.values(), ids=lambda breed: breed.name)
def test_a_breed_is_filed_under_a_size_that_its_dogs_have(breed: Breed) -> None:
    assert breed.size in breed.sizes


def test_a_breed_in_other_words() -> None:
    for words, name in (
        ("Mops", "Pug"),
        ("Berner Sennenhund", "Bernese Mountain Dog"),
        ("Pastor alemán", "German Shepherd Dog"),
    ):
        found = find_breed(words)
        assert found is not None
        assert found.name == name


@pytest.mark.parametrize(
    ("title", "sizes"),
    [
        ("Maxi Joint Care Adult Dry Dog Food", ("l",)),
        ("Mini Nibs Freeze-Dried Dog Food", ()),
        ("Gentle Giants Dog Food", ()),
        ("Trockenfutter für kleine und mittlere Rassen", ("s", "m")),
        ("Croquettes chiens de grande taille", ("l",)),
        ("Pienso para perros de razas pequeñas", ("s",)),
    ],
)
def test_makers_lines_and_other_languages_name_breed_sizes(title: str, sizes: tuple[str, ...]) -> None:
    assert breed_sizes(title, food=True) == sizes


def test_a_brand_called_big_dog_makes_food_for_all() -> None:
    assert breed_sizes("Big Dog Frozen Raw Dog Food", food=True, brand="Big Dog") == ()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Size 3", "3"),
        ("Größe 2", "2"),
        ("mittel", "M"),
        ("XXL", "2XL"),
        ("1.5 L", None),
        ("Small/Medium", "S/M"),
        ("3", "3"),
    ],
)
def test_sizes_are_numbers_and_words_too(text: str, label: str | None) -> None:
    assert size_label(text, is_size=True) == label


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.text(max_size=20), st.integers(), st.none()), max_size=6))
def test_any_columns_can_be_read(raw: dict[str, object]) -> None:
    fields, others = read_dog_specs(raw)
    assert all(said.text for said in [*fields.values(), *others])


@given(st.text(max_size=200))
def test_any_label_can_be_read(text: str) -> None:
    assert set(label_texts(text)) <= {"ingredients", "analysis"}
    assert set(breed_sizes(text)) <= set(BREED_SIZES)


@pytest.mark.parametrize("unit", ["\n", " ", "• \n", "Ingredients: ", "\nIngredients\n", "(", "9 x ", "neck "])
def test_a_description_made_to_cost_is_read_in_bounded_time(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    started = time.process_time()
    inferred(
        "dog", "Dry Dog Food", description=text, raw={"specs": [["Dimensions", text], ["x", text]], "size": text[:200]}
    )
    assert time.process_time() - started < 2

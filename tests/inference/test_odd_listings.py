"""What no dealer should write, and dealers write all the same."""

from decimal import Decimal
from time import process_time

import pytest

from inventory.listing import Listing
from inventory.taxonomy.models import model_number
from pipelines.inference.infer import infer_category_and_model, infer_size
from pipelines.inference.pack_weight import PackWeight, pack_count
from pipelines.inference.pack_words import with_figures
from pipelines.inference.specs import meaning
from pipelines.inference.unit_price import unit_price


def inferred(listing: Listing) -> Listing:
    infer_category_and_model(listing)
    infer_size(listing)
    return listing


def test_a_number_of_hundreds_of_figures_is_no_model_number() -> None:
    assert model_number("PC" + "1" * 400).number == 0.0
    assert inferred(Listing(dealer="d", vertical="equipment", title="1" * 50_000)).size_value is None


def test_blanks_without_end_are_read_at_once() -> None:
    blanks = " " * 50_000
    started = process_time()
    assert meaning(f"{blanks}x") == (None, None)
    assert model_number(f"{blanks}PC200").number == 0.0
    assert pack_count(f"{blanks}x") is None
    assert process_time() - started < 3


@pytest.mark.parametrize("row", ["6 g", "0 kg", "9999999 t"])
def test_a_weight_that_no_machine_has_is_not_believed(row: str) -> None:
    found = inferred(Listing(dealer="d", vertical="equipment", title="Zyx bagger", raw={"specs": [["Weight", row]]}))
    assert found.operating_weight_kg is None
    assert found.size_value is None


@pytest.mark.parametrize("price", ["-5", "1e30"])
def test_a_price_that_is_none_gives_no_price_for_a_kilogram(price: str) -> None:
    assert unit_price(Decimal(price), PackWeight(2000.0, 1, 2000.0)) is None
    assert unit_price(Decimal("5"), PackWeight(2000.0, 1, 2000.0)) == Decimal("2.50")


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Dog treat pouch with clip", "other-dog"),
        ("Dog food dispenser, automatic", "dog-bowls"),
        ("Dog crate mat 42 inch", "dog-beds"),
        ("Dog food pouch chicken 100 g", "wet-dog-food"),
        ("Lit orthopédique grand chien 100 x 70 cm", "dog-beds"),
        ("LED lit dog collar", "dog-collars"),
    ],
)
def test_the_last_of_two_phrases_that_share_a_word_is_what_is_sold(title: str, category: str) -> None:
    assert inferred(Listing(dealer="d", vertical="dog", title=title)).category == category


def test_ounces_in_the_bag_leave_the_pounds_to_the_dog() -> None:
    found = inferred(Listing(dealer="d", vertical="dog", title="Dental treats 36 oz 130 count (5-15 lb)"))
    assert found.net_weight_g == pytest.approx(1020.6)
    assert (found.dog_weight_min_kg, found.dog_weight_max_kg) == (2.27, 6.8)


def test_a_word_that_only_looks_like_a_number_in_words_stays() -> None:
    assert with_figures("Bocconi ALTI e bassi, six chews") == "Bocconi ALTI e bassi, 6 chews"

"""Category words inside other words, of languages that put the thing first, and what says food without naming it."""

from pathlib import Path

import pytest

from inventory.listing import VERTICALS, Listing
from inventory.taxonomy.models import model_number
from inventory.taxonomy.tables import TaxonomyError
from pipelines.inference import category_food, category_parts, model_kinds
from pipelines.inference.category import classify
from pipelines.inference.category_head import named_in
from pipelines.inference.category_model import categories_of_model
from pipelines.inference.category_parts import parts_of
from pipelines.inference.category_words import CATEGORY_WORDS, WordsByVertical, parted
from pipelines.inference.model_kinds import kind_of_series


def dog_category(title: str, description: str | None = None) -> str | None:
    """The category of a pet shop's product that no section tells."""
    listing = Listing(dealer="test", vertical="dog", title=title, section="all", description=description)
    return classify(listing).category


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Norwegergeschirr schwarz M", "dog-harnesses"),
        ("Fettlederleine 2 m", "dog-leashes"),
        ("Smyczą po lesie, smycz 3 m", "dog-leashes"),
        ("Ошейника кожаного длина 40 см", "dog-collars"),
        ("犬用レインコート Mサイズ", "dog-apparel"),
        ("Distributeur de croquettes 3 l", "dog-bowls"),
        ("Coussin pour chien avec jouet", "dog-beds"),
        ("Dog bed with two toys", "dog-beds"),
        ("Gift voucher 25", "other-dog"),
        ("Puppy class, 6 weeks", "other-dog"),
        ("Hofmark Ente & Kartoffel 12 kg", "dry-dog-food"),
        ("Hofmark Ente & Kartoffel 6 x 400 g", "wet-dog-food"),
        ("Valley Adult Duck sample 50 g", "dry-dog-food"),
        ("Flea chews for dogs 10-25 kg, 3 chews", "dog-health"),
        ("Chews for dogs 25-50 lbs, 6 chews", "dog-health"),
        ("Dental chews for dogs 25-50 lbs, 28 chews", "dog-treats"),
        ("Freeze-dried duck treats 80 g", "dog-treats"),
        ("BARF Rind ohne Knochen 500 g", "fresh-dog-food"),
        ("Food for rabbits 2 kg", "not-dog"),
        ("Rabbit dry food 2 kg", "not-dog"),
        ("Reinfleischdose Pferd 800 g", "wet-dog-food"),
        ("Mini für kleine Rassen 1,5 kg", "dry-dog-food"),
        ("Toy & Mini Breed Adult 1.5kg", "dry-dog-food"),
    ],
)
def test_a_dog_product_is_named_in_any_language(title: str, category: str) -> None:
    assert dog_category(title) == category


def test_food_for_cats_is_not_for_dogs_whatever_the_next_sentence_says() -> None:
    assert dog_category("Tuna Flakes", "Complete food for adult cats. Your dog will steal it.") == "not-dog"
    assert dog_category("Tuna Flakes", "Complete food for adult cats and dogs.") != "not-dog"


def test_a_foods_form_is_read_from_the_description_where_the_title_is_silent() -> None:
    assert dog_category("Hundefutter Waldlust", "Vollkost. 6 Dosen zu 400 g, 2,4 kg") == "wet-dog-food"


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Kubota SVL95-2S c/w mulcher", None),
        ("Pelle Cat 320 avec godet", "excavators"),
        ("Excavadora Cat 320 brazo largo", "excavators"),
        ("Doosan DX35 mini digger Yanmar engine", "mini-excavators"),
        ("Mini digger bucket 12 inch", "attachments"),
        ("Bagger ohne Löffel", "excavators"),
        ("クローラーダンプ 2t", "site-dumpers"),
        ("Экскаватора ковш", "excavators"),
    ],
)
def test_a_machine_is_told_from_what_comes_with_it(title: str, category: str | None) -> None:
    found = named_in(title, "equipment")
    assert (found[0].category if found else None) == category


def test_a_compound_names_its_animal_and_its_product() -> None:
    assert parts_of("katzenfutter", "dog") == ("not-dog", "dog-food")
    assert parts_of("kleine", "dog") == ()


def test_japanese_is_parted_around_the_words_that_name_a_category() -> None:
    assert parted("中古油圧ショベル") == "中古 油圧ショベル "
    assert parted("Bagger 2 t") == "Bagger 2 t"


@pytest.mark.parametrize(
    ("make", "model", "category"),
    [
        ("Wacker Neuson", "DPU6555", "plate-compactors"),
        ("Bomag", "BPR 35/60", "plate-compactors"),
        ("Ammann", "AVP 2920", "plate-compactors"),
        ("Mikasa", "MVH-308", "plate-compactors"),
        ("Belle", "PCX 13/40", "plate-compactors"),
        ("Kubota", "L3901", "other-equipment"),
        ("Manitou", "160 ATJ", "boom-lifts"),
        (None, "LTM 1500-8.1", "all-terrain-cranes"),
        ("Combilift", "C4000", "forklifts"),
    ],
)
def test_a_makers_series_tells_the_kind(make: str | None, model: str, category: str) -> None:
    assert kind_of_series(make, model_number(model)) == category
    assert categories_of_model(make, model)[0][0] == category


def test_a_tractor_among_backhoes_is_a_tractor() -> None:
    listing = Listing(
        dealer="test", vertical="equipment", title="Kubota L3901 tractor with loader", section="backhoe-loaders",
        make="Kubota", model="L3901",
    )  # fmt: skip
    assert classify(listing).category == "other-equipment"


def test_a_plate_among_rollers_is_a_plate() -> None:
    listing = Listing(
        dealer="test", vertical="equipment", title="Wacker Neuson DPU6555", section="rollers", make="Wacker Neuson",
        model="DPU6555",
    )  # fmt: skip
    assert classify(listing).category == "plate-compactors"


def test_every_vertical_has_words() -> None:
    assert set(CATEGORY_WORDS) == set(VERTICALS)
    assert all(CATEGORY_WORDS.labels(vertical) for vertical in VERTICALS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("category,phrase,language,weak,source\nno-such,word,en,,x\n", "unknown category"),
        ("category,phrase,language,weak,source\ndozers,word,en,maybe,x\n", "weak is"),
        ("category,phrase,language,weak,source\ndozers,word,en,,x\ncranes,word,de,,x\n", "already stands for"),
    ],
)
def test_a_wrong_row_of_words_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "words.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TaxonomyError, match=message):
        WordsByVertical(path)["equipment"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dozers,raupe,middle,,de,x\n", "raupe"),
        ("no-such,raupe,end,,de,x\n", "unknown category"),
        ("dozers,raupe,end,,de,x\ncranes,raupe,end,,de,x\n", "already stands for"),
    ],
)
def test_a_wrong_row_of_parts_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "parts.csv"
    path.write_text("category,part,place,weak,language,source\n" + text, encoding="utf-8")
    with pytest.raises(TaxonomyError, match=message):
        category_parts.load(path)


def test_a_wrong_row_of_series_or_signs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("make,prefix,tail,category,source\nNobody,X,,dozers,x\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="unknown make"):
        model_kinds.load(path)
    path.write_text("make,prefix,tail,category,source\nKomatsu,X,,no-such,x\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="unknown category"):
        model_kinds.load(path)
    path.write_text("sign,phrase,language,source\nsmell,cheese,en,x\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="unknown sign"):
        category_food.load(path)

"""Categories and size classes: the tree holds, intervals are (lower, upper], wrong rows are refused by name."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taxonomy import categories, size_classes
from inventory.taxonomy.categories import CATEGORIES, children, descendants, lineage, vertical_of
from inventory.taxonomy.size_classes import SIZE_CLASSES, classes_of, size_class
from inventory.taxonomy.tables import TaxonomyError


def test_a_category_includes_its_children_and_knows_its_vertical() -> None:
    assert "mini-excavators" in children("excavators")
    assert descendants("cranes") == ("cranes", "rough-terrain-cranes", "all-terrain-cranes", "crawler-cranes")
    assert lineage("dry-dog-food") == ("dry-dog-food", "dog-food")
    assert vertical_of("dog-beds") == "dog"


@pytest.mark.parametrize(
    ("value", "lower", "upper"), [(21.0, 19, 21), (21.01, 21, 24), (2.0, 0, 2), (300.0, 150, 300), (700.0, 300, None)]
)
def test_a_value_on_an_edge_belongs_to_the_class_below(value: float, lower: float, upper: float | None) -> None:
    found = size_class("excavators", value)
    assert found is not None
    assert (found.lower, found.upper, found.unit) == (lower, upper, "t")


def test_a_child_without_classes_of_its_own_uses_its_parents() -> None:
    assert classes_of("mini-excavators") == classes_of("excavators")
    assert classes_of("attachments") == ()


def test_a_value_below_the_lowest_edge_has_no_class() -> None:
    assert size_class("dozers", 12) is None
    assert size_class("dog-beds", 12) is None


@given(st.sampled_from(sorted(SIZE_CLASSES)), st.floats(min_value=0.01, max_value=5000))
def test_every_value_above_the_lowest_edge_is_in_exactly_one_class(category: str, value: float) -> None:
    holding = [interval for interval in SIZE_CLASSES[category] if value in interval]
    assert holding == ([size_class(category, value)] if value > SIZE_CLASSES[category][0].lower else [])


def test_every_class_is_in_its_categorys_unit_and_carries_on_from_the_one_before() -> None:
    for slug, intervals in SIZE_CLASSES.items():
        assert {interval.unit for interval in intervals} == {CATEGORIES[slug].size_unit}
        assert [i.upper for i in intervals[:-1]] == [i.lower for i in intervals[1:]]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("b,a,B,dog,,,x", "parent 'a' of 'b' does not stand above it"),
        ("a,,A,dog,,,x\na,,A,dog,,,x", "category 'a' stands twice"),
        ("a,,A,cars,,,x", "vertical 'cars'"),
        ("a,,A,dog,,,", "no source"),
        ("a,,A", "3 cells, expected 7"),
    ],
)
def test_a_wrong_category_row_is_refused_with_its_line(tmp_path: Path, rows: str, reason: str) -> None:
    path = tmp_path / "categories.csv"
    path.write_text("slug,parent,name,vertical,size_basis,size_unit,source\n" + rows + "\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match=reason):
        categories.load(path)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("excavators,0,2,hp,x", "measured in t"),
        ("excavators,0,2,t,x\nexcavators,3,4,t,x", "starts at 3.0"),
        ("excavators,4,2,t,x", "not above"),
        ("boats,0,2,t,x", "unknown category"),
        ("excavators,nought,2,t,x", "could not convert"),
    ],
)
def test_a_wrong_class_row_is_refused_with_its_line(tmp_path: Path, rows: str, reason: str) -> None:
    path = tmp_path / "size_classes.csv"
    path.write_text("category,lower,upper,unit,source\n" + rows + "\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match=reason):
        size_classes.load(path)

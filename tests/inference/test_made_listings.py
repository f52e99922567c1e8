"""What is read of the made listings: a floor for each field, over all layouts and over those nobody looked at."""

from __future__ import annotations

import pytest

from bench.made_listings import FIELDS, f1_of, made_listings, seen_layouts

RARE = {"serial_number", "ingredients", "analysis", "condition", "rating", "rating_count"}
"""So few made listings have a value of these that a share says nothing; they have tests of their own."""
FLOORS = {
    "machines": {"category": 0.90, "make": 0.92, "model": 0.88, "operating_weight_kg": 0.90},
    "dog_products": {"breed_sizes": 0.84, "size_label": 0.90, "measures": 0.90},
}
USUAL = 0.9
CASES = [(file, name) for file, names in FIELDS.items() for name in names if name not in RARE]


@pytest.mark.parametrize(("file", "name"), CASES)
def test_a_field_of_the_made_listings_is_read_as_well_as_it_was_measured(file: str, name: str) -> None:
    f1, values = f1_of(name, made_listings(file))
    assert values > 20
    assert f1 >= FLOORS[file].get(name, USUAL)


@pytest.mark.parametrize(("file", "name"), CASES)
def test_it_is_read_nearly_as_well_in_layouts_that_nobody_looked_at(file: str, name: str) -> None:
    f1, _ = f1_of(name, [one for one in made_listings(file) if one.layout not in seen_layouts(file)])
    assert f1 >= FLOORS[file].get(name, USUAL) - 0.02


@pytest.mark.parametrize("file", list(FIELDS))
def test_half_of_the_layouts_are_kept_apart(file: str) -> None:
    layouts = {one.layout for one in made_listings(file)}
    assert len(layouts) // 2 <= len(seen_layouts(file)) <= len(layouts) // 2 + 1

"""The stock files: facts that hold, valid numbers, and the same content from the same seed."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from demo.stock.build import write_csv
from demo.stock.build_dog import dog_rows, gtin13, option
from demo.stock.build_machines import machine_rows
from demo.stock.load import HERE, Machine, dog_products, machines
from inventory.taxonomy.categories import CATEGORIES


def all_machines() -> list[Machine]:
    return [machine for own in machines(1).values() for machine in own]


def test_the_committed_files_are_what_the_script_writes(tmp_path: Path) -> None:
    write_csv(tmp_path / "machines.csv", machine_rows(HERE / "models.csv"))
    write_csv(tmp_path / "dog_products.csv", dog_rows(HERE / "dog_lines.csv"))
    for name in ("machines.csv", "dog_products.csv"):
        assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes()


def test_eight_hundred_machines_and_three_hundred_products() -> None:
    assert len(all_machines()) == 800
    assert 290 <= sum(len(products) for products in dog_products(1).values()) <= 320


def test_every_category_is_one_of_the_taxonomy() -> None:
    used = {machine.category for machine in all_machines()}
    used |= {product[0].category for products in dog_products(1).values() for product in products}
    assert used <= set(CATEGORIES)


def test_a_machine_at_two_dealers_is_the_same_machine_read_a_little_later() -> None:
    by_unit: dict[str, list[Machine]] = defaultdict(list)
    for machine in all_machines():
        by_unit[machine.unit].append(machine)
    pairs = [own for own in by_unit.values() if len(own) == 2]
    assert 35 <= len(pairs) <= 45
    assert max(len(own) for own in by_unit.values()) == 2
    for one, other in pairs:
        assert one.dealer != other.dealer
        assert (one.make, one.model, one.year) == (other.make, other.model, other.year)
        assert abs((one.hours or 0) - (other.hours or 0)) <= max(50, 0.03 * (one.hours or 0))
        if one.serial_number and other.serial_number:
            assert one.serial_number == other.serial_number
    assert any(not one.serial_number and not other.serial_number for one, other in pairs)
    assert any(bool(one.serial_number) != bool(other.serial_number) for one, other in pairs)


def test_no_two_machines_share_a_serial_number() -> None:
    units: dict[str, set[str]] = defaultdict(set)
    for machine in all_machines():
        if machine.serial_number:
            units[machine.serial_number].add(machine.unit)
    assert {serial: found for serial, found in units.items() if len(found) > 1} == {}


def test_gtins_have_a_valid_check_digit_and_the_demonstration_prefix() -> None:
    for products in dog_products(1).values():
        for variant in (variant for product in products for variant in product):
            digits = [int(digit) for digit in variant.unit]
            assert variant.unit.startswith("952")
            assert len(digits) == 13
            assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_a_gtin_of_gs1s_own_example_gets_its_check_digit() -> None:
    assert gtin13(123_456_789)[:12] == "952123456789"


def test_some_products_are_in_both_dog_shops() -> None:
    shops: dict[str, set[str]] = defaultdict(set)
    for shop, products in dog_products(1).items():
        for product in products:
            shops[product[0].unit].add(shop)
    assert 25 <= sum(len(found) == 2 for found in shops.values()) <= 60


@pytest.mark.parametrize(
    ("spec", "british", "text", "net_weight_g", "pack_count"),
    [
        ("lb:25", False, "25 lb", 11339.8, 1),
        ("lb:25", True, "11.3 kg", 11300.0, 1),
        ("kg:1.5", False, "1.5 kg (3.3 lb)", 1500.0, 1),
        ("can:12x12.5oz", False, "Case of 12 (12.5 oz cans)", 4252.4, 12),
        ("can:12x12.5oz", True, "12 x 354 g", 4248.0, 12),
        ("can:1x400g", True, "400 g", 400.0, 1),
        ("ct:28", False, "28 ct", None, 28),
    ],
)
def test_an_option_means_what_its_text_says(
    spec: str, british: bool, text: str, net_weight_g: float | None, pack_count: int
) -> None:
    made = option(spec, british)
    assert (made.text, made.net_weight_g, made.pack_count) == (text, net_weight_g, pack_count)


def test_a_seed_fixes_the_stock_and_another_seed_changes_its_order() -> None:
    assert machines(7) == machines(7)
    assert dog_products(7) == dog_products(7)
    assert machines(7) != machines(8)
    assert Counter(machines(7)["quarry"]) == Counter(machines(8)["quarry"])


@pytest.mark.parametrize("total", [40, 2000])
def test_the_stock_scales_to_the_number_asked_for(total: int) -> None:
    scaled = [machine for own in machines(1, total).values() for machine in own]
    assert len(scaled) == total
    offers = [(machine.dealer, machine.unit) for machine in scaled]
    assert len(set(offers)) == total
    products = [product for own in dog_products(1, total).values() for product in own]
    assert len(products) == total
    assert len({(product[0].shop, product[0].product) for product in products}) == total

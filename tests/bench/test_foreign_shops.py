"""What foreign shops are stocked with, and how a crawl is compared with it. The shops themselves take minutes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.foreign_shops.compare import pair
from bench.foreign_shops.goods import Good, by_product, goods, read_truth, url_key, write_truth

DOG = goods("dog")
MACHINES = goods("machines")
BASE = "http://127.0.0.1:9121"


def row(number: int, url: str, **fields: Any) -> dict[str, Any]:
    return {"id": number, "url": url, "sku": None, "title": None, **fields}


def at(good: Good, path: str) -> Good:
    return replace(good, url=BASE + path)


@pytest.mark.parametrize("stock", [DOG, MACHINES], ids=["dog", "machines"])
def test_a_shop_is_stocked_with_120_products_that_no_two_share_a_number_or_an_address(stock: list[Good]) -> None:
    assert len(by_product(stock)) == 120
    assert len({good.sku for good in stock}) == len(stock)
    assert len({url_key(f"{good.name} {good.sku}") for good in stock}) == len(stock)
    assert 0 < sum(not good.in_stock for good in stock) < len(stock) / 4


def test_some_dog_products_come_in_variants_and_the_rest_as_they_are() -> None:
    sizes = [len(offered) for offered in by_product(DOG)]
    assert max(sizes) > 1
    assert sizes.count(1) > 2 * len(sizes) / 3 - 1
    assert all(good.option for offered in by_product(DOG) if len(offered) > 1 for good in offered)


def test_the_truth_file_gives_back_what_was_stocked(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth.jsonl", DOG)
    assert read_truth(tmp_path / "truth.jsonl") == DOG


def test_a_listing_belongs_to_the_good_of_its_address_before_that_of_its_name() -> None:
    first, second = at(replace(DOG[0], name="Bed"), "/beds/a"), at(replace(DOG[1], name="Bed"), "/beds/b")
    pairs, missed, extra = pair([first, second], [row(1, f"{BASE}/beds/b/", title="Bed")])
    assert [(good.sku, listing["id"]) for good, listing in pairs] == [(second.sku, 1)]
    assert missed == [first]
    assert extra == []


def test_a_listing_under_another_address_is_known_by_its_number_and_one_of_no_good_is_extra() -> None:
    good = at(DOG[0], "/beds/a")
    elsewhere, unknown = row(1, f"{BASE}/other/a", sku=good.sku), row(2, f"{BASE}/about", title="About us")
    pairs, missed, extra = pair([good], [elsewhere, unknown])
    assert [listing["id"] for _, listing in pairs] == [1]
    assert missed == []
    assert extra == [unknown]

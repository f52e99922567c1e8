"""Prices, their terms and stock as shop templates write them."""

from __future__ import annotations

import pytest

from crawler.extraction.detail import Extracted, read_detail
from crawler.extraction.url_id import id_in_url
from pipelines.parsing.availability import parse_availability
from pipelines.parsing.money import parse_money
from tests.extraction.made_pages import page

BUY = "<button>Add to cart</button>"


def read(body: str, *, title: str = "Crate Cosy 36", head: str = "") -> Extracted:
    found = read_detail(page(f"<h1>Crate Cosy 36</h1>{body}", title=title, head=head))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "stock",
    [
        "<ul><li>Availability: Out Of Stock</li></ul>",
        "<p><b>Availability:</b> <span>Out of stock</span></p>",
        "<table><tr><th>Availability</th><td>Out of stock</td></tr></table>",
    ],
)
def test_a_labelled_stock_word_stands_beside_a_button_that_the_template_leaves(stock: str) -> None:
    availability = read(f"<p class='price'>$79.00</p>{stock}{BUY}").raw["availability"]
    assert parse_availability(availability) == "OutOfStock"


def test_sold_under_a_label_is_corrected_by_the_button() -> None:
    assert read(f"<p class='price'>$79.00</p><p>Availability: sold</p>{BUY}").raw["availability"] == "InStock"


def test_the_meta_type_product_alone_is_no_offer() -> None:
    head = "<meta property='og:type' content='product'>"
    for body in ("<h1>Log in</h1><p>E-mail</p>", "<h1>Contact us</h1><p>555-0100</p>"):
        assert read_detail(page(body, title="Shop", head=head, url="https://dealer.example/login")) is None


def test_the_meta_type_product_speaks_for_an_offer() -> None:
    head = "<meta property='og:type' content='product'>"
    assert read("<p>In stock</p>", head=head).raw["availability"] == "InStock"


def test_the_price_of_two_things_together_is_not_the_price() -> None:
    head = "<meta property='og:type' content='product'>"
    both = "<h3>Often bought with this item</h3><p>Price for both: <b class='price'>$17.98</b></p>"
    assert "price" not in read(f"<p>In stock</p>{BUY}<p>SKU: CR-36</p>{both}", head=head).raw


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://shop.example/beds/20448913", "20448913"),
        ("https://shop.example/beds/20043599", "20043599"),
        ("https://shop.example/news/20240131", None),
    ],
)
def test_a_number_that_is_no_day_is_an_id(address: str, number: str | None) -> None:
    assert id_in_url(address) == number


def amount(body: str, *, title: str = "Crate Cosy 36") -> str | None:
    return str(parse_money(read(body + BUY + "<p>SKU: CR-36</p>", title=title).raw.get("price")).amount)


@pytest.mark.parametrize(
    "shown",
    [
        "<div class='box'><span class='regular-price'><span class='price'>$79.00</span></span></div>",
        "<p class='price discount'>$79.00</p>",
        "<p class='old-price'><span class='price'>$99.00</span></p>"
        "<p class='discount'><span class='price'>$79.00</span></p>",
        "<div class='discounted'><p class='price price-old'>$99.00</p><p class='price'>$79.00</p></div>",
        "<span class='normalprice'>$99.00</span> <span class='productSpecialPrice'>$79.00</span>",
        "<p class='regular-price'>$99.00</p><p class='price'>$79.00</p>",
        "<p class='price-shipping'>$9.00 by parcel</p><p class='regular-price'>$79.00</p>",
    ],
)
def test_the_mark_of_another_price_counts_only_beside_one_without_it(shown: str) -> None:
    assert amount(shown) == "79.00"


def test_a_fee_is_not_made_the_price_by_standing_alone() -> None:
    head = "<meta property='og:type' content='product'>"
    assert "price" not in read(f"<p class='deposit'><span>$200.00</span></p>{BUY}<p>SKU: CR-36</p>", head=head).raw

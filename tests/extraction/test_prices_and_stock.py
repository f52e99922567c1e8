"""Prices, their terms and stock as shop templates write them."""

from __future__ import annotations

import pytest

from crawler.extraction.detail import Extracted, read_detail
from crawler.extraction.url_id import id_in_url
from pipelines.parsing.availability import parse_availability
from pipelines.parsing.money import parse_money
from tests.extraction.made_pages import json_ld, page, product

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


NOW = "<p class='price'>$79.00</p>"


@pytest.mark.parametrize(
    "shown",
    [
        f"<p><del>$99.00</del></p>{NOW}",
        f"<p style='text-decoration: line-through'>$99.00</p>{NOW}",
        f"<p class='old-price'><span>Regular Price:</span> <span>$99.00</span></p>{NOW}",
        f"<p>List Price: $99.00</p>{NOW}",
        f"<p>Retail Price: <b>$99.00</b></p>{NOW}",
        f"<p>RRP $99.00</p><p>You save: $20.00</p>{NOW}",
        f"{NOW}<p>Was $99.00</p>",
        f"{NOW}<p>Compare at $99.00</p>",
        "<p class='price with-list-price'>$79.00 <span class='list-price'>$99.00</span></p>",
        f"<p><s class='compare-at-price'>$99.00</s></p>{NOW}",
        f"<p class='crossed'><span>$</span><span>99</span><sup>00</sup></p>{NOW}",
        "<p class='price'>Was $99.00 Now $79.00</p>",
        f"<p>UVP</p><p>$99.00</p>{NOW}",
    ],
)
def test_the_regular_price_is_read_beside_the_price(shown: str) -> None:
    found = read(shown + BUY + "<p>SKU: CR-36</p>")
    assert parse_money(found.raw["price"]).amount == 79
    assert parse_money(found.raw["regular_price"]).amount == 99


@pytest.mark.parametrize(
    "shown",
    [
        f"<p class='old-price'>$69.00</p>{NOW}",
        f"{NOW}<p>You save $120.00</p>",
        f"{NOW}<p>Or 4 payments of $99.00</p>",
        f"{NOW}<p>$99.00 with the cover</p>",
        f"{NOW}<p>Regular price: $1999.00</p>",
    ],
)
def test_another_amount_beside_the_price_is_no_regular_price(shown: str) -> None:
    assert "regular_price" not in read(shown + BUY + "<p>SKU: CR-36</p>").raw


def test_the_regular_price_is_read_where_the_price_came_from_data() -> None:
    head = json_ld(product(name="Crate Cosy 36", offers={"price": "79.00", "priceCurrency": "USD"}))
    assert read(f"<p class='old-price'>$99.00</p><p>$79.00</p>{BUY}", head=head).raw["regular_price"] == "99.00"


def test_the_lowest_of_many_is_not_the_price_of_one() -> None:
    tiers = (
        "<table><tr><td>1 - 14</td><td>15 - 49</td></tr><tr><td class='price'>$79.00</td><td>$59.00</td></tr></table>"
    )
    assert amount(f"<p><b>As Low As</b> <span class='price'>$0.24</span> each</p>{tiers}") == "79.00"


def test_the_words_of_another_price_stand_in_front_in_an_element_of_their_own() -> None:
    assert amount(f"<p>Deposit:</p><p class='price'>$20.00</p>{NOW}") == "79.00"
    assert amount("<p>Retail price:</p><p>$79.00</p>") == "79.00"


@pytest.mark.parametrize(
    "shown",
    [
        "<p class='price'>79.<sup>99</sup></p>",
        "<p class='price'>79<sup>99</sup></p>",
        "<p>$79<sup>99</sup></p>",
        "<p>US$ 79.<span>99</span></p>",
        "<p class='price'>79,<sup>99</sup> €</p>",
    ],
)
def test_raised_cents_belong_to_the_amount(shown: str) -> None:
    assert amount(shown) == "79.99"


def test_a_bare_number_is_no_price_without_raised_cents() -> None:
    head = "<meta property='og:type' content='product'>"
    assert "price" not in read(f"<p class='price-rank'>79</p>{BUY}<p>SKU: CR-36</p>", head=head).raw


def test_a_page_without_a_heading_has_its_only_price() -> None:
    body = f"<p><b>Crate Cosy 36</b></p><p>$79.00</p>{BUY}<p>SKU: CR-36</p>"
    found = read_detail(page(body, title="Catalogue"))
    assert found is not None
    assert found.raw["price"] == "$79.00"
    assert read_detail(page(body.replace("$79.00", "$79.00</p><p>$99.00"), title="Catalogue")) is None


def test_a_price_set_as_a_heading_needs_no_class_name() -> None:
    """As OpenCart's templates have it."""
    facts = (
        "<ul><li>Brand: <a href='/acme'>Acme</a></li><li>Product Code: product 20</li><li>Reward Points: 400</li></ul>"
    )
    old = "<li><span style='text-decoration: line-through;'>$99.00</span></li>"
    raw = read(f"{facts}<ul>{old}<li><h2>$79.00</h2></li><li>Ex Tax: $60.00</li></ul>{BUY}").raw
    assert (raw["price"], raw["regular_price"], raw["brand"]) == ("$79.00", "99.00", "Acme")


@pytest.mark.parametrize(
    ("facts", "field", "value"),
    [
        ("<p>Brand: <a href='/b'>Minn Kota</a> <span>USA</span></p>", "brand", "Minn Kota"),
        ("<p><b>Item #</b> <span>14013</span> <span>14013</span></p>", "sku", "14013"),
    ],
)
def test_the_value_behind_a_label_is_not_all_that_follows(facts: str, field: str, value: str) -> None:
    assert read(f"{facts}{NOW}{BUY}").raw[field] == value


@pytest.mark.parametrize("nothing", ["Other", "Egyéb", "Sonstige", "Autre", "その他"])
def test_a_brand_that_is_not_named_is_none(nothing: str) -> None:
    head = json_ld(product(name="Crate Cosy 36", brand={"name": nothing}, offers={"price": "79.00"}))
    assert "brand" not in read("", head=head).raw


def test_an_article_that_names_a_product_aside_is_no_offer() -> None:
    body = """<h1>Ten trails to walk this autumn</h1><p>Long ways through the woods.</p>
      <aside itemscope itemtype="https://schema.org/Product"><span itemprop="name">Crate Cosy 36</span>
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="price" content="79">
      </div></aside>"""
    assert read_detail(page(body, title="Ten trails to walk this autumn")) is None


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ("<p>SKU: <span>woo-beanie</span></p>", "woo-beanie"),
        ("<p>Stock Code: AB-77</p>", "AB-77"),
        ("<p>Stock: in-stock</p>", None),
    ],
)
def test_codes_without_digits_need_a_label_that_means_nothing_else(facts: str, code: str | None) -> None:
    assert read(f"{NOW}{facts}{BUY}").raw.get("sku") == code

"""What stands behind a label and is no value, how many there are in stock, and the tax of a price in rows."""

import pytest

from crawler.extraction.detail import read_detail
from crawler.extraction.no_value import is_no_value
from crawler.extraction.stock_count import count_in
from tests.extraction.made_pages import page

ROWS = """<tr><th>Price (excl. tax)</th><td>{net}</td></tr><tr><th>Price (incl. tax)</th><td>{gross}</td></tr>
<tr><th>Brand</th><td>Northpaw</td></tr>"""


def read(body, vertical="dog"):
    html = f"<h1>Northpaw Salmon Kibble, 4 kg</h1>{body}<form><button>Add to cart</button></form>"
    found = read_detail(page(html), vertical=vertical)
    assert found is not None
    return found.raw


@pytest.mark.parametrize(
    "value", ["Write a review", "Write a review Add to cart Add to wish list", "*", "—", ":", "View all",
              "In den Warenkorb", "Please select", "Login", "Print"],
)  # fmt: skip
def test_what_a_reader_is_asked_to_do_and_bare_signs_are_no_value(value):
    assert is_no_value(value)


@pytest.mark.parametrize(
    "value", ["Salmon", "0", "✓", "+", "-", "Print, floral", "Viewing window", "Sharepoint", "Download cable", "A+"]
)
def test_other_values_are(value):
    assert not is_no_value(value)


def test_a_label_before_a_button_has_no_value():
    found = read(
        "<p class='price'>$27.99</p><p>In stock (25 available)</p><p><a href='/r'>Write a review</a></p>"
        "<table><tr><th>Quantity</th><td>*</td></tr><tr><th>Reviews</th><td>Write a review</td></tr>"
        "<tr><th>Food form</th><td>dry</td></tr></table><p>Brand</p><p><button>Show</button></p>"
    )
    assert found["specs"] == [["Food form", "dry"]]
    assert found["quantity"] == "25"


def test_a_price_to_be_asked_for_is_said_in_words_all_the_same():
    facts = "<tr><th>Year</th><td>2016</td></tr><tr><th>Hours</th><td>4,210</td></tr>"
    found = read(f"<table>{facts}<tr><th>Price</th><td>Request a quote</td></tr></table>", "equipment")
    assert found["price_status"] == "on_request"


@pytest.mark.parametrize(
    ("price", "net", "gross", "tax"),
    [
        ("$27.99", "$27.99", "$33.59", "net"),
        ("$33.59", "$27.99", "$33.59", "gross"),
        ("$27.99", "$27.99", "$27.99", "gross"),
        ("$19.99", "$27.99", "$33.59", None),
    ],
)
def test_the_row_with_the_price_says_whether_tax_is_in_it(price, net, gross, tax):
    rows = ROWS.format(net=net, gross=gross)
    between = "<p>Salmon and sweet potato.</p><p>Baked slowly.</p><p>For dogs of all ages.</p>"
    assert read(f"<p class='price'>{price}</p>{between}<table>{rows}</table>").get("price_tax") == tax


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("In stock (25 available)", "25"), ("25 available", "25"), ("Only 3 left", "3"), ("Noch 3 Stück", "3"),
        ("Nur noch 2 auf Lager!", "2"), ("Auf Lager: 14", "14"), ("12 en stock", "12"),
        ("In stock, 7 units available", "7"),
        ("CAT 320 available", None), ("2019 available", None), ("10+ available", None), ("1.5 available", None),
        ("In stock", None), ("25 available colours", None), ("Sold 25 times", None), ("-3 available", None), ("", None),
    ],
)  # fmt: skip
def test_a_count_is_read_where_the_text_says_nothing_else(text, count):
    assert count_in(text) == count

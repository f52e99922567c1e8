"""A page about one thing gives its fields; any other page gives nothing."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.extraction.detail import Extracted, read_detail
from crawler.extraction.page import Page
from pipelines.parsing.money import parse_money
from tests.extraction.made_pages import cards, json_ld, page, product


def read(made: Page, **options: Any) -> Extracted:
    found = read_detail(made, **options)
    assert found is not None
    return found


def test_json_ld_is_read_with_its_provenance() -> None:
    head = json_ld(
        product(
            name="2015 Caterpillar 320E",
            sku="RE-20448",
            brand={"@type": "Brand", "name": "Caterpillar"},
            model="320E",
            offers={
                "@type": "Offer",
                "price": "84500.00",
                "priceCurrency": "USD",
                "availability": "https://schema.org/InStock",
                "itemCondition": "https://schema.org/UsedCondition",
            },
            aggregateRating={"ratingValue": 4.5, "bestRating": 5, "ratingCount": 12},
            image=["/i/1.jpg", "https://cdn.example/2.jpg"],
            additionalProperty=[
                {"@type": "PropertyValue", "name": "Operating weight", "value": 24500, "unitText": "kg"}
            ],
        ),
        {
            "@type": "BreadcrumbList",
            "itemListElement": [{"position": 1, "name": "Used"}, {"position": 2, "name": "Excavators"}],
        },
    )
    found = read(
        page("<h1>2015 Caterpillar 320E</h1><p>$84,500</p>", title="2015 Caterpillar 320E | Dealer", head=head)
    )
    raw = found.raw
    assert (raw["price"], raw["currency"], raw["sku"], raw["brand"]) == ("84500.00", "USD", "RE-20448", "Caterpillar")
    assert (raw["rating"], raw["rating_count"]) == ("4.5/5", 12)
    assert raw["breadcrumbs"] == ["Used", "Excavators"]
    assert raw["images"] == ["https://dealer.example/i/1.jpg", "https://cdn.example/2.jpg"]
    assert ["Operating weight", "24500 kg"] in raw["specs"]
    assert found.provenance["price"] == "json-ld offers.price"


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"Product","name":"Dog bed","offers":{"price":"39.90","priceCurrency":"EUR",},}',
        '{"@type":"Product","name":"Dog bed","mpn":"2\nlines","offers":{"price":"39.90","priceCurrency":"EUR"}};',
        '<!-- {"@type":"Product","name":"Dog bed","offers":{"price":"39.90","priceCurrency":"EUR"}} -->',
        '// a comment\n{"@type":"Product","name":"Dog bed","offers":{"price":"39.90","priceCurrency":"EUR"}}',
        '{"@type":"Product","name":"Dog bed","url":"a\\_b","offers":{"price":"39.90","priceCurrency":"EUR"}}',
        '{"@graph":[{"@type":["Thing","http://schema.org/Product"],"name":"Dog bed",'
        '"offers":[{"price":"39.90","priceCurrency":"EUR"}]}]}',
    ],
)
def test_broken_json_ld_is_read_all_the_same(script: str) -> None:
    head = f"<script type='application/ld+json'>{script}</script>"
    raw = read(page("<h1>Dog bed</h1>", title="Dog bed", head=head)).raw
    assert (raw["price"], raw["currency"]) == ("39.90", "EUR")


def test_of_many_products_the_pages_own_is_read() -> None:
    others = [product(name=f"Cat toy {n}", offers={"price": n, "priceCurrency": "EUR"}) for n in range(1, 9)]
    own = product(name="Dog bed Cosy 80 cm", offers={"price": 39.9, "priceCurrency": "EUR"})
    made = page("<h1>Dog bed Cosy 80 cm</h1>", title="Dog bed Cosy 80 cm - Shop", head=json_ld(*others, own))
    assert read(made).raw["price"] == 39.9


def test_variants_of_one_product_are_told_apart() -> None:
    variants = [
        product(name="Cosy bed", sku=f"B-{size}", offers={"price": price, "priceCurrency": "EUR"})
        for size, price in (("S", 29.9), ("M", 39.9), ("L", 49.9))
    ]
    group = {"@type": "ProductGroup", "name": "Cosy bed", "hasVariant": variants}
    found = read(page("<h1>Cosy bed</h1>", title="Cosy bed", head=json_ld(group)))
    assert [(v["sku"], v["price"]) for v in found.variants] == [("B-S", 29.9), ("B-M", 39.9), ("B-L", 49.9)]


def test_microdata_of_the_page_and_not_of_related_things() -> None:
    body = """<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Harness Trail M</h1>
      <div itemprop="brand" itemscope itemtype="https://schema.org/Brand"><span itemprop="name">Doggo</span></div>
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
      <span itemprop="price" content="24.50">24,50</span>
      <meta itemprop="priceCurrency" content="EUR">
      <link itemprop="availability" href="https://schema.org/OutOfStock"></div></div>
      <div itemscope itemtype="https://schema.org/Product"><span itemprop="name">Leash</span>
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
      <span itemprop="price">9,99</span></div></div>"""
    raw = read(page(body, title="Harness Trail M | Shop")).raw
    assert (raw["price"], raw["currency"], raw["brand"]) == ("24.50", "EUR", "Doggo")
    assert raw["availability"] == "https://schema.org/OutOfStock"


def test_meta_elements_are_read_where_nothing_better_is_there() -> None:
    head = (
        "<meta property='og:type' content='product'><meta property='product:price:amount' content='19.95'>"
        "<meta property='product:price:currency' content='GBP'><meta property='product:brand' content='Doggo'>"
    )
    raw = read(page("<h1>Bowl</h1>", title="Bowl", head=head)).raw
    assert (raw["price"], raw["currency"], raw["brand"], raw["title"]) == ("19.95", "GBP", "Doggo", "Bowl")


def test_embedded_json_is_searched_for_the_pages_product() -> None:
    data = (
        '{"props":{"pageProps":{"related":[{"name":"Leash","price":9.9,"sku":"L1"}],"item":{"name":"Harness Trail",'
        '"price":24.5,"sku":"H-77","brand":{"name":"Doggo"},"inStock":true}}}}'
    )
    body = f"<h1>Harness Trail</h1><script id='__NEXT_DATA__' type='application/json'>{data}</script>"
    found = read(page(body, title="Harness Trail"))
    assert (found.raw["price"], found.raw["sku"], found.raw["brand"]) == (24.5, "H-77", "Doggo")
    assert found.provenance["price"] == "__NEXT_DATA__ props.pageProps.item.price"


GERMAN_TABLE = """<h1>Kettenbagger Komatsu PC210LC-11</h1><p class="preis"><b>89.500 €</b></p><p>zzgl. 19 % MwSt.</p>
  <table><tr><th>Hersteller</th><td>Komatsu</td></tr><tr><th>Typ</th><td>PC210LC-11</td></tr>
  <tr><th>Baujahr</th><td>2018</td></tr><tr><th>Betriebsstunden</th><td>6.480 Bh</td></tr>
  <tr><th>Seriennummer</th><td>K78123</td></tr><tr><th>Standort</th><td>49808 Lingen, Deutschland</td></tr></table>"""
SPANISH_LIST = """<h1>Excavadora Komatsu PC210LC-11</h1><p>Precio a consultar</p><dl><dt>Marca</dt><dd>Komatsu</dd>
  <dt>Modelo</dt><dd>PC210LC-11</dd><dt>Año</dt><dd>2018</dd><dt>Horas</dt><dd>6.480 h</dd>
  <dt>Número de serie</dt><dd>K78123</dd><dt>Ubicación</dt><dd>Zaragoza, España</dd></dl>"""
FRENCH_LABELS = """<h1>Pelle Komatsu PC210LC-11</h1><div class="price">89 500 € HT</div>
  <ul><li><span>Marque :</span> <b>Komatsu</b></li><li><span>Modèle :</span> <b>PC210LC-11</b></li>
  <li><span>Année :</span> <b>2018</b></li><li><span>Heures :</span> <b>6 480</b></li>
  <li><span>N° de série :</span> <b>K78123</b></li><li><span>Lieu :</span> <b>Lyon, France</b></li></ul>"""
ENGLISH_TEXT = """<h1>Komatsu PC210LC-11</h1><p><span class="price">$89,500</span></p>
  <p>Make: Komatsu. Model: PC210LC-11.
  Year: 2018. Only 6,480 hours on the meter. Serial number: K78123. Location: Houston, TX.</p>"""
POLISH_ROWS = """<h1>Koparka Komatsu PC210LC-11</h1><div class="cena">389 500 zł netto</div>
  <div class="row"><div>Marka</div><div>Komatsu</div></div><div class="row"><div>Model</div><div>PC210LC-11</div></div>
  <div class="row"><div>Rok produkcji</div><div>2018</div></div>
  <div class="row"><div>Motogodziny</div><div>6480 mth</div></div>
  <div class="row"><div>Numer seryjny</div><div>K78123</div></div>
  <div class="row"><div>Lokalizacja</div><div>Łódź</div></div>"""


@pytest.mark.parametrize(
    ("body", "location"),
    [
        (GERMAN_TABLE, "49808 Lingen, Deutschland"),
        (SPANISH_LIST, "Zaragoza, España"),
        (FRENCH_LABELS, "Lyon, France"),
        (ENGLISH_TEXT, None),
        (POLISH_ROWS, "Łódź"),
    ],
    ids=["table", "list", "labels", "text", "rows"],
)
def test_a_machine_is_read_in_any_layout_and_language(body: str, location: str | None) -> None:
    raw = read(page(body, title="Komatsu PC210LC-11"), vertical="equipment").raw
    assert (raw["make"], raw["model"], raw["year"], raw["serial_number"]) == ("Komatsu", "PC210LC-11", "2018", "K78123")
    assert "".join(filter(str.isdigit, raw["hours"])) == "6480"
    assert location is None or raw["location"] == location


def test_terms_beside_the_price_are_read() -> None:
    raw = read(page(GERMAN_TABLE, title="Kettenbagger"), vertical="equipment").raw
    assert (raw["price"], raw["currency"], raw["price_tax"]) == ("89.500 €", "EUR", "net")
    assert "price" not in read(page(SPANISH_LIST), vertical="equipment").raw
    assert read(page(SPANISH_LIST), vertical="equipment").raw["price_status"] == "on_request"


@pytest.mark.parametrize(
    ("shown", "amount"),
    [
        ("<span class='price'><del>$99.00</del> <b>$79.00</b></span>", "79.00"),
        ("<div class='old-price'>$99.00</div><div class='price'>$79.00</div>", "79.00"),
        ("<p>Shipping $12.00</p><p class='price'>$79.00</p>", "79.00"),
        ("<p class='price'>$79.00</p><p>or 4 payments of $19.75 per month</p>", "79.00"),
        ("<p class='price'><sup>$</sup><span>79</span><span>.</span><sup>00</sup></p>", "79.00"),
        ("<p>Refundable deposit: $200</p><p class='price'>$79.00</p>", "79.00"),
    ],
)
def test_the_main_price_is_found_among_others(shown: str, amount: str) -> None:
    made = page(f"<h1>Crate 36 in</h1>{shown}<button>Add to cart</button><p>SKU: CR-36</p>", title="Crate 36 in")
    assert str(parse_money(read(made).raw["price"]).amount) == amount


def test_a_rate_makes_a_rent_and_a_bid_an_auction() -> None:
    facts = "<dl><dt>Year</dt><dd>2019</dd><dt>Hours</dt><dd>1,200</dd><dt>Model</dt><dd>E35</dd></dl>"
    rent = read(page(f"<h1>Bobcat E35</h1><p class='price'>$450/day</p>{facts}"), vertical="equipment").raw
    assert (rent["offer_type"], rent["price_period"]) == ("rent", "day")
    bid = read(
        page(f"<h1>Bobcat E35</h1><p>Current bid:</p><p class='price'>$4,500</p>{facts}"), vertical="equipment"
    ).raw
    assert bid["offer_type"] == "auction"


def test_the_visible_number_beats_an_internal_one() -> None:
    head = json_ld(product(name="Dog bed", sku="238368885", offers={"price": "39.90", "priceCurrency": "EUR"}))
    raw = read(page("<h1>Dog bed</h1><p>Product code: DB-4471</p>", title="Dog bed", head=head)).raw
    assert raw["sku"] == "DB-4471"


def test_the_dealers_own_selectors_win() -> None:
    head = json_ld(product(name="Dog bed", offers={"price": "39.90", "priceCurrency": "EUR"}))
    made = page("<h1>Dog bed</h1><p id='cash'>€ 35.00</p>", title="Dog bed", head=head)
    found = read(made, selectors={"price": "#cash::text", "title": "h1"})
    assert (found.raw["price"], found.provenance["price"]) == ("€ 35.00", "selector #cash::text")


def test_a_button_to_buy_corrects_stale_data() -> None:
    offer = {"price": "39.90", "priceCurrency": "EUR", "availability": "OutOfStock"}
    head = json_ld(product(name="Dog bed", offers=offer))
    assert (
        read(page("<h1>Dog bed</h1><button>Add to basket</button>", title="Dog bed", head=head)).raw["availability"]
        == "InStock"
    )
    assert read(page("<h1>Dog bed</h1>", title="Dog bed", head=head)).raw["availability"] == "OutOfStock"


LISTED = json_ld(
    {
        "@type": "ItemList",
        "itemListElement": [{"item": product(name=f"Cat {n}", offers={"price": n})} for n in range(9)],
    }
)
ARTICLE = json_ld({"@type": "BlogPosting", "headline": "How to choose an excavator"})


@pytest.mark.parametrize(
    ("body", "title", "head", "url"),
    [
        (f"<h1>Welcome</h1>{cards(4)}", "Dealer", "", "https://dealer.example/"),
        (
            f"<h1>Used excavators</h1><p>24 results</p>{cards(24)}",
            "Used excavators",
            "",
            "https://dealer.example/excavators",
        ),
        (f"<h1>Used excavators</h1>{cards(2)}", "Used excavators", "", "https://dealer.example/excavators"),
        (f"<h1>Used excavators</h1>{cards(9, price=False)}", "Excavators", "", "https://dealer.example/excavators"),
        (f"<h1>Used excavators</h1>{cards(9)}", "Used excavators", LISTED, "https://dealer.example/excavators"),
        ("<h1>Page not found</h1><p>Try our $99 deals</p>", "404", "", "https://dealer.example/item/7"),
        (
            "<h1>How to choose an excavator</h1><p>From $20,000 you get a lot. Year: 2015.</p>",
            "Blog",
            ARTICLE,
            "https://dealer.example/blog/choose",
        ),
        ("<h1>About us</h1><p>Since 1984. Open 8 hours a day.</p>", "About us", "", "https://dealer.example/about"),
        (
            "<h1>Shipping</h1><p>Orders over $50 ship free, else $7.90.</p>",
            "Shipping",
            "",
            "https://dealer.example/shipping",
        ),
        ("", "", "", "https://dealer.example/x"),
    ],
    ids=["home", "category", "short category", "on request", "list data", "404", "blog", "about", "shipping", "empty"],
)
def test_what_is_no_offer_gives_no_listing(body: str, title: str, head: str, url: str) -> None:
    assert read_detail(page(body, title=title, head=head, url=url)) is None

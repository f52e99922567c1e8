"""Google Merchant feeds in the forms of the specification's own examples, and as shops really write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Response

from crawler.platforms import platform_of
from crawler.platforms.base import BrokenRecord, UnreadablePage
from crawler.platforms.google_merchant import google_record, sale_is_on
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from pipelines.cleaning.clean import clean
from tests.crawler.dealer_files import dealer

NOW = datetime(2026, 2, 26, 12, tzinfo=UTC)
URL = "https://acme.example/feed"

RSS = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<title>Example - Google Store</title><link>https://store.example</link>
<description>This is an example of a basic RSS 2.0 document</description>
<item>
 <title>Dog Bowl</title><link>https://store.example/bowls/db-1?a=1&amp;b=2</link>
 <description><![CDATA[<p>Solid plastic, for <b>big</b> dogs</p>]]></description>
 <g:id>DB_1</g:id><g:title>Dog Bowl In Blue</g:title>
 <g:image_link>https://images.example/DB_1.png</g:image_link>
 <g:additional_image_link>https://images.example/DB_2.png</g:additional_image_link>
 <g:additional_image_link>https://images.example/DB_3.png</g:additional_image_link>
 <g:brand>Example</g:brand><g:condition>new</g:condition><g:availability>in stock</g:availability>
 <g:price>9.99 GBP</g:price><g:gtin>4006381333931</g:gtin><g:mpn>B-1</g:mpn><g:item_group_id>DB</g:item_group_id>
 <g:shipping><g:country>UK</g:country><g:service>Standard</g:service><g:price>4.95 GBP</g:price></g:shipping>
 <g:google_product_category>Animals &gt; Pet Supplies</g:google_product_category>
 <g:product_type>Dogs &gt; Bowls &gt; Plastic</g:product_type><g:product_type>Sale</g:product_type>
 <g:shipping_weight>450 g</g:shipping_weight><g:size>M</g:size><g:color>Blue</g:color>
</item>
</channel></rss>"""

BOWL = {
    "external_id": "DB_1", "url": "https://store.example/bowls/db-1?a=1&b=2", "title": "Dog Bowl In Blue",
    "description": "<p>Solid plastic, for <b>big</b> dogs</p>", "brand": "Example", "condition": "new",
    "availability": "in stock", "price": "9.99", "currency": "GBP", "gtin": "4006381333931", "mpn": "B-1",
    "product_group": "DB", "breadcrumbs": ["Dogs", "Bowls", "Plastic"], "size": "M",
    "google_product_category": "Animals > Pet Supplies", "shipping_weight": "450 g",
    "specs": [["Size", "M"], ["Color", "Blue"]],
    "images": [f"https://images.example/DB_{number}.png" for number in (1, 2, 3)],
}  # fmt: skip

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Store</title><link href="https://store.example" rel="alternate"/><id>tag:store.example</id>
<entry><title>Red wool sweater</title><id>tag:1a</id><g:id>1a</g:id><link href="https://store.example/1a"/>
<summary>Comfortable and soft</summary><g:price>25 USD</g:price></entry></feed>"""


def read(body, **said):
    platform = platform_of(
        dealer(vertical="dog", platform="feed", items={"format": "google_merchant"}, sections={"all": "/feed"}, **said)
    )
    body = body if isinstance(body, bytes) else body.encode()
    return list(platform.read_section(Response(URL, body=body), Visit(URL, "section", "all")))


@pytest.mark.parametrize(
    "body",
    [
        RSS,
        RSS.replace("g:", "merchant:").replace(":g=", ":merchant="),
        RSS.replace(' xmlns:g="http://base.google.com/ns/1.0"', ""),
        RSS.replace("http://base.google.com/ns/1.0", "https://base.google.com/ns/1.0/"),
        RSS.replace("<item>", "<item xmlns:h='urn:h'>"),
        RSS.replace('<?xml version="1.0"?>', '\ufeff<?xml version="1.0" encoding="utf-8"?><?xml-stylesheet href="a"?>'),
    ],
    ids=["as specified", "another prefix", "namespace missing", "another namespace", "attributes", "mark and prolog"],
)
def test_an_rss_feed_needs_no_map(body):
    [listing] = read(body)
    assert listing.raw == BOWL
    assert listing.url == BOWL["url"]
    assert set(listing.provenance) == set(BOWL)
    assert listing.provenance["external_id"] == "google id"


def test_what_is_read_is_understood_by_the_pipeline():
    [listing] = read(RSS)
    clean(listing, currency=None, country=None, today=date(2026, 2, 26))
    assert (str(listing.price), listing.currency, listing.availability) == ("9.99", "GBP", "InStock")
    assert listing.description == "Solid plastic, for big dogs"
    assert listing.attributes["shipping_weight"] == "450 g"


def test_an_atom_feed_is_read_by_its_own_names():
    [listing] = read(ATOM)
    assert listing.raw == {
        "external_id": "1a", "title": "Red wool sweater", "url": "https://store.example/1a", "price": "25",
        "currency": "USD", "description": "Comfortable and soft",
    }  # fmt: skip


TSV = (
    "id\ttitle\timage link\tadditional_image_link\tprice\tAvailability\tg:brand\tunit pricing measure\n"
    "A2B4\tKibble\thttps://i.example/1.jpg\thttps://i.example/2.jpg,https://i.example/3,4.jpg\t15.00 USD\tout_of_stock"
    "\tAcme\t1.5 kg\n"
)


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_delimited_text_is_recognised_by_its_content(delimiter):
    [listing] = read(TSV.replace("\t", delimiter))
    assert listing.raw == {
        "external_id": "A2B4", "title": "Kibble", "price": "15.00", "currency": "USD", "availability": "out_of_stock",
        "brand": "Acme", "net_weight": "1.5 kg", "size": "1.5 kg",
        "images": ["https://i.example/1.jpg", "https://i.example/2.jpg", "https://i.example/3,4.jpg"],
    }  # fmt: skip


def test_a_map_in_the_dealers_file_wins():
    [listing] = read(RSS, map={"mpn": "custom_label_0", "brand": "mpn"})
    assert (listing.raw["brand"], listing.provenance["brand"]) == ("B-1", "column mpn")
    assert listing.raw["mpn"] == "B-1"


SALE = {"price": "15.00 USD", "sale_price": "12.00 USD"}


@pytest.mark.parametrize(
    ("window", "on"),
    [
        (None, True), ("", True),
        ("2026-02-24T11:07+0100/2026-02-29T23:07+0100", False),  # no such day: it cannot be read
        ("2026-02-24T11:07+0100/2026-02-28T23:07+0100", True), ("2026-02-24T11:07Z/2026-02-26T11:59Z", False),
        ("2026-02-26T13:00+0200/2026-03-01", True), ("2026-02-27/2026-03-01", False), ("2026-02-24", False),
        ("soon/later", False), ("/", False),
    ],
)  # fmt: skip
def test_a_sale_price_counts_only_while_it_is_in_force(window, on):
    assert sale_is_on(window, NOW) == on
    raw, provenance = google_record(SALE | {"sale_price_effective_date": window}, NOW)
    wanted = {"price": "12.00", "regular_price": "15.00"} if on else {"price": "15.00"}
    assert raw == wanted | {"currency": "USD"}
    assert provenance["price"] == ("google sale_price" if on else "google price")


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [("15.00 USD", "15.00", "USD"), ("USD 15", "15", "USD"), ("1,299.00 EUR", "1,299.00", "EUR"), ("15", "15", None),
     ("£15.00", "£15.00", None), ("call us", "call us", None), ("15.00 usd", "15.00 usd", None)],
)  # fmt: skip
def test_a_price_is_an_amount_and_its_currency(said, amount, currency):
    raw, _ = google_record({"g:price": said}, NOW)
    assert (raw["price"], raw.get("currency")) == (amount, currency)


@pytest.mark.parametrize(
    ("measure", "name"), [("750ml", "unit_pricing_measure"), ("1.5kg", "net_weight"), ("12 OZ", "net_weight")]
)
def test_only_a_mass_is_the_net_weight(measure, name):
    raw, _ = google_record({"unit_pricing_measure": measure}, NOW)
    assert raw[name] == measure
    assert ("net_weight" in raw) == (name == "net_weight")


def test_a_category_that_is_but_a_number_is_no_breadcrumb():
    raw, _ = google_record({"google_product_category": "3530"}, NOW)
    assert raw == {"google_product_category": "3530"}


def test_a_feed_is_another_one_each_day_since_sales_begin_without_a_change_in_it():
    said = {"vertical": "dog", "platform": "feed", "sections": {"all": "/feed"}}
    [visit] = platform_of(dealer(items={"format": "google_merchant"}, **said)).entrances(["all"])
    assert date.fromisoformat(visit.known["day"])
    [visit] = platform_of(dealer(items={"format": "csv"}, map={"title": "t"}, **said)).entrances(["all"])
    assert visit.known == {}


OK = "<item><g:id>{}</g:id><title>Bed</title></item>"
HEAD = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
BROKEN = {
    "wrong end tag": "<item><g:id>2</g:id><title>Bed</titel></item>",
    "open tag": "<item><g:id>2</g:id><title>Bed</item>",
    "not closed": "<item><g:id>2</g:id><title>Bed</title>",
    "bare less-than": "<item><g:id>2</g:id><title>Bed < 2 m</title></item>",
    "attribute twice": '<item a="1" a="2"><g:id>2</g:id></item>',
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_record_costs_only_itself(broken):
    found = read(HEAD + OK.format(1) + BROKEN[broken] + OK.format(3) + "</channel></rss>")
    assert [entry.raw["external_id"] for entry in found if isinstance(entry, Listing)] == ["1", "3"]
    assert [type(entry) for entry in found].count(BrokenRecord) == 1


@pytest.mark.parametrize(
    ("said", "title"),
    [("Bed & bowl", "Bed & bowl"), ("Bed&nbsp;f&uuml;r &amp; mit", "Bed\xa0für & mit"), ("a\x0bb", "ab"),
     ("R&D;", "R&D;"), ("<![CDATA[a & b </item> < c]]>", "a & b </item> < c"), ("a<!-- <item> -->b", "ab"),
     ("&#228;&#xE4;", "ää")],
)  # fmt: skip
def test_the_breakage_that_all_shops_write_is_mended(said, title):
    [listing] = read(f"{HEAD}<item><title>{said}</title></item></channel></rss>")
    assert listing.raw["title"] == title


def test_an_address_with_bare_ampersands_stays_whole():
    [listing] = read(
        f"{HEAD}<item><title>a</title><link>https://a.example/?a=1&b=2&copy=3</link></item></channel></rss>"
    )
    assert listing.url == "https://a.example/?a=1&b=2&copy=3"


@pytest.mark.parametrize(
    ("body", "reason"),
    [("<!DOCTYPE html><html></html>", "a page of HTML"), ("<rss>" + OK.format(1), "ends in its middle"),
     ('<!DOCTYPE a [<!ENTITY b "c">]><rss><item/></rss>', "declares entities"), ("<", "has no element")],
)  # fmt: skip
def test_what_is_no_feed_is_unreadable(body, reason):
    with pytest.raises(UnreadablePage, match=reason):
        read(body)


@settings(deadline=None)
@given(
    size=st.integers(1, 150), cut=st.integers(0, 100_000), filler=st.sampled_from(["", "x" * 900, "<![CDATA[ < ]]>"])
)
def test_wherever_a_feed_is_cut_every_whole_record_before_is_given(size, cut, filler):
    record = f"<item><g:id>1</g:id><title>{filler}</title></item>"
    whole = f"{HEAD}{record * size}</channel></rss>"
    body = whole[: cut % len(whole)]
    found, complete = [], True
    platform = platform_of(dealer(platform="feed", items={"format": "google_merchant"}))
    try:
        found.extend(platform.read_section(Response(URL, body=body.encode()), Visit(URL, "section", "all")))
    except UnreadablePage:
        complete = False
    assert not [entry for entry in found if isinstance(entry, BrokenRecord)]
    assert len(found) == body.count("</item>")
    assert complete == (not body)

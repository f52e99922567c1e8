"""What the pages say is what `/_demo/truth` says: walked and read as a crawler would, without the demo's own code."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import urljoin

import httpx2 as httpx
import pytest
from parsel import Selector

from crawler.dealers.declaration import Dealer
from demo.dealers import DEALERS
from demo.running import RunningDemo
from tests.demo.reading import clean, page


def walk(client: httpx.Client, dealer: Dealer) -> dict[str, list[str]]:
    """Section → the detail links of all of its pages, absolute, as they stand there."""
    found: dict[str, list[str]] = {}
    assert dealer.walk.detail_links is not None
    assert dealer.walk.next_page is not None
    for section, starts in dealer.sections.items():
        links = found.setdefault(section, [])
        for start in starts:
            url: str | None = urljoin(dealer.url, start)
            while url:
                shown = page(client, url)
                links += [urljoin(url, href) for href in shown.css(dealer.walk.detail_links).getall()]
                onward = shown.css(dealer.walk.next_page).get()
                url = urljoin(url, onward) if onward else None
    return found


def test_the_dealer_files_are_valid_and_point_at_the_running_demo(demo: RunningDemo, files: dict[str, Dealer]) -> None:
    assert set(files) == set(DEALERS)
    for name, dealer in files.items():
        assert dealer.url.rstrip("/") == demo.url(name)
        assert (dealer.vertical, dealer.platform) == (DEALERS[name].vertical, DEALERS[name].platform)


@pytest.mark.parametrize("name", ["ridgeline", "hofmann"])
def test_the_sections_lead_to_every_listing_and_to_the_mess(
    demo: RunningDemo, client: httpx.Client, files: dict[str, Dealer], name: str
) -> None:
    expected = {listing["url"] for listing in demo.truth(name)}
    reached, dead, moved, other = set(), 0, 0, 0
    for link in {clean(link) for links in walk(client, files[name]).values() for link in links}:
        answer = client.get(link)
        if answer.status_code == 301:
            moved += 1
            reached.add(urljoin(link, answer.headers["location"]))
        elif answer.status_code == 404:
            dead += 1
        elif link in expected:
            reached.add(link)
        else:
            other += 1
    assert reached == expected
    assert (dead, moved, other) == ((1, 2, 2) if name == "ridgeline" else (0, 0, 0))


def test_ridgeline_links_machines_again_with_tracking_and_a_brochure(
    client: httpx.Client, files: dict[str, Dealer]
) -> None:
    links = walk(client, files["ridgeline"])
    tracked = [link for own in links.values() for link in own if "utm_" in link]
    plain = {link for own in links.values() for link in own if "?" not in link}
    assert tracked
    assert {clean(link) for link in tracked} <= plain
    brochure = next(link for link in plain if link.endswith(".pdf"))
    assert client.get(brochure).headers["content-type"] == "application/pdf"


def rows_of(shown: Selector) -> dict[str, str]:
    """Specification rows of a page's main part, from tables and definition lists."""
    rows = {row.css("th::text").get(""): row.css("td::text").get("") for row in shown.css("main table tr")}
    names, values = shown.css("main dl dt::text").getall(), shown.css("main dl dd::text").getall()
    return rows | dict(zip(names, values, strict=True))


def digits(text: str) -> int:
    return int(re.sub(r"\D", "", text) or -1)


def test_ridgelines_pages_say_what_the_truth_says(demo: RunningDemo, client: httpx.Client) -> None:
    usable = [each for each in demo.truth("ridgeline") if each["usable"]]
    for listing in [each for each in usable if "absurd" in each] + usable[::2]:
        shown = page(client, listing["url"])
        rows = rows_of(shown)
        assert shown.css("h1::text").get() == listing["title"]
        assert (rows["Stock #"], rows["Make"], rows["Model"]) == (
            listing["external_id"],
            listing["make"],
            listing["model"],
        )
        assert rows.get("Serial Number") == listing["serial_number"]
        assert int(rows["Year"]) == (listing["year"] or listing["absurd"]["year"])
        assert digits(rows.get("Hours", "")) == (-1 if listing["hours"] is None else listing["hours"])
        assert round(digits(rows["Operating Weight"]) * 0.45359237, 1) == listing["operating_weight_kg"]
        main = shown.css("main > .price-box")
        prices = [digits(text) for text in main.css(".price::text").getall()]
        stated = listing["price"] if "price" not in listing.get("absurd", {}) else 1
        assert prices == ([] if stated is None else [stated])
        assert ("SOLD" in main.css("::text").getall()) == (listing.get("price_status") == "sold")
        was = main.css("del::text").get()
        assert (digits(was) if was else None) == listing["regular_price"] or listing["absurd"]


def test_ridgelines_json_ld_is_mostly_good_and_sometimes_broken(demo: RunningDemo, client: httpx.Client) -> None:
    broken = without = good = 0
    for listing in demo.truth("ridgeline")[:150]:
        texts = page(client, listing["url"]).css("script[type='application/ld+json']::text").getall()
        product = [text for text in texts if "priceCurrency" in text]
        without += not product
        for text in product:
            try:
                json.loads(text)
                good += 1
            except ValueError:
                broken += 1
    assert good > 90
    assert broken > 15
    assert without > 1


NUMBER = {"de": r"\d{1,3}(?:\.\d{3})*", "en": r"\d{1,3}(?:,\d{3})*"}


def test_hofmanns_pages_say_what_the_truth_says(demo: RunningDemo, client: httpx.Client) -> None:
    seen_layouts, offer_types, taxes = set(), set(), set()
    for listing in demo.truth("hofmann"):
        shown = page(client, listing["url"])
        main = " ".join(shown.xpath("//main//text()[not(ancestor::*[@class='aehnlich'])]").getall())
        language = listing["language"]
        assert shown.css("html::attr(lang)").get() == language
        assert shown.css("h1::text").get() == listing["title"]
        assert shown.css("script[type='application/ld+json']").get() is None
        for key in ("external_id", "make", "model", "city"):
            assert listing[key] in main
        assert str(listing["year"]) in main
        assert listing["serial_number"] is None or listing["serial_number"] in main
        hours = re.findall(rf"({NUMBER[language]}) (?:Bh|Std\.|hrs|h)(?!\w)", main)
        assert {digits(text) for text in hours} == ({listing["hours"]} if listing["hours"] is not None else set())
        price = " ".join(shown.css("main > p.preis *::text, main > p.preis::text").getall())
        amounts = [digits(text) for text in shown.css("main > p.preis > b::text").re(NUMBER[language])]
        assert amounts == ([] if listing["price"] is None else [listing["price"]])
        assert ("$" in price) == (listing["currency"] == "USD")
        net, gross = ("zzgl" in price or "plus VAT" in price), ("inkl" in price or "incl" in price)
        assert (net, gross) == (listing["price_tax"] == "net", listing["price_tax"] == "gross")
        rented = bool(re.search(r"/(Tag|Woche|Monat|day|week|month)", price))
        assert rented == (listing["offer_type"] == "rent" and listing["price"] is not None)
        assert ("Gebot" in price or "bid" in price) == (
            listing["offer_type"] == "auction" and listing["price"] is not None
        )
        seen_layouts.add(
            "table" if shown.css("main table") else "list" if shown.css("main dl") else "text",
        )
        offer_types.add((listing["offer_type"], listing["price_period"]))
        taxes.add(listing["price_tax"])
    assert seen_layouts == {"table", "list", "text"}
    assert {kind for kind, _ in offer_types} == {"sale", "rent", "auction"}
    assert taxes == {"net", "gross", "unknown"}


def test_hofmann_links_private_pages_that_robots_forbids(demo: RunningDemo, client: httpx.Client) -> None:
    base = demo.url("hofmann")
    assert "Disallow: /private/" in client.get(base + "/robots.txt").text
    assert any(href.startswith("/private/") for href in page(client, base + "/de/bagger").css("a::attr(href)").getall())
    assert "Crawl-delay: 0.05" in client.get(demo.url("skyline") + "/robots.txt").text


def test_skylines_api_holds_every_listing_and_its_shell_none(demo: RunningDemo, client: httpx.Client) -> None:
    base, path = demo.url("skyline"), "/api/stock?page=1"
    records: list[dict[str, Any]] = []
    while path:
        data = client.get(base + path).json()
        records += data["items"]
        path = data["next"]
    assert len(records) == data["total"]
    truth = {listing["external_id"]: listing for listing in demo.truth("skyline")}
    assert {str(record["id"]) for record in records} == set(truth)
    for record in records:
        listing = truth[str(record["id"])]
        assert (record["manufacturer"], record["modelName"], record["serial"]) == (
            listing["make"],
            listing["model"],
            listing["serial_number"],
        )
        assert record["price"]["amount"] == listing["price"]
        assert record["headline"] == listing["title"]
    shell = client.get(next(iter(truth.values()))["url"]).text
    assert "app.js" in shell
    assert len(shell) < 3000
    assert not any(listing["title"] in shell for listing in truth.values())


def test_quarrys_three_feeds_say_the_same_as_the_truth(demo: RunningDemo, client: httpx.Client) -> None:
    base = demo.url("quarry")
    rows = list(csv.DictReader(io.StringIO(client.get(base + "/feed/stock.csv").text, newline="")))
    lines = [json.loads(line) for line in client.get(base + "/feed/stock.jsonl").text.splitlines()]
    document = Selector(client.get(base + "/feed/stock.xml").text, type="xml")
    assert lines == rows
    assert document.xpath("//Machine/StockNo/text()").getall() == [row["Stock No"] for row in rows]
    truth = {listing["external_id"]: listing for listing in demo.truth("quarry")}
    assert {row["Stock No"] for row in rows} == set(truth)
    for row in rows:
        listing = truth[row["Stock No"]]
        price = re.fullmatch(r"\$?([\d,]+)(?:\.00)?", row["Price"])
        assert (int(price[1].replace(",", "")) if price else None) == listing["price"]
        assert digits(row["Meter"]) == (-1 if listing["hours"] is None else listing["hours"])
        assert row["Serial"] in ((listing["serial_number"],) if listing["serial_number"] else ("", "N/A"))
        assert (row["Headline"], row["URL"], int(row["Yr"])) == (listing["title"], listing["url"], listing["year"])


@pytest.mark.parametrize("name", ["ridgeline", "pawhaus", "barkwood"])
def test_the_sitemap_names_every_detail_page(demo: RunningDemo, client: httpx.Client, name: str) -> None:
    url = re.findall(r"Sitemap: (\S+)", client.get(demo.url(name) + "/robots.txt").text)[0]
    locations: set[str] = set()
    while url:
        found = re.findall(r"<loc>([^<]+)</loc>", client.get(url).text)
        nested = [location for location in found if location.endswith(".xml")]
        locations |= set(found)
        url = nested[0] if nested else ""
    assert {clean(listing["url"]) for listing in demo.truth(name)} <= locations


def test_external_ids_and_urls_are_unique_at_each_dealer(demo: RunningDemo) -> None:
    for name in DEALERS:
        truth = demo.truth(name)
        assert len({listing["external_id"] for listing in truth}) == len(truth)
        assert len({listing["url"] for listing in truth}) == len(truth)


def test_absurd_values_are_marked_and_not_expected(demo: RunningDemo) -> None:
    absurd = {key: each for each in demo.truth("ridgeline") for key in each.get("absurd", {})}
    assert set(absurd) == {"year", "price"}
    assert absurd["year"]["year"] is None
    assert absurd["price"]["price"] is None
    assert sum(not listing["usable"] for listing in demo.truth("ridgeline")) == 1

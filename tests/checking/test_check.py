"""Five pages tell whether a dealer can be crawled as its file promises: a fault for each promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.fetching.asking import Answer
from crawler.platforms import PlatformError
from crawler.tracking.error_class import Refused
from tests.checking.made_shop import HOME, TODAY, Shop, acme, cards, checked, machine, machine_shop

BLOCK_PAGE = "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>"


def words(found):
    return [(finding.failure_class, finding.note) for finding in found.findings]


def test_a_dealer_that_keeps_its_promise_is_healthy_after_robots_txt_and_five_pages():
    shop, sections = machine_shop(sections=4)
    found = checked(shop, acme(sections))
    assert (found.outcome, found.reason, found.findings) == ("healthy", "", [])
    assert (found.pages, found.listings) == (5, 3)
    assert shop.asked[0] == "/robots.txt"
    assert len(shop.asked) == len(set(shop.asked)) == 6
    assert found.fill["price"].share == found.fill["year"].share == 1.0


def test_details_are_spread_over_the_sections_and_within_them():
    shop, sections = machine_shop(sections=2, each=30)
    checked(shop, acme(sections))
    details = [path.split("/")[1:] for path in shop.asked if path.count("/") == 2]
    assert len(details) == 3
    assert {section for section, _ in details} == set(sections)
    (section, one), (again, other) = [d for d in details if sum(d[0] == e[0] for e in details) == 2]
    assert section == again
    assert abs(int(one) - int(other)) == 15


def test_every_section_gets_its_turn_within_as_many_days():
    shop, sections = machine_shop(sections=4)
    seen: set[str] = set()
    for day in range(4):
        checked(shop, acme(sections), TODAY + timedelta(days=day))
        seen |= {path.strip("/") for path in shop.asked if path.strip("/") in sections}
    assert seen == set(sections)


def test_a_template_that_lost_the_price_is_found_with_an_example():
    shop, sections = machine_shop(price=False)
    found = checked(shop, acme(sections))
    assert found.outcome == "below_expectation"
    assert found.reason == "price in 0 of 3 listings, [expect] wants 80%"
    assert found.fill["price"].short
    assert not found.fill["year"].short
    example = found.failures[0].url
    assert example
    assert example.removeprefix(HOME) in shop.asked


def test_one_price_on_request_among_three_machines_breaks_no_promise_of_80_percent():
    shop, sections = machine_shop(sections=1)
    for path in sorted(shop.pages)[2:4]:
        shop.pages[path] = machine(int(path.rpartition("/")[2]), price=False)
    found = checked(shop, acme(sections))
    assert found.fill["price"].share < 0.8
    assert found.outcome == "healthy"


@pytest.mark.parametrize("failure_class", ["dns", "refused", "timeout"])
def test_a_dealer_that_is_down_is_asked_for_nothing_more_than_robots_txt(failure_class):
    shop, sections = machine_shop()
    shop.pages["/robots.txt"] = Refused(failure_class, "down")
    found = checked(shop, acme(sections))
    assert (found.outcome, found.pages, shop.asked) == (failure_class, 0, ["/robots.txt"])
    assert "robots.txt is not to be had" in found.reason


def test_a_dealer_that_goes_down_meanwhile_is_left_alone():
    shop, sections = machine_shop()
    shop.pages |= {f"/{name}": Refused("timeout", "late") for name in sections}
    found = checked(shop, acme(sections))
    assert found.outcome == "timeout"
    assert len(shop.asked) == 2


def test_robots_txt_that_fails_is_no_permission_and_one_that_is_missing_forbids_nothing():
    shop, sections = machine_shop()
    shop.pages["/robots.txt"] = Refused("http_503", "the server answered 503")
    assert checked(shop, acme(sections)).outcome == "http_503"
    shop.pages["/robots.txt"] = Refused("http_403", "the server answered 403")
    assert checked(shop, acme(sections)).outcome == "healthy"


def test_sections_that_robots_txt_forbids_are_named_and_not_asked_for():
    shop, sections = machine_shop()
    shop.pages["/robots.txt"] = "User-agent: *\nDisallow: /dozers\n"
    found = checked(shop, acme(sections))
    assert found.outcome == "robots"
    assert found.reason == "robots.txt forbids sections: dozers"
    assert found.pages == 5
    assert not [path for path in shop.asked if path.startswith("/dozers")]


def test_robots_txt_may_single_us_out():
    shop, sections = machine_shop()
    shop.pages["/robots.txt"] = "User-agent: yardstick\nDisallow: /\n\nUser-agent: *\nAllow: /\n"
    found = checked(shop, acme(sections))
    assert (found.outcome, found.pages) == ("robots", 0)
    assert checked(shop, acme(sections, headers={"User-Agent": "Other/1"})).outcome == "healthy"


def test_a_section_that_is_gone_is_named_with_its_address():
    shop, sections = machine_shop(sections=2)
    del shop.pages["/dozers"]
    found = checked(shop, acme(sections))
    assert found.outcome == "http_404"
    assert found.failures[0].url == f"{HOME}/dozers"
    assert "section dozers" in found.reason
    assert found.fill["price"].share == 1.0


@pytest.mark.parametrize("home", ["/", "/en", "/de-at/"])
def test_a_section_that_leads_home_is_gone(home):
    shop, sections = machine_shop(sections=2)
    shop.pages["/dozers"] = Answer(f"{HOME}{home}", 200, cards("excavators", range(9)).encode(), {})
    found = checked(shop, acme(sections))
    assert found.outcome == "moved_home"
    assert f"leads to the home page {HOME}{home}" in found.reason


def test_a_dealer_whose_stock_stands_on_its_home_page_has_not_moved():
    shop, _ = machine_shop(sections=1)
    shop.pages["/"] = cards("excavators", range(8))
    assert checked(shop, acme({"excavators": "/"})).outcome == "healthy"


def test_a_block_page_is_told_from_an_empty_section():
    shop, sections = machine_shop()
    shop.pages |= {f"/{name}": BLOCK_PAGE for name in sections}
    found = checked(shop, acme(sections))
    assert found.outcome == "blocked"
    assert "Cloudflare" in found.reason


def test_block_pages_in_the_place_of_details_are_found():
    shop, sections = machine_shop()
    shop.pages |= {path: BLOCK_PAGE for path in shop.pages if path.count("/") == 2}
    assert checked(shop, acme(sections)).outcome == "blocked"


def test_sections_without_links_to_details_are_empty():
    shop, sections = machine_shop()
    shop.pages |= {f"/{name}": "<html><body><h1>Our machines</h1><p>Call us.</p></body></html>" for name in sections}
    found = checked(shop, acme(sections))
    assert (found.outcome, found.listings) == ("empty", 0)
    assert "no listing and no link to one" in found.reason


def test_one_section_that_is_sold_out_is_but_noted():
    shop, sections = machine_shop(sections=2)
    shop.pages["/dozers"] = "<html><body><h1>Dozers</h1><p>Sold out.</p></body></html>"
    found = checked(shop, acme(sections))
    assert found.outcome == "healthy"
    assert words(found) == [("empty", True)]
    assert "section dozers" in found.reason


def test_detail_pages_that_offer_nothing_are_found():
    shop, sections = machine_shop()
    prose = "<html><body><h1>About us</h1><p>Family owned.</p></body></html>"
    shop.pages |= dict.fromkeys([path for path in shop.pages if path.count("/") == 2], prose)
    found = checked(shop, acme(sections))
    assert found.outcome == "empty"
    assert "3 of 3 detail pages offer nothing" in found.reason


def test_one_machine_that_was_sold_meanwhile_is_but_noted():
    shop, sections = machine_shop(sections=1)
    del shop.pages["/excavators/0"]
    found = checked(shop, acme(sections))
    assert found.outcome == "healthy"
    assert words(found) == [("http_404", True)]


def test_a_feed_is_one_page_and_its_whole_stock_is_counted():
    rows = [{"id": n, "name": f"2016 Komatsu PC{n}", "price": 50_000 + n, "year": 2016} for n in range(40)]
    shop = Shop({"/stock.json": rows})
    said = {"platform": "feed", "items": {"format": "json"}}
    said["map"] = {"external_id": "id", "title": "name", "price": "price", "year": "year"}
    found = checked(shop, acme({"all": "/stock.json"}, **said))
    assert (found.outcome, found.pages, found.listings) == ("healthy", 1, 40)
    expect = {"min_listings": 50, "fill": {"price": 0.8}}
    found = checked(shop, acme({"all": "/stock.json"}, **said, expect=expect))
    assert found.reason == "40 listings in all, [expect] wants at least 50"
    shop.pages["/stock.json"] = [row | {"price": None} for row in rows]
    assert checked(shop, acme({"all": "/stock.json"}, **said)).outcome == "below_expectation"
    shop.pages["/stock.json"] = "<html><body>We moved</body></html>"
    assert checked(shop, acme({"all": "/stock.json"}, **said)).outcome == "parse_error"
    shop.pages["/stock.json"] = [{"name": "", "year": 2016, "id": n} for n in range(3)]
    assert "3 no_title" in checked(shop, acme({"all": "/stock.json"}, **said)).reason


def test_a_shop_engine_is_asked_for_the_first_pages_of_its_sections_only():
    product = {"id": 1, "title": "Dry food", "handle": "dry", "variants": [{"id": 2, "price": "9.90", "title": "5 kg"}]}
    names = ["dry-dog-food", "wet-dog-food", "dog-beds", "dog-toys", "dog-bowls", "dog-leashes", "dog-crates"]
    pages = {f"/{name}/products.json?limit=250&page=1": {"products": [product]} for name in names}
    shop = Shop(pages)
    of = acme({n: f"/{n}" for n in names}, vertical="dog", platform="shopify", expect={"fill": {"price": 0.9}})
    found = checked(shop, of)
    assert (found.outcome, found.pages, found.listings) == ("healthy", 5, 5)
    assert set(shop.asked) - {"/robots.txt"} <= set(pages)


def test_a_secret_in_an_address_is_not_shown():
    of = acme({"all": "/stock.csv?token=s3cr3t"}, platform="feed", items={"format": "csv"}, map={"title": "t"})
    of.keep_secret(["s3cr3t"])
    found = checked(Shop({}), of)
    assert found.outcome == "http_404"
    assert "s3cr3t" not in f"{found.as_json()}{found.reason}"
    assert "***" in found.as_json()["findings"][0]["url"]


def test_a_platform_of_the_users_own_that_fails_is_a_finding(monkeypatch):
    def broken(_dealer):
        raise PlatformError("no such module")

    monkeypatch.setattr("crawler.checking.check.platform_of", broken)
    shop, sections = machine_shop()
    found = checked(shop, acme(sections))
    assert found.outcome == "bug"
    assert "no such module" in found.reason

"""Categories, dealers, crawls, one listing, and what warns of comparisons that mislead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient

from api.schemas.answers import CategoryTree, CrawlAnswer, CrawlPage, DealerPage, ListingAnswer, ListingPage
from inventory.taxonomy.categories import CATEGORIES
from tests.api.stock import T0, Stock


def _category(tree: list[dict[str, Any]], slug: str) -> dict[str, Any]:
    for node in tree:
        if node["slug"] == slug:
            return node
        found = _category(node["children"], slug) if node["children"] else None
        if found:
            return found
    return {}


def test_an_empty_database_answers_with_empty_lists(client: TestClient) -> None:
    for path in ("/v1/listings", "/v1/crawls", "/v1/dealers"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert (answer.json()["data"], answer.json()["count"], answer.json()["next"]) == ([], 0, None)


def test_a_category_counts_its_children_as_its_filter_finds_them(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    slugs = ["excavators", "mini-excavators", "mini-excavators", "dozers", None, "no-longer-a-category"]
    stock.many(dealer, [{"category": slug} for slug in slugs])
    stock.listing(dealer, category="mini-excavators", status="gone")
    body = client.get("/v1/categories").json()
    CategoryTree.model_validate(body)
    parent = _category(body["data"], "excavators")
    assert (parent["count"], parent["status"]) == (4, {"active": 3, "gone": 1, "sold": 0})
    assert _category(parent["children"], "mini-excavators")["count"] == 3
    assert body["uncategorised"] == 2
    assert client.get("/v1/listings?category=excavators").json()["count"] == 4


def test_the_tree_holds_every_category_once(client: TestClient) -> None:
    def slugs(nodes: list[dict[str, Any]]) -> list[str]:
        return [slug for node in nodes for slug in (node["slug"], *slugs(node["children"]))]

    assert sorted(slugs(client.get("/v1/categories").json()["data"])) == sorted(CATEGORIES)
    dogs = client.get("/v1/categories?vertical=dog").json()["data"]
    assert {node["vertical"] for node in dogs} == {"dog"}
    refused = client.get("/v1/categories?vertical=dogs")
    assert (refused.status_code, refused.json()["errors"][0]["did_you_mean"]) == (422, "dog")


def test_a_dealer_shows_its_stock_its_last_crawl_and_its_last_healthy_one(client: TestClient, stock: Stock) -> None:
    dealer, fresh = stock.dealer("northside", title="Northside"), stock.dealer("acme", vertical="dog")
    healthy = stock.crawl(dealer, pages=9)
    failed = stock.crawl(dealer, outcome="failed", failure_class="blocked", started_at=T0.replace(day=2))
    stock.many(dealer, [{"status": "active"}, {"status": "active"}, {"status": "sold"}])
    body = client.get("/v1/dealers").json()
    DealerPage.model_validate(body)
    acme, northside = body["data"]
    assert (acme["id"], acme["last_crawl"], acme["last_healthy_crawl"]) == (fresh, None, None)
    assert acme["listings"] == {"active": 0, "gone": 0, "sold": 0, "total": 0}
    assert northside["listings"] == {"active": 2, "gone": 0, "sold": 1, "total": 3}
    assert (northside["last_crawl"]["id"], northside["last_crawl"]["failure_class"]) == (failed, "blocked")
    assert (northside["last_healthy_crawl"]["id"], northside["last_healthy_crawl"]["pages"]) == (healthy, 9)
    assert body["vertical"] == {"equipment": 1, "dog": 1}
    assert [d["name"] for d in client.get("/v1/dealers?vertical=dog&fields=name").json()["data"]] == ["acme"]


def test_who_crawls_a_dealer_now_is_not_shown(client: TestClient, stock: Stock) -> None:
    stock.dealer(lease_owner="host:1234", lease_until=T0)
    assert "lease" not in client.get("/v1/dealers").text
    assert client.get("/v1/dealers?lease_owner=host:1234").status_code == 422


def test_crawls_come_newest_first_and_filter_by_dealer_and_outcome(client: TestClient, stock: Stock) -> None:
    north, south = stock.dealer("northside"), stock.dealer("southside")
    ids = [stock.crawl(north), stock.crawl(south, outcome="failed"), stock.crawl(north, outcome="running")]
    body = client.get("/v1/crawls").json()
    CrawlPage.model_validate(body)
    assert [row["id"] for row in body["data"]] == ids[::-1]
    assert body["outcome"] == {"running": 1, "healthy": 1, "failed": 1, "stopped": 0}
    assert [row["id"] for row in client.get("/v1/crawls?dealer=northside&outcome=healthy").json()["data"]] == ids[:1]
    assert client.get("/v1/crawls?dealer=westside").status_code == 422
    assert client.get("/v1/crawls?limited=false&limit=1").json()["count"] == 3


def test_one_crawl_shows_everything_it_left(client: TestClient, stock: Stock) -> None:
    sections = {"excavators": {"pages": 3, "listings": 40, "complete": True}}
    crawl = stock.crawl(stock.dealer(), fill={"price": 0.9}, sections=sections, dropped={"no title": 2}, limited=True)
    body = client.get(f"/v1/crawls/{crawl}").json()
    CrawlAnswer.model_validate(body)
    assert body["data"]["sections"] == sections
    assert (body["data"]["fill"], body["data"]["dropped"]) == ({"price": 0.9}, {"no title": 2})
    assert (body["data"]["limited"], body["data"]["dealer"]) == (True, "northside")


def test_one_listing_shows_everything_with_its_events_newest_first(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    listing, twin = stock.many(dealer, [{"title": "A", "price": "10.10"}, {"title": "B", "price": None}])
    stock.details(listing, raw={"price": "10,10 €"}, provenance={"price": "table"}, attributes={"a": [1]})
    stock.event(listing, "listed")
    stock.event(listing, "price_down", at=T0.replace(day=3), changes={"price": [12, 10.1]})
    stock.event(twin, "listed")
    unit = stock.unit(listing, twin)
    body = client.get(f"/v1/listings/{listing}").json()
    ListingAnswer.model_validate(body)
    data = body["data"]
    assert (data["price"], data["raw"], data["description"]) == (10.1, {"price": "10,10 €"}, None)
    assert [event["kind"] for event in data["events"]] == ["price_down", "listed"]
    assert data["events"][0]["changes"] == {"price": [12, 10.1]}
    assert data["events_truncated"] is False
    assert (data["unit"]["unit_id"], data["unit"]["listings"]) == (unit, 2)
    assert data["unit"]["linked_at"] == "2026-01-01T12:00:00Z"


def test_a_listing_without_details_or_unit_still_has_all_columns(client: TestClient, stock: Stock) -> None:
    listing = stock.listing(stock.dealer())
    body = client.get(f"/v1/listings/{listing}").json()
    ListingAnswer.model_validate(body)
    assert (body["data"]["raw"], body["data"]["unit"], body["data"]["events"]) == (None, None, [])


def test_what_is_not_there_is_a_problem_with_404(client: TestClient) -> None:
    for path in ("/v1/listings/1", "/v1/crawls/9223372036854775807"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_an_id_that_is_none_is_refused(client: TestClient) -> None:
    for path in ("/v1/listings/abc", "/v1/listings/0", "/v1/listings/-1", "/v1/crawls/9223372036854775808"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["parameter"][-3:]) == (422, "_id")
    assert client.get("/v1/listings/1?fields=id").json()["errors"][0]["parameter"] == "fields"


def test_no_filter_hides_what_is_gone_or_sold(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{"status": status} for status in ("active", "gone", "sold", "sold")])
    body = client.get("/v1/listings").json()
    ListingPage.model_validate(body)
    assert (body["count"], body["status"]) == (4, {"active": 1, "gone": 1, "sold": 2})


def test_money_and_times_look_the_same_from_both_databases(client: TestClient, stock: Stock) -> None:
    stock.listing(stock.dealer(), price="999999999999.99", regular_price="0.10", last_seen=T0.replace(microsecond=10))
    text = client.get("/v1/listings").text
    assert '"price":999999999999.99,"regular_price":0.1,' in text
    assert '"first_seen":"2026-01-01T12:00:00Z","last_seen":"2026-01-01T12:00:00.000010Z"' in text


def _warnings(client: TestClient, query: str) -> dict[str, dict[str, int]]:
    warnings = client.get(f"/v1/listings?{query}").json()["warnings"]
    return {warning["code"]: warning["counts"] for warning in warnings}


def test_a_price_range_over_several_currencies_warns_with_counts_of_all_it_was_laid_over(
    client: TestClient, stock: Stock
) -> None:
    dealer = stock.dealer()
    prices = [(100, "USD"), (90, "EUR"), (4_000_000, "JPY"), (50, None), (None, "GBP")]
    stock.many(dealer, [{"price": price, "currency": currency} for price, currency in prices])
    expected = {"mixed_currencies": {"USD": 1, "EUR": 1, "JPY": 1, "unknown": 1}}
    for query in ("price__lte=1000", "sort=price", "sort=-price&limit=1", "price=100"):
        assert _warnings(client, query) == expected, query
    assert _warnings(client, "price__lte=1000&currency=USD") == {}
    assert _warnings(client, "price__isnull=false") == {}
    assert _warnings(client, "sort=id") == {}


def test_a_price_range_over_sale_and_rent_warns(client: TestClient, stock: Stock) -> None:
    offers = [("sale", "once"), ("rent", "day"), ("rent", "week"), ("rent", "day")]
    rows = [{"price": 1, "currency": "USD", "offer_type": kind, "price_period": period} for kind, period in offers]
    stock.many(stock.dealer(), rows)
    assert _warnings(client, "price__gte=1") == {"mixed_offers": {"rent/day": 2, "sale/once": 1, "rent/week": 1}}
    assert _warnings(client, "price__gte=1&offer_type=rent&price_period=day") == {}


def test_a_size_range_over_several_units_warns(client: TestClient, stock: Stock) -> None:
    sizes = [(22.5, "t", "operating weight"), (120.0, "hp", "net power"), (None, "kg", None)]
    stock.many(stock.dealer(), [{"size_value": v, "size_unit": u, "size_basis": b} for v, u, b in sizes])
    found = _warnings(client, "size_value__gte=20")
    assert found["mixed_size_units"] == {"t": 1, "hp": 1}
    assert found["mixed_size_bases"] == {"operating weight": 1, "net power": 1}
    assert _warnings(client, "size_value__gte=20&size_unit=t") == {}


def test_a_dealer_shows_its_last_good_crawl_how_old_that_is_and_how_the_last_failed(
    client: TestClient, stock: Stock
) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(hours=hours) for hours in (50, 30, 20, 10, 1)]
    dealer = stock.dealer("northside")
    stock.dealer("acme")
    stock.crawl(dealer, ended_at=now - ages[0], fill={"price": 0.1})
    good = stock.crawl(dealer, ended_at=now - ages[1], fill={"hours": 0.5, "price": 0.975})
    stock.crawl(dealer, ended_at=now - ages[2], limited=True, fill={"price": 1})
    some = stock.crawl(dealer, ended_at=now - ages[2], narrowed=True, fill={"price": 1})
    stock.crawl(dealer, ended_at=now - ages[3], outcome="failed", failure_class="blocked")
    running = stock.crawl(dealer, started_at=now - ages[4], ended_at=None, outcome="running")
    stock.listing(dealer)
    body = client.get("/v1/dealers?sort=title&fields=title").json()
    DealerPage.model_validate(body)
    rows = {row["last_crawl"] and row["last_crawl"]["id"]: row for row in body["data"]}
    row = rows[running]
    assert (row["last_healthy_crawl"]["id"], row["last_good_crawl"]["id"]) == (some, good)
    assert row["last_good_crawl"]["fill"] == {"hours": 0.5, "price": 0.975}
    assert (row["failure_class"], row["age_hours"], row["stale"]) == ("blocked", 30.0, False)
    assert row["last_good_at"] == row["last_good_crawl"]["ended_at"]
    none = rows[None]
    assert (none["last_good_crawl"], none["last_good_at"], none["age_hours"]) == (None, None, None)
    assert (none["failure_class"], none["stale"], none["expected_within_hours"]) == (None, False, 168.0)
    assert client.get("/v1/listings?limit=1").json()["stale_dealers"]["count"] == 0


def test_a_dealer_that_is_only_ingested_is_as_old_as_its_stock(client: TestClient, stock: Stock) -> None:
    stock.listing(stock.dealer(source="ingest"), last_seen=datetime.now(UTC) - timedelta(days=8))
    body = client.get("/v1/dealers").json()
    (row,) = body["data"]
    assert (row["last_good_crawl"], row["age_hours"], row["stale"]) == (None, 192.0, True)
    assert body["stale_dealers"]["dealers"][0]["last_good_at"] == row["last_good_at"]

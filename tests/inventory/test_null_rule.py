"""Over real crawls: a value goes only when the page says so, or when two healthy crawls agree that it is gone."""

from __future__ import annotations

from decimal import Decimal

from tests.inventory.yard import machine

SILENT = {"hours": None}
SAID = {"hours": 5200}


def test_two_healthy_crawls_agree_and_the_third_erases(yard):
    yard.crawl(machine(**SAID))
    yard.crawl(machine(**SILENT))
    yard.crawl(machine(**SILENT))
    assert yard.row()["hours"] == 5200
    assert [kind for kind, _ in yard.events()] == ["listed"]
    yard.crawl(machine(**SILENT))
    assert yard.row()["hours"] is None
    assert yard.row()["missing"] is None
    assert yard.events()[-1] == ("hours_changed", {"hours": [5200, None]})
    yard.crawl(machine(**SILENT))
    assert len(yard.events()) == 2


def test_crawls_that_were_not_healthy_prove_nothing(sqlite_yard):
    sqlite_yard.crawl(machine(**SAID))
    for _ in range(4):
        sqlite_yard.crawl(machine(**SILENT), outcome="failed")
    assert sqlite_yard.row()["hours"] == 5200
    for _ in range(2):
        sqlite_yard.crawl(machine(**SILENT))
    assert sqlite_yard.row()["hours"] == 5200
    sqlite_yard.crawl(machine(**SILENT))
    assert sqlite_yard.row()["hours"] is None


def test_a_value_seen_in_between_starts_the_count_again(sqlite_yard):
    sqlite_yard.crawl(machine(**SAID))
    for said in (SILENT, SILENT, SAID, SILENT, SILENT):
        sqlite_yard.crawl(machine(**said))
    assert sqlite_yard.row()["hours"] == 5200
    assert [kind for kind, _ in sqlite_yard.events()] == ["listed"]


def test_a_price_on_request_takes_the_price_away_at_once_and_a_new_one_brings_it_back(sqlite_yard):
    sqlite_yard.crawl(machine())
    sqlite_yard.crawl(machine(price=None, price_period=None, currency=None, price_status="on_request"))
    row = sqlite_yard.row()
    assert (row["price"], row["price_status"]) == (None, "on_request")
    sqlite_yard.crawl(machine(price=Decimal("44000.00")))
    assert sqlite_yard.row()["price"] == Decimal("44000.00")
    assert [kind for kind, _ in sqlite_yard.events()] == ["listed", "price_hidden", "price_shown"]


def test_a_kept_value_is_no_change(sqlite_yard):
    sqlite_yard.crawl(machine(**SAID))
    before = sqlite_yard.row()["last_changed"]
    stored = sqlite_yard.crawl(machine(**SILENT))
    assert [word for _, word in stored.outcomes] == ["unchanged"]
    assert sqlite_yard.row()["last_changed"] == before


def test_a_thinner_page_keeps_description_images_and_attributes(sqlite_yard):
    full = {"description": "Runs well", "images": ["https://a.example/1.jpg"], "attributes": {"Engine": "C7"}}
    sqlite_yard.crawl(machine(**full))
    sqlite_yard.crawl(machine(attributes={"Bucket": "1 m³"}, raw={"price": "45.000 $"}))
    details = sqlite_yard.details()
    assert details["description"] == "Runs well"
    assert details["images"] == ["https://a.example/1.jpg"]
    assert details["attributes"] == {"Engine": "C7", "Bucket": "1 m³"}
    assert details["raw"] == {"price": "45.000 $"}


def test_a_page_that_says_no_price_does_not_turn_a_rental_into_a_sale(yard):
    rent = {"offer_type": "rent", "price": Decimal(450), "price_period": "day"}
    yard.crawl(machine("a", **rent))
    yard.crawl(machine("a", price=None, price_status=None, currency=None, price_period=None))
    row = yard.row("a")
    assert (row["offer_type"], row["price"], row["price_period"]) == ("rent", Decimal(450), "day")

"""`POST /_demo`: each switch does what it says, to that dealer only, and `reset` undoes it."""

from __future__ import annotations

import time

import httpx2 as httpx
import pytest

from demo.dealers import DEALERS
from demo.running import RunningDemo

LISTING_PATHS = {
    "ridgeline": "/used/excavators",
    "hofmann": "/de/bagger",
    "skyline": "/api/stock",
    "pawhaus": "/products.json",
    "barkwood": "/wp-json/wc/store/v1/products",
    "quarry": "/feed/stock.csv",
}


def priced(demo: RunningDemo, name: str) -> dict[str, object]:
    found: dict[str, object] = next(
        each for each in demo.truth(name) if each["price"] and each["offer_type"] == "sale" and each["usable"]
    )
    return found


def listing_of(demo: RunningDemo, name: str, external_id: object) -> dict[str, object] | None:
    return next((each for each in demo.truth(name) if each["external_id"] == external_id), None)


@pytest.mark.parametrize("name", list(DEALERS))
def test_a_price_can_be_changed(switched: RunningDemo, client: httpx.Client, name: str) -> None:
    listing = priced(switched, name)
    switched.switch(name, price={"id": listing["external_id"], "to": 7771})
    changed = listing_of(switched, name, listing["external_id"])
    assert changed is not None
    assert changed == listing | {"price": 7771}
    feeds = {"skyline": "/api/stock/" + str(listing["external_id"]), "quarry": "/feed/stock.csv"}
    url = switched.url(name) + feeds[name] if name in feeds else str(listing["url"])
    text = client.get(url).text
    assert any(form in text for form in ("7771", "7,771", "7.771"))


@pytest.mark.parametrize("name", list(DEALERS))
def test_a_listing_can_be_removed_and_restored(switched: RunningDemo, client: httpx.Client, name: str) -> None:
    listing = priced(switched, name)
    count = len(switched.truth(name))
    switched.switch(name, remove=listing["external_id"])
    assert listing_of(switched, name, listing["external_id"]) is None
    assert len(switched.truth(name)) == count - 1
    if name in ("ridgeline", "hofmann", "quarry"):
        assert client.get(str(listing["url"])).status_code == 404
    switched.switch(name, restore=listing["external_id"])
    assert listing_of(switched, name, listing["external_id"]) == listing


def test_a_sold_machine_has_no_price_and_a_sold_variant_is_out_of_stock(
    switched: RunningDemo, client: httpx.Client
) -> None:
    machine = priced(switched, "ridgeline")
    switched.switch("ridgeline", sold=machine["external_id"])
    sold = listing_of(switched, "ridgeline", machine["external_id"])
    assert sold is not None
    assert (sold["price"], sold["price_status"], sold["availability"]) == (None, "sold", "SoldOut")
    assert "SOLD" in client.get(str(machine["url"])).text
    variant = priced(switched, "pawhaus")
    switched.switch("pawhaus", sold=variant["external_id"])
    gone = listing_of(switched, "pawhaus", variant["external_id"])
    assert gone is not None
    assert (gone["price"], gone["availability"]) == (variant["price"], "OutOfStock")


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("429", 429), ("block", 200)])
def test_a_dealer_can_be_made_to_fail_and_the_others_do_not(
    switched: RunningDemo, client: httpx.Client, kind: str, status: int
) -> None:
    switched.switch("hofmann", fail=kind)
    answer = client.get(switched.url("hofmann") + "/de/bagger")
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("1" if kind == "429" else None)
    assert ("Pardon Our Interruption" in answer.text) == (kind == "block")
    assert client.get(switched.url("hofmann") + "/robots.txt").text.startswith("User-agent")
    assert client.get(switched.url("ridgeline") + "/").status_code == 200
    switched.switch("hofmann", fail=None)
    assert "maschine" in client.get(switched.url("hofmann") + "/de/bagger").text


def test_a_failure_can_last_a_few_requests_and_stay_below_a_path(switched: RunningDemo, client: httpx.Client) -> None:
    switched.switch("skyline", fail="500", times=2, path="/api")
    statuses = [
        client.get(switched.url("skyline") + path).status_code for path in ("/", "/api/stock") + ("/api/stock",) * 2
    ]
    assert statuses == [200, 500, 500, 200]


def test_a_slow_dealer_answers_late(switched: RunningDemo, client: httpx.Client) -> None:
    switched.switch("quarry", fail="slow", seconds=0.3)
    started = time.monotonic()
    assert client.get(switched.url("quarry") + "/").status_code == 200
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("name", list(DEALERS))
def test_an_empty_dealer_lists_nothing_and_half_lists_half(
    switched: RunningDemo, client: httpx.Client, name: str
) -> None:
    def mentions() -> int:
        text = client.get(switched.url(name) + LISTING_PATHS[name] + ("?limit=250" if name == "pawhaus" else "")).text
        listed = ("external_id", "product_group", "product_title")
        keys = {str(each[key]) for each in switched.truth(name) for key in listed if key in each}
        keys |= {str(each["url"]).partition("?")[0].rpartition("/")[2] for each in switched.truth(name)} - {""}
        return sum(key in text for key in keys)

    whole, truth = mentions(), switched.truth(name)
    switched.switch(name, fail="half")
    half = mentions()
    switched.switch(name, fail="empty")
    assert mentions() == 0
    assert 0 < half < whole or name in ("ridgeline", "hofmann", "skyline", "barkwood")  # these still fill a page
    assert switched.truth(name) == truth


def test_half_of_the_pages_are_left_when_half_is_listed(switched: RunningDemo, client: httpx.Client) -> None:
    url = switched.url("skyline") + "/api/stock"
    whole = client.get(url).json()["total"]
    switched.switch("skyline", fail="half")
    assert client.get(url).json()["total"] == (whole + 1) // 2


def test_reset_puts_everything_back(switched: RunningDemo) -> None:
    before = {name: switched.truth(name) for name in DEALERS}
    for name in DEALERS:
        listing = priced(switched, name)
        switched.switch(name, price={"id": listing["external_id"], "to": 5}, fail="500")
        switched.switch(name, remove=listing["external_id"])
        assert switched.truth(name) != before[name]
        switched.switch(name, reset=True)
        assert switched.truth(name) == before[name]


@pytest.mark.parametrize(
    "command",
    [
        {"price": {"id": "no such", "to": 5}},
        {"price": {"id": "x"}},
        {"price": "5"},
        {"remove": "no such"},
        {"fail": "sometimes"},
        {"explode": True},
        {},
    ],
)
def test_a_wrong_switch_is_refused_with_the_reason(demo: RunningDemo, command: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="error"):
        demo.switch("ridgeline", **command)


def test_a_price_that_is_no_price_is_refused(demo: RunningDemo) -> None:
    known = demo.truth("ridgeline")[0]["external_id"]
    for to in ("many", 0, -3, "NaN"):
        with pytest.raises(ValueError, match=r"price\.to"):
            demo.switch("ridgeline", price={"id": known, "to": to})

"""Comparables: the nearest first, widened until there are enough, and said why; nothing where nothing is alike."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.api.stock import Stock

CAT: dict[str, Any] = {
    "status": "active",
    "make": "Caterpillar",
    "model": "320D",
    "base_model": "320",
    "year": 2015,
    "hours": 5000,
    "price": 50_000,
    "currency": "USD",
    "category": "excavators",
    "size_label": "20-25 t",
}


def test_the_nearest_are_taken_and_nothing_is_widened_where_they_are_enough(client: TestClient, stock: Stock) -> None:
    rows = [CAT | {"price": 50_000 + 1000 * number} for number in range(11)]
    stock.many(stock.dealer(), [*rows, CAT | {"year": 2005}, CAT | {"price": None}, CAT | {"status": "gone"}])
    answer = client.get("/v1/comparables?make=Caterpillar&model=320D&year=2015&hours=5000").json()
    assert (answer["n"], answer["widened"], len(answer["steps"])) == (11, False, 1)
    assert answer["prices"] == [{"currency": "USD", "n": 11, "n_null": 0, "p10": 51_000, "p50": 55_000, "p90": 59_000}]
    assert {row["why"] for row in answer["data"]} == {"same model, year within 1, hours within a quarter"}


def test_too_few_are_widened_step_by_step_and_each_says_why(client: TestClient, stock: Stock) -> None:
    near, far, base, other = CAT, CAT | {"year": 2018}, CAT | {"model": "320E"}, CAT | {"make": "Komatsu", "model": "P"}
    euro = CAT | {"currency": "EUR"}
    stock.many(stock.dealer(), [near, far, base, other, euro])
    answer = client.get("/v1/comparables?make=Caterpillar&model=320D&year=2015&hours=5000").json()
    assert [step["units"] for step in answer["steps"]] == [2, 1, 1, 0, 1]
    assert answer["widened"] is True
    assert [(one["currency"], one["n"]) for one in answer["prices"]] == [("USD", 4), ("EUR", 1)]
    assert [row["step"] for row in answer["data"]] == [0, 0, 1, 2, 4]
    dollars = client.get("/v1/comparables?make=Caterpillar&model=320D&year=2015&currency=USD").json()
    assert [one["currency"] for one in dollars["prices"]] == ["USD"]


def test_a_unit_counts_once(client: TestClient, stock: Stock) -> None:
    ids = stock.many(stock.dealer(), [CAT] * 4)
    stock.unit(*ids[:2])
    assert client.get("/v1/comparables?make=Caterpillar&model=320D").json()["n"] == 3


def test_packs_are_compared_by_brand_and_weight(client: TestClient, stock: Stock) -> None:
    food: dict[str, Any] = {"vertical": "dog", "brand": 'Josera "gold"', "currency": "EUR", "category": "dry-food"}
    packs = [{"net_weight_g": 15_000, "price": 60, "unit_price_per_kg": 4}, {"net_weight_g": 14_000, "price": 58}]
    stock.many(stock.dealer(), [food | pack for pack in (*packs, {"net_weight_g": 10_000, "price": 45})])
    answer = client.get("/v1/comparables", params={"brand": 'Josera "gold"', "net_weight_g": 15000}).json()
    assert [step["units"] for step in answer["steps"]] == [1, 1, 1]
    assert answer["prices_per_kg"][0]["n_null"] == 2
    made_too = client.get("/v1/comparables", params={"make": "J", "brand": 'Josera "gold"', "net_weight_g": 15000})
    assert made_too.json()["n"] == 3  # a make without a model says nothing


def test_where_nothing_is_alike_nothing_is_said(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [CAT] * 2)
    answer = client.get("/v1/comparables?make=Caterpillar&model=320D")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("no-comparables")
    for query, parameter in (
        ("", "make"),
        ("make=Caterpillar", "make"),
        ("brand=Josera", "brand"),
        ("make=Caterpillar&model=320D&hours=-3", "hours"),
        ("make=Caterpillar&model=320D&year=new", "year"),
        ("make=Caterpillar&model=320D&modle=3", "modle"),
    ):
        answer = client.get(f"/v1/comparables?{query}")
        assert answer.status_code == 422, query
        assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_a_quote_in_a_value_is_a_sign_like_any_other(client: TestClient) -> None:
    for name in ("country", "currency", "brand"):
        asked = {"brand": "Josera", "net_weight_g": "5", name: 'a"b'}
        assert client.get("/v1/comparables", params=asked).status_code == 404, name

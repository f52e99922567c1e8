"""Facets: with what has no value and what is not shown, the counts are all rows; links lead to what was counted."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.api.stock import Stock


def facet(client: TestClient, query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/facets?{query}")
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["data"]
    return dict(found)


def makes(stock: Stock) -> None:
    rows: list[dict[str, Any]] = [{"make": "Cat"}] * 3 + [{"make": "Volvo, AB"}] * 2 + [{"make": "JCB"}]
    rows += [{"make": None}] * 2 + [{"make": "Deere", "status": "gone"}]
    stock.many(stock.dealer(), [{"status": "active", **row} for row in rows])


def test_values_with_what_has_none_and_what_is_not_shown_are_all_rows(client: TestClient, stock: Stock) -> None:
    makes(stock)
    answer = client.get("/v1/facets?field=make&limit=2").json()
    [found] = answer["data"]
    assert [(value["value"], value["count"]) for value in found["values"]] == [("Cat", 3), ("Volvo, AB", 2)]
    numbers = {name: found[name] for name in ("null_count", "distinct", "other_count", "truncated")}
    assert numbers == {"null_count": 2, "distinct": 4, "other_count": 2, "truncated": True}
    assert (answer["count"], answer["status"]) == (9, {"active": 8, "gone": 1, "sold": 0})
    assert answer["data_as_of"] is not None
    whole = facet(client, "field=make")
    assert (whole["truncated"], whole["other_count"], len(whole["values"])) == (False, 0, 4)


def test_links_lead_to_as_many_rows_as_were_counted(client: TestClient, stock: Stock) -> None:
    makes(stock)
    found = facet(client, "field=make&status=active&make=Cat,JCB")
    assert [(value["value"], value["selected"]) for value in found["values"]] == [("Cat", True), ("JCB", True)]
    for query in ("field=make&status=active", "field=vertical", "field=dealer", "field=make&make__isnull=false"):
        found = facet(client, query)
        for value in found["values"]:
            assert client.get(value["link"]).json()["count"] == value["count"]
        if found["null_link"] and found["null_count"]:
            assert client.get(found["null_link"]).json()["count"] == found["null_count"]


def test_several_fields_are_answered_in_their_order_with_numbers_as_numbers(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer("a"), [{"year": 2015, "category": "excavators"}, {"year": None, "category": "excavators"}])
    stock.many(stock.dealer("b"), [{"year": 2016, "category": None}])
    found = client.get("/v1/facets?field=year,dealer,category").json()["data"]
    assert [one["field"] for one in found] == ["year", "dealer", "category"]
    assert [(v["value"], v["count"]) for v in found[0]["values"]] == [(2015, 1), (2016, 1)]
    assert [(v["value"], v["count"]) for v in found[1]["values"]] == [("a", 2), ("b", 1)]
    assert found[2]["null_count"] == 1


def test_units_are_counted_with_dedup(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    twins = stock.many(dealer, [{"make": "Cat"}, {"make": "Cat"}])
    stock.unit(*twins)
    stock.unit(stock.listing(dealer, make="JCB"))
    assert [v["count"] for v in facet(client, "field=make")["values"]] == [2, 1]
    assert [v["count"] for v in facet(client, "field=make&dedup=unit")["values"]] == [1, 1]


def test_of_no_rows_there_is_nothing_to_count(client: TestClient) -> None:
    found = facet(client, "field=make")
    assert found["values"] == []
    assert (found["null_count"], found["distinct"], found["other_count"]) == (0, 0, 0)


def test_what_cannot_be_counted_is_refused_by_name(client: TestClient) -> None:
    for query, parameters in (
        ("", ["field"]),
        ("field=maek", ["field"]),
        ("field=price", ["field"]),
        ("field=make,make", ["field"]),
        ("field=images", ["field"]),
        ("field=make&limit=0", ["limit"]),
        ("field=make&sort=price", ["sort"]),
        ("field=maek&pirce__gte=3", ["field", "pirce__gte"]),
        ("field=make&dealer=nobody", ["dealer"]),
    ):
        answer = client.get(f"/v1/facets?{query}")
        assert answer.status_code == 422, query
        assert [error["parameter"] for error in answer.json()["errors"]] == parameters
    [error] = client.get("/v1/facets?field=maek").json()["errors"]
    assert error["did_you_mean"] == "make"


def test_ranges_over_mixed_amounts_warn_or_are_refused(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{"price": 10, "currency": "USD"}, {"price": 20, "currency": "EUR"}])
    answer = client.get("/v1/facets?field=make&price__gte=5").json()
    assert [warned["code"] for warned in answer["warnings"]] == ["mixed_currencies"]
    assert client.get("/v1/facets?field=make&price__gte=5&strict=1").status_code == 422

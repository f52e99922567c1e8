"""`strict=1` on exports: what would mislead is refused before the first byte, whatever the format."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.schemas.answers import ProblemDocument
from tests.api.stock import Stock

FORMATS = ("csv", "ndjson", "xlsx")
WAYS = [*(f".{name}?" for name in FORMATS), *(f"?format={name}&" for name in FORMATS), "?shape=array&"]


def _two_of_each(stock: Stock) -> None:
    dealer = stock.dealer()
    for number, (currency, unit) in enumerate((("USD", "kg"), ("USD", "kg"), ("EUR", "l"), (None, None))):
        known = {"price": 100 + number, "size_value": 5 + number} if currency else {}
        stock.unit(stock.listing(dealer, currency=currency, size_unit=unit, make="Komatsu", **known))


@pytest.mark.parametrize(
    ("name", "subject", "code", "counts", "told"),
    [
        ("listings", "price", "mixed_currencies", {"USD": 2, "EUR": 1}, "currency=USD"),
        ("units", "size_value", "mixed_size_units", {"kg": 2, "l": 1}, "size_unit=kg"),  # units have no price of one
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_what_is_mixed_is_refused_in_every_format(
    client: TestClient,
    stock: Stock,
    way: str,
    name: str,
    subject: str,
    code: str,
    counts: dict[str, int],
    told: str,
) -> None:
    _two_of_each(stock)
    export = f"/v1/{name}{way}"
    for query in (f"sort={subject}", f"sort=-{subject}", f"{subject}__gte=1"):
        refused = client.get(f"{export}{query}&strict=1")
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert ProblemDocument.model_validate(refused.json()).errors[0].parameter == query.partition("=")[0]
        (warning,) = refused.json()["warnings"]
        assert (warning["code"], warning["counts"]) == (code, counts)
        assert client.head(f"{export}{query}&strict=1").status_code == 422
    for fine in (f"sort={subject}", f"sort={subject}&{told}&strict=1", "make=Komatsu&strict=1"):
        assert client.get(f"{export}{fine}").status_code == 200, fine


@pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson"])
def test_mixed_currencies_are_refused_by_accept_too(client: TestClient, stock: Stock, accept: str) -> None:
    _two_of_each(stock)
    refused = client.get("/v1/listings?sort=-price&strict=1", headers={"Accept": accept})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:yardstick:problem:misleading")

"""Schemathesis over the OpenAPI document: no 5xx, no undocumented answer, nothing wrong accepted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import positive_data_acceptance

from api.app import create_app
from inventory.settings import Settings
from tests.api.stock import Stock


@pytest.fixture
def document(any_settings: Settings, stock: Stock) -> Iterator[schemathesis.BaseSchema]:
    dealer = stock.dealer("northside")
    same = {"make": None, "price": None, "currency": None}
    ids = stock.many(dealer, [same | {"price": 10, "currency": "USD"}, same | {"make": "Caterpillar"}])
    stock.details(ids[0], raw={"price": "$10"}, images=["a"])
    stock.event(ids[0], "listed", crawl_id=stock.crawl(dealer, fill={"price": 0.5}))
    stock.unit(*ids)
    other = stock.listing(dealer, make="Caterpillar")
    stock.unit(other)
    stock.pair(ids[1], other)
    app = create_app(any_settings)
    with TestClient(app):
        yield schemathesis.openapi.from_asgi("/openapi.json", app)


def test_every_answer_is_one_that_the_document_promises(
    document: schemathesis.BaseSchema, subtests: pytest.Subtests
) -> None:
    for found, mode in product(document.get_all_operations(), schemathesis.GenerationMode):
        operation = found.ok()
        if mode is schemathesis.GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters):
            continue  # nothing that could be wrong

        @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(mode))
        def check(case: schemathesis.Case) -> None:
            # What is right by its form can still name a dealer that is not there, or a cursor that nobody was given,
            # or one of near and within_km without the other.
            by_form_only = {"cursor", "since", "dealer", "strict", "near", "within_km", "breed"} & set(case.query or {})
            case.call_and_validate(excluded_checks=[positive_data_acceptance] if by_form_only else [])

        with subtests.test(f"{mode.value} {operation.label}"):
            check()

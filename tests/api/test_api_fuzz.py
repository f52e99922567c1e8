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

_BY_FORM_ONLY = frozenset(
    {"cursor", "since", "dealer", "strict", "near", "within_km", "breed", "as_of", "from", "to", "group_by"}
    | {"format", "shape", "bom", "sep", "decimal", "escape"}  # not all of them go with each other, or with a limit
)


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
            # A day that has not come, a column that a past day does not know, one column under two names; and of the
            # thing to compare with either make and model have to be said, or brand and weight.
            by_form_only = _BY_FORM_ONLY & set(case.query or {}) or case.operation.path == "/v1/comparables"
            case.call_and_validate(excluded_checks=[positive_data_acceptance] if by_form_only else [])

        with subtests.test(f"{mode.value} {operation.label}"):
            check()

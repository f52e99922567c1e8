"""Schemathesis over the OpenAPI document: no 5xx, no undocumented answer, nothing wrong accepted.

Every example goes to the app on SQLite and to the app on PostgreSQL: making one up costs more than asking it twice.
`make fuzz` asks many more of them (`FUZZ=thorough`, a profile of hypothesis), and makes one that fails small.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from typing import NamedTuple

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import positive_data_acceptance

from api.app import create_app
from inventory.settings import Settings
from tests.api.stock import Stock, stock_of

pytestmark = pytest.mark.long

settings.register_profile(
    "usual",
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
settings.register_profile("thorough", parent=settings.get_profile("usual"), max_examples=100, phases=list(Phase))

_BY_FORM_ONLY = frozenset(
    {"cursor", "since", "dealer", "strict", "near", "within_km", "breed", "as_of", "from", "to", "group_by"}
    | {"format", "shape", "bom", "sep", "decimal", "escape"}  # not all of them go with each other, or with a limit
)


class Fuzzed(NamedTuple):
    """The document, and who has to keep it: database → app."""

    document: schemathesis.BaseSchema
    apps: dict[str, FastAPI]


@pytest.fixture
def fuzzed(sqlite_settings: Settings, postgres_settings: Settings) -> Iterator[Fuzzed]:
    apps: dict[str, FastAPI] = {}
    with ExitStack() as stack:
        for name, given_settings in (("sqlite", sqlite_settings), ("postgresql", postgres_settings)):
            _fill(stack.enter_context(stock_of(given_settings)))
            apps[name] = create_app(given_settings)
            stack.enter_context(TestClient(apps[name]))
        one, other = (app.openapi() for app in apps.values())
        assert one == other  # so that examples made of the one are examples of the other
        yield Fuzzed(schemathesis.openapi.from_asgi("/openapi.json", apps["sqlite"]), apps)


def _fill(stock: Stock) -> None:
    dealer = stock.dealer("northside")
    same = {"make": None, "price": None, "currency": None}
    ids = stock.many(dealer, [same | {"price": 10, "currency": "USD"}, same | {"make": "Caterpillar"}])
    stock.details(ids[0], raw={"price": "$10"}, images=["a"])
    stock.event(ids[0], "listed", crawl_id=stock.crawl(dealer, fill={"price": 0.5}))
    stock.unit(*ids)
    other = stock.listing(dealer, make="Caterpillar")
    stock.unit(other)
    stock.pair(ids[1], other)


def test_every_answer_is_one_that_the_document_promises(fuzzed: Fuzzed, subtests: pytest.Subtests) -> None:
    for found, mode in product(fuzzed.document.get_all_operations(), schemathesis.GenerationMode):
        operation = found.ok()
        if mode is schemathesis.GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters):
            continue  # nothing that could be wrong

        @settings(settings.get_profile(os.environ.get("FUZZ", "usual")))
        @given(case=operation.as_strategy(mode))
        def check(case: schemathesis.Case) -> None:
            # What is right by its form can still name a dealer that is not there, or a cursor that nobody was given,
            # or one of near and within_km without the other.
            # A day that has not come, a column that a past day does not know, one column under two names; and of the
            # thing to compare with either make and model have to be said, or brand and weight.
            by_form_only = _BY_FORM_ONLY & set(case.query or {}) or case.operation.path == "/v1/comparables"
            for database, app in fuzzed.apps.items():
                try:
                    case.call_and_validate(app=app, excluded_checks=[positive_data_acceptance] if by_form_only else [])
                except BaseException as error:
                    error.add_note(f"on {database}")
                    raise

        with subtests.test(f"{mode.value} {operation.label}"):
            check()

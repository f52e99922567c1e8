"""The app over databases that the tests fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from inventory.settings import Settings
from tests.api.stock import Stock, stock_of


@pytest.fixture
def stock(any_settings: Settings) -> Iterator[Stock]:
    """What puts rows into the database that `client` reads."""
    with stock_of(any_settings) as stock:
        yield stock


@pytest.fixture
def client(any_settings: Settings) -> Iterator[TestClient]:
    """The app on SQLite, then on PostgreSQL."""
    with TestClient(create_app(any_settings)) as client:
        yield client


@pytest.fixture
def client_for() -> Iterator[Callable[..., TestClient]]:
    """Clients over databases that a test makes itself."""
    opened: list[TestClient] = []

    def make(settings: Settings, **options: Any) -> TestClient:
        client = TestClient(create_app(settings), **options)
        client.__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)

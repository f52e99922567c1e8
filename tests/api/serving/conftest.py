"""A Redis for the tests of what is kept and counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.redis import RedisServer, running_redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A running Redis, shared: keys hold the name of a test's own database."""
    with running_redis() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A running Redis that a test may stop."""
    with running_redis() as server:
        yield server

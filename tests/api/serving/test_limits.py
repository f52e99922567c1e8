"""The rate limit: 429 with what is left, by key or address, in Redis or in the process."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from api.schemas.answers import ProblemDocument
from api.serving.limits import MOST_CLIENTS, Counts, Limit, client_of
from inventory.settings import Settings, SettingsError, load_settings
from tests.servers.redis import RedisServer

ClientFor = Callable[..., TestClient]


def _left(header: str) -> int:
    found = re.fullmatch(r'"default";r=(\d+);t=(\d+)', header)
    assert found is not None
    assert int(found[2]) >= 1
    return int(found[1])


def test_each_answer_says_what_is_left_and_what_is_too_much_is_a_429(
    any_settings: Settings, client_for: ClientFor
) -> None:
    client = client_for(any_settings.model_copy(update={"api_rate_limit": "3/9999"}))
    for left in (2, 1, 0):
        answer = client.get("/v1/categories")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"default";q=3;w=9999'
        assert _left(answer.headers["ratelimit"]) == left
    refused = client.get("/v1/categories")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    document = ProblemDocument.model_validate(refused.json())
    assert document.type.endswith(":quota-exceeded")
    assert refused.json()["violated-policies"] == ["default"]
    assert client.get("/health").status_code == 200
    assert "ratelimit" not in client.get("/ready").headers


def test_a_304_costs_nothing(sqlite_settings: Settings, client_for: ClientFor) -> None:
    client = client_for(sqlite_settings.model_copy(update={"api_rate_limit": "2/9999"}))
    tag = client.get("/v1/categories").headers["etag"]
    for _ in range(5):
        again = client.get("/v1/categories", headers={"If-None-Match": tag})
        assert (again.status_code, _left(again.headers["ratelimit"])) == (304, 1)
    assert client.get("/v1/categories").status_code == 200
    assert client.get("/v1/categories").status_code == 429


def test_processes_that_share_a_redis_share_the_count_and_without_it_each_counts(
    sqlite_settings: Settings, own_redis: RedisServer, client_for: ClientFor
) -> None:
    shared = Settings(database_url=sqlite_settings.database_url, redis_url=own_redis.url, api_rate_limit="2/9999")  # type: ignore[arg-type]
    one, other = client_for(shared), client_for(shared)
    assert one.get("/v1/categories").status_code == 200
    assert other.get("/v1/categories").status_code == 200
    assert one.get("/v1/categories").status_code == 429
    own_redis.stop()
    assert [one.get("/v1/categories").status_code for _ in range(3)] == [200, 200, 429]


def test_the_processes_memory_of_clients_is_bounded() -> None:
    counts = Counts()
    for number in range(MOST_CLIENTS + 5):
        counts.add(7, str(number), 1)
    assert counts.add(7, "another", 1) == 6
    assert counts.add(7, "1", 1) == 2
    assert counts.add(8, "1", 1) == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "address 192.0.2.7"),
        ("2001:db8:1:2:3::4", "address 2001:db8:1:2::/64"),
        ("fe80::1%eth0", "address fe80::/64"),
    ],
)
def test_an_ipv6_client_is_its_network(address: str, counted: str) -> None:
    assert client_of({"client": (address, 1)}) == counted


@pytest.mark.parametrize("wrong", ["100", "0/60", "100/0", "x/y", "100/60/5", "-1/5"])
def test_a_limit_that_is_none_ends_the_start(wrong: str) -> None:
    with pytest.raises(SettingsError, match="API_RATE_LIMIT"):
        load_settings(api_rate_limit=wrong)
    assert Limit.parsed("") is None

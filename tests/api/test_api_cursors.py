"""Cursors that somebody wrote himself, and cursors that are used with another way to count."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from tests.api.stock import Stock


def _changed(cursor: str, **carried: Any) -> str:
    owner, values, said = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return urlsafe_b64encode(orjson.dumps([owner, values, {**said, **carried}])).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "carried",
    [
        {"begun": "0001-01-01T00:00:00Z"},
        {"begun": "2026-01-01T00:00:00"},
        {"begun": "nonsense"},
        {"counts": {"active": 2**63 - 1, "gone": 2**63 - 1}},
        {"counts": {"active": -5}},
        {"counts": {"active": "9" * 40}},
        {"without_position": 2**63},
        {"warnings": [1]},
    ],
)
@pytest.mark.parametrize("asked", ["limit=1", "limit=1&seen_within=30d"])
def test_what_a_forged_cursor_carries_is_counted_anew(
    client: TestClient, stock: Stock, asked: str, carried: dict[str, Any]
) -> None:
    stock.many(stock.dealer(), [{"last_seen": datetime.now(UTC)} for _ in range(3)])
    cursor = client.get(f"/v1/listings?{asked}").json()["next_cursor"]
    answer = client.get(f"/v1/listings?{asked}&cursor={_changed(cursor, **carried)}")
    assert answer.status_code == 200
    assert answer.json()["count"] == 3


def test_an_exact_count_that_is_asked_for_behind_a_cursor_is_exact(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{} for _ in range(3)])
    cursor = client.get("/v1/listings?limit=1&count=estimated").json()["next_cursor"]
    answer = client.get(f"/v1/listings?limit=1&count=exact&cursor={cursor}").json()
    assert (answer["count"], answer["count_kind"]) == (3, "exact")

"""Kept answers: never stale, shared through Redis, and a help that may fail."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from api.serving.near import OVERHEAD, Answer, Near
from inventory.settings import Settings
from tests.api.stock import Stock
from tests.servers.redis import RedisServer

ClientFor = Callable[..., TestClient]


def _with(settings: Settings, server: RedisServer, **more: object) -> Settings:
    return Settings(database_url=settings.database_url, redis_url=server.url, log_level="INFO", **more)  # type: ignore[arg-type]


def _cache(caplog: pytest.LogCaptureFixture) -> str:
    """What the last access line says of the cache."""
    lines = [record.getMessage() for record in caplog.records if record.name == "api.access"]
    return lines[-1].partition("cache=")[2].split(" ")[0]


def test_a_kept_answer_is_the_same_and_a_change_is_seen_at_once(
    any_settings: Settings,
    redis_server: RedisServer,
    client_for: ClientFor,
    stock: Stock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="api.access")
    client = client_for(_with(any_settings, redis_server))
    dealer = stock.dealer()
    for wanted in range(1, 4):
        stock.listing(dealer)
        first = client.get("/v1/listings")
        assert (first.json()["count"], _cache(caplog)) == (wanted, "-")
        # Anybody's transaction on the server is another version: the statistics collector's, once in a while.
        for _ in range(5):
            again = client.get("/v1/listings")
            if _cache(caplog) == "hit":
                break
            first = again
        assert _cache(caplog) == "hit"
        assert again.content == first.content
        for name in ("etag", "content-type", "content-encoding", "vary", "cache-control", "last-modified"):
            assert again.headers.get(name) == first.headers.get(name)
        assert again.headers["x-request-id"] != first.headers["x-request-id"]


def test_what_one_process_made_another_takes_from_redis(
    postgres_settings: Settings, redis_server: RedisServer, client_for: ClientFor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="api.access")
    one, other = (client_for(_with(postgres_settings, redis_server)) for _ in range(2))
    made = one.get("/v1/listings?limit=7")
    time.sleep(0.2)  # written in the background
    taken = other.get("/v1/listings?limit=7")
    assert (_cache(caplog), taken.content) == ("hit", made.content)


def test_kept_answers_end_by_themselves_and_large_ones_exports_errors_and_single_rows_are_not_kept(
    postgres_settings: Settings, own_redis: RedisServer, client_for: ClientFor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="api.access")
    client = client_for(_with(postgres_settings, own_redis, cache_ttl_s=77, cache_entry_kb=1))
    for path in ("/v1/listings.csv", "/v1/listings?x=1", "/v1/listings/5", "/openapi.json", "/health"):
        client.get(path)
        client.get(path)
        assert _cache(caplog) == "-", path
    client.get("/v1/categories", headers={"Accept-Encoding": "identity"})  # more than a kilobyte
    client.get("/v1/crawls")
    time.sleep(0.2)
    with Redis.from_url(own_redis.url) as redis:
        keys = redis.keys("*")
        assert len(keys) == 1
        assert 0 < redis.ttl(keys[0]) <= 77


def test_with_redis_gone_or_silent_answers_still_come_and_it_is_found_again(
    postgres_settings: Settings, own_redis: RedisServer, client_for: ClientFor, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_for(_with(postgres_settings, own_redis, cache_memory_mb=0))
    assert client.get("/v1/listings").status_code == 200
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert [client.get(f"/v1/listings?limit={n}").status_code for n in range(1, 6)] == [200] * 5
        assert time.monotonic() - started < 20
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    own_redis.stop()
    assert client.get("/v1/listings?limit=9").status_code == 200
    said = [record.getMessage() for record in caplog.records if record.name == "api.serving.redis_link"]
    assert any("going on without it" in line for line in said)
    assert not any(str(own_redis.port) in line for line in said)
    own_redis.start()
    client.app.state.redis._closed_until = 0  # type: ignore[attr-defined]  # the pause is over
    caplog.set_level("INFO", logger="api.access")
    client.get("/v1/listings?limit=10")
    time.sleep(0.2)
    client.get("/v1/listings?limit=10")
    assert _cache(caplog) == "hit"


def test_a_held_answer_that_is_kept_is_a_304(
    postgres_settings: Settings, redis_server: RedisServer, client_for: ClientFor
) -> None:
    client = client_for(_with(postgres_settings, redis_server))
    client.get("/v1/listings")
    time.sleep(1.1)  # of a second that is not over, Last-Modified says nothing
    first = client.get("/v1/listings?limit=2")
    content = first.headers["etag"].rstrip('"').rpartition("-")[2]
    assert client.get("/v1/listings?limit=2", headers={"If-None-Match": f'W/"old-{content}"'}).status_code == 304
    assert (
        client.get("/v1/listings?limit=2", headers={"If-Modified-Since": first.headers["last-modified"]}).status_code
        == 304
    )


def test_memory_is_bounded_and_what_is_asked_for_stays() -> None:
    near = Near(3 * (OVERHEAD + 10))
    for key in "abc":
        near.put(key, Answer([], b"0123456789"))
    near.get("a")
    near.put("d", Answer([], b"0123456789"))
    assert [key for key in "abcd" if near.get(key)] == ["a", "c", "d"]
    near.put("large", Answer([], b"x" * 10_000))
    assert near.get("large") is None


def test_a_packed_answer_is_the_answer() -> None:
    answer = Answer([(b"etag", b'W/"a-b"'), (b"link", b"<\xe9>")], b"\n{}\n\x00")
    assert Answer.unpacked(answer.packed()) == answer
    with pytest.raises(ValueError, match=r".*"):
        Answer.unpacked(b"not ours\nat all")


def test_nothing_is_kept_without_redis(client: TestClient) -> None:
    assert client.app.state.answers is None  # type: ignore[attr-defined]

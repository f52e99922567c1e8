"""The queue's Redis as the settings name it."""

from __future__ import annotations

from typing import Any, Final

from redis.exceptions import ResponseError
from scrapy.settings import BaseSettings

from crawler.frontier.queue import client
from inventory.settings import Settings, SettingsError

THROWS_AWAY: Final = (
    "REDIS_URL: this Redis throws away keys when it is full (maxmemory-policy {policy}), and the queue with them: "
    "give the queue one with noeviction"
)


def queue_redis(settings: Settings, of_scrapy: BaseSettings) -> Any:
    """A client for REDIS_URL with Scrapy's setting REDIS_PARAMS, which is the environment's or what `-s` says.

    Connects with its first question. Raises `SettingsError`.
    """
    assert settings.redis_url is not None
    try:
        parameters: dict[str, Any] = of_scrapy.getdict("REDIS_PARAMS")
    except ValueError:
        raise SettingsError("REDIS_PARAMS: is no JSON object") from None
    return client(settings.redis_url.get_secret_value(), **parameters)


async def unfit_for_a_queue(redis: Any) -> str | None:
    """Why a queue may be lost in this Redis, for a person; None where nothing says so, or it does not tell."""
    try:
        memory = await redis.info("memory")
    except ResponseError:  # not every user may ask
        return None
    policy = memory.get("maxmemory_policy", "noeviction")
    return THROWS_AWAY.format(policy=policy) if memory.get("maxmemory") and policy != "noeviction" else None

"""The queue's Redis as the settings name it."""

from __future__ import annotations

from typing import Any

from scrapy.settings import BaseSettings

from crawler.frontier.queue import client
from inventory.settings import Settings, SettingsError


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

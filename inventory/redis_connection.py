"""Redis as every part of Yardstick reaches it: by REDIS_URL, with REDIS_PARAMS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from inventory.settings import Settings, SettingsError


def check_redis(settings: Settings) -> None:
    """Raises `SettingsError` where REDIS_URL and REDIS_PARAMS cannot be used, whatever Redis would say."""
    if settings.redis_url is not None:
        connection_options(settings.redis_url.get_secret_value(), settings.redis_parameters, answer_s=1.0, name="check")


def connection_options(
    url: str, parameters: Mapping[str, Any], *, answer_s: float, name: str, **more: Any
) -> dict[str, Any]:
    """What redis-py's `from_url` is to be told beside the address. `name` is what the server's CLIENT LIST shows.

    No answer is waited for longer than `answer_s`, and none is asked for twice: that is for the caller. Nothing is
    connected. Raises `SettingsError` where no connection could be made so.
    """
    ours = {
        "socket_timeout": answer_s,
        "socket_connect_timeout": answer_s,
        "retry": Retry(NoBackoff(), 0),
        "client_name": name,
    }
    options = {**parameters, **ours, **more}
    try:
        ConnectionPool.from_url(url, **options).make_connection()
    except ValueError as error:
        raise SettingsError(f"REDIS_URL: {error}") from None
    except TypeError as error:
        what = str(error).rpartition("()")[2].strip()
        hint = " (rediss:// for TLS)" if "ssl" in what and not url.startswith("rediss:") else ""
        raise SettingsError(f"REDIS_PARAMS: {what}{hint}") from None
    parts = urlsplit(url)
    if parts.scheme != "unix" and parts.path.strip("/") and not parts.path.strip("/").isdecimal():
        raise SettingsError(f"REDIS_URL: {parts.path} is no number of a database")  # redis-py would take the first
    return options

"""The form of the crawler's log lines: text, or JSON with LOG_FORMAT=json; without secrets in both."""

from __future__ import annotations

import logging
from typing import Final

from pydantic import SecretStr
from scrapy.utils.log import get_scrapy_root_handler

from inventory.hiding import hidden
from inventory.log_lines import JsonLines
from inventory.settings import Settings

ADDRESSES: Final = frozenset({"database_url", "database_read_url", "redis_url"})
"""Secret settings of which only the password is: it is hidden wherever an address has one."""


class TextLines(logging.Formatter):
    """A line for a person."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        return hidden(super().format(record))


def set_up(settings: Settings, text_format: str, date_format: str) -> None:
    """Give Scrapy's handler its form. Scrapy makes a new one for each crawler: call it again then."""
    hidden.add(secrets_of(settings))
    handler = get_scrapy_root_handler()
    if handler is None:
        return
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines(text_format, date_format))


def secrets_of(settings: Settings) -> list[str]:
    """The values of settings that are secret in whole."""
    values = ((name, getattr(settings, name)) for name in type(settings).model_fields)
    found = [
        value.get_secret_value() for name, value in values if isinstance(value, SecretStr) and name not in ADDRESSES
    ]
    password = settings.redis_parameters.get("password")
    return [*found, password] if isinstance(password, str) else found

"""Which of Scrapy's log lines a crawl's log can do without."""

from __future__ import annotations

import logging
from typing import Final

from scrapy.settings import BaseSettings
from scrapy.utils.log import get_scrapy_root_handler

from inventory.log_lines import JsonLines
from inventory.settings import process_settings

_START_LISTS: Final = ("scrapy.addons", "scrapy.middleware", "scrapy.crawler", "scrapy.core.engine", "scrapy.utils.log")


class OnlyWarnings(logging.Filter):
    """Lets warnings and worse through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Logging's call."""
        return record.levelno >= logging.WARNING


class Nothing(logging.Filter):
    """Lets nothing through: somebody else says it better."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Logging's call."""
        return False


class OnceJson(logging.Filter):
    """Lets only warnings through until Scrapy's handler writes JSON: with it nothing is said in another form."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Logging's call."""
        handler = get_scrapy_root_handler()
        return record.levelno >= logging.WARNING or handler is None or isinstance(handler.formatter, JsonLines)


def only_json() -> None:
    """With LOG_FORMAT=json: leave out what Scrapy says of itself before its log has that form."""
    if process_settings().log_format == "json":
        for name in (*_START_LISTS, "alembic.runtime.migration", "asyncio"):
            logging.getLogger(name).addFilter(OnceJson())


def quieten() -> None:
    """Leave out lists of components, and why robots.txt or a page is not had: others say it, with no secret in it.

    Filters on the loggers themselves, because Scrapy configures levels anew for each crawler.
    """
    for name in _START_LISTS:
        logging.getLogger(name).addFilter(OnlyWarnings())
    for name in ("scrapy.downloadermiddlewares.robotstxt", "scrapy.core.downloader.handlers.http11"):
        logging.getLogger(name).addFilter(Nothing())


def quieten_command(settings: BaseSettings) -> None:
    """For commands that print what they find: no start lines, and unless LOG_LEVEL asks for more only warnings."""
    if settings["LOG_LEVEL"] == "INFO":
        settings.set("LOG_LEVEL", "WARNING", priority="cmdline")
    only_json()
    quieten()

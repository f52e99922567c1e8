"""Which of Scrapy's log lines a crawl's log can do without."""

from __future__ import annotations

import logging
from typing import Final

from scrapy.settings import BaseSettings

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
    quieten()

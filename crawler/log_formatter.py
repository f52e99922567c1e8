"""Log lines without the bulk: a listing by its title, not by its fields."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Self

from scrapy import logformatter, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.logformatter import LogFormatterResult
from twisted.python.failure import Failure

from crawler.log_lines import set_up
from inventory.settings import load_settings


class LogFormatter(logformatter.LogFormatter):
    """Scrapy's, with short lines for what happens once a listing; also sees to the form of all lines."""

    def __init__(self, form: Callable[[], None] = lambda: None) -> None:
        self._form = form

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor: the first thing that each crawler makes. Its handler is made anew after that."""
        form = partial(set_up, load_settings(), crawler.settings["LOG_FORMAT"], crawler.settings["LOG_DATEFORMAT"])
        formatter = cls(form)
        form()
        crawler.signals.connect(formatter.spider_opened, signals.spider_opened)
        return formatter

    def spider_opened(self) -> None:
        """Scrapy has made a new handler."""
        self._form()

    def scraped(self, item: Any, response: Response | Failure | None, spider: Any) -> LogFormatterResult:
        """One short line for those who debug; the store reports to the others."""
        return {
            "level": logging.DEBUG,
            "msg": "listing %(title)s %(url)s",
            "args": {"title": getattr(item, "title", None), "url": getattr(item, "url", None)},
        }

    def dropped(self, item: Any, exception: BaseException, response: Any, spider: Any) -> LogFormatterResult:
        """Why, and which address."""
        return {
            "level": logging.DEBUG,
            "msg": "dropped %(reason)s %(url)s",
            "args": {"reason": exception, "url": getattr(item, "url", None)},
        }

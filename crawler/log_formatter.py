"""Log lines without the bulk: a listing by its title, not by its fields."""

from __future__ import annotations

import logging
from typing import Any

from scrapy import logformatter
from scrapy.http import Response
from scrapy.logformatter import LogFormatterResult
from twisted.python.failure import Failure


class LogFormatter(logformatter.LogFormatter):
    """Scrapy's, with short lines for what happens once a listing."""

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

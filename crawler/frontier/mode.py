"""Which parts of the crawler differ where many processes share one queue. Read by crawler.settings: imports nothing."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

LOCAL: Final[dict[str, dict[str, int | None]]] = {
    "EXTENSIONS": {
        "crawler.tracking.crawl_book.CrawlBook": 100,
        "crawler.frontier.shared_book.SharedCrawlBook": None,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 100,
        "crawler.frontier.robots.RobotsByCrawl": None,
        "crawler.frontier.pace.Pace": None,
    },
    "ITEM_PIPELINES": {
        "pipelines.identify.Identify": 400,
        "crawler.frontier.claims.SharedIdentify": None,
        "crawler.frontier.claims.Claims": None,
    },
}
SHARED: Final[dict[str, dict[str, int | None]]] = {
    "EXTENSIONS": {
        "crawler.tracking.crawl_book.CrawlBook": None,
        "crawler.frontier.shared_book.SharedCrawlBook": 100,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "crawler.frontier.robots.RobotsByCrawl": 100,
        "crawler.frontier.pace.Pace": 950,  # the last: what passes it leaves at once
    },
    "ITEM_PIPELINES": {
        "pipelines.identify.Identify": None,
        "crawler.frontier.claims.SharedIdentify": 400,
        "crawler.frontier.claims.Claims": 450,
    },
}
LOCAL_SCHEDULER: Final = "crawler.frontier.local.LocalScheduler"
SHARED_SCHEDULER: Final = "crawler.frontier.distributed.DistributedScheduler"


def put_into(settings: MutableMapping[str, Any], *, shared: bool) -> None:
    """Set the parts of one mode in a mapping of Scrapy's settings, whose dictionaries are changed in place."""
    for name, parts in (SHARED if shared else LOCAL).items():
        settings[name].update(parts)
    settings["SCHEDULER"] = SHARED_SCHEDULER if shared else LOCAL_SCHEDULER

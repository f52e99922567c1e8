"""`scrapy work`: a worker that lives long, for both verticals: works at whatever is queued, until it is stopped."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Final

from scrapy.commands import ScrapyCommand

from crawler.dealers.errors import DealerFileError
from crawler.dealers.loading import load_dealers
from crawler.frontier.connecting import queue_redis
from crawler.frontier.redis_errors import QUEUE_LOCKED
from crawler.frontier.work_spider import WorkSpider
from crawler.log_filters import quieten
from crawler.platforms import PlatformError, platform_of
from inventory.database import NoDatabase, database
from inventory.engine import DatabaseUrlError
from inventory.schema import SchemaError
from inventory.settings import Settings, SettingsError, load_settings
from pipelines.outcomes import STORE_FAILED

STOPPED: Final = 0
WRONG_USE: Final = 2
NO_DATABASE: Final = 4


class Command(ScrapyCommand):
    """Checks the environment, then runs one crawler process that never ends by itself."""

    requires_project = True

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Work at the crawls that are queued (DISTRIBUTED), until stopped"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Work at the crawls that are queued in REDIS_URL (by `scrapy queue add`, or `scrapy crawl` with "
            "DISTRIBUTED=true), "
            "as one of any number of workers on any machines that share REDIS_URL, DATABASE_URL and DEALERS_DIR. "
            "SIGTERM: what is under way is finished, the rest given back. "
            "Exit status: 0 stopped, 2 wrong use, 4 Redis does not let us in, or the database cannot be used."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up: everything that can be wrong is found here."""
        super().process_options(args, opts)
        assert self.settings is not None
        if self.settings["LOG_LEVEL"] != "DEBUG":
            quieten()
        try:
            _check(args, load_settings())
            queue_redis(load_settings(), self.settings)
        except (DatabaseUrlError, DealerFileError, PlatformError, SchemaError, SettingsError, ValueError) as error:
            sys.stderr.write(f"scrapy work: {error}\n")
            sys.exit(WRONG_USE)
        except NoDatabase as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(NO_DATABASE)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        assert self.crawler_process
        crawler = self.crawler_process.create_crawler(WorkSpider)
        self.crawler_process.crawl(crawler)
        self.crawler_process.start()
        lost = crawler.stats is not None and crawler.stats.get_value("finish_reason") in (STORE_FAILED, QUEUE_LOCKED)
        self.exitcode = NO_DATABASE if lost or self.crawler_process.bootstrap_failed else STOPPED


def _check(args: list[str], settings: Settings) -> None:
    if args:
        raise ValueError(f"{args[0]!r}: takes no arguments; what is to be crawled is queued by `scrapy queue add`")
    if not settings.distributed:
        raise ValueError("DISTRIBUTED is not true: there is no queue to work at (docs/distributed.md)")
    dealers = load_dealers(settings.dealers_dir, os.environ)
    for dealer in dealers.values():
        platform_of(dealer)
    strangers = [dealer.name for dealer in dealers.values() if not dealer.on_loopback]
    if strangers and not settings.contact:
        raise ValueError(f"CONTACT is not set: an e-mail address or URL by which {strangers[0]} and others reach you")
    database(settings).dispose()

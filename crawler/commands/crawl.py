"""`scrapy crawl`: Scrapy's command, with everything checked before a request is sent and an exit status that tells."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, Final

from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler
from scrapy.spiderloader import get_spider_loader

from crawler.dealers.declaration import Dealer
from crawler.dealers.errors import DealerFileError, UnknownDealerName, did_you_mean
from crawler.dealers.loading import load_dealers
from crawler.frontier.connecting import queue_redis
from crawler.frontier.mode import LOCAL, put_into
from crawler.frontier.shared_book import SharedCrawlBook
from crawler.log_filters import only_json, quieten
from crawler.platforms import PlatformError, platform_of
from crawler.spiders.arguments import ArgumentError, narrowing_of
from crawler.spiders.base import DealerSpider
from crawler.spiders.due import due_of
from crawler.spiders.plan import Planned, plan
from crawler.tracking.crawl_book import CrawlBook
from crawler.tracking.job import WrongJob, about, prepared
from inventory.database import NoDatabase, database
from inventory.engine import DatabaseUrlError
from inventory.schema import SchemaError
from inventory.settings import Settings, SettingsError, load_settings
from pipelines.images import ImagesError, check_store

HEALTHY: Final = 0
WRONG_USE: Final = 2
SOME_FAILED: Final = 3
NONE_USABLE: Final = 4


_CANNOT_START = (
    ArgumentError,
    DatabaseUrlError,
    DealerFileError,
    ImagesError,
    PlatformError,
    SchemaError,
    SettingsError,
    UnknownDealerName,
    WrongJob,
)


class Command(BaseRunSpiderCommand):
    """Checks arguments, dealer files and the database, then runs the spider."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        arguments = ("dealer=A,B", "category=SLUG,…", "limit=N", "dry_run=1", "fresh=1", "retry=1", "due=1")
        return " ".join(["[options] equipment|dog", *(f"[-a {argument}]" for argument in arguments)])

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Crawl the dealers of a vertical: equipment or dog"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Crawl the dealers of a vertical (equipment or dog) into DATABASE_URL. "
            "-a dealer=A,B and -a category=SLUG narrow it; -a limit=N stops after N listings a dealer; "
            "-a dry_run=1 prints listings with their provenance and stores nothing; -a fresh=1 reads every page again, "
            "changed or not; -O FILE.jsonl does so too and writes the listings to a file as well; "
            "-a retry=1 asks only for what failed in each dealer's last crawl; "
            "-a due=1 crawls only dealers whose last crawl began as long ago as their file's `every` says. "
            "Dealer files stand in DEALERS_DIR. "
            "Exit status: 0 every dealer healthy, 3 some not, 4 none, 2 wrong use."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up: everything that can be wrong is found here."""
        super().process_options(args, opts)
        assert self.settings is not None
        only_json()
        if self.settings["LOG_LEVEL"] != "DEBUG":
            quieten()
        feeds = self.settings.getdict("FEEDS")
        for feed in feeds.values():  # pages are items as well, and no listings
            feed.setdefault("item_classes", ["inventory.listing.Listing"])
        self.settings.set("FEEDS", feeds, priority="cmdline")
        try:
            self._spider = self._chosen_spider(args)
            self._narrowing = narrowing_of(opts.spargs)
            if feeds and load_settings().distributed and not self._narrowing.dry_run:
                raise ArgumentError("-O: this process sees a part of the listings only; set DISTRIBUTED=false for it")
            self._planned = self._plan(load_settings())
            check_store(load_settings().images_store)
            if self._narrowing.dry_run:
                self._dry_run()
            else:
                if load_settings().distributed:
                    queue_redis(load_settings(), self.settings)
                _prepare_database(load_settings())
            if self._narrowing.due:
                self._only_due()
            if self.settings["JOBDIR"]:
                self._prepare_job(opts.spargs)
        except _CANNOT_START as error:
            sys.stderr.write(f"scrapy crawl: {error}\n")
            sys.exit(WRONG_USE)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        assert self.crawler_process
        crawler = self._create_crawler(self._spider.name)
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        self.exitcode = NONE_USABLE if self.crawler_process.bootstrap_failed else _exit_status(crawler, self._planned)

    def _chosen_spider(self, args: list[str]) -> type[DealerSpider]:
        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        names = sorted(loader.list())
        if len(args) != 1:
            raise ArgumentError(f"say one vertical to crawl: {' or '.join(names)}")
        if args[0] not in names:
            raise ArgumentError(f"no spider {args[0]!r}{did_you_mean(args[0], names)}; there are {' and '.join(names)}")
        spider = loader.load(args[0])
        assert issubclass(spider, DealerSpider)
        return spider

    def _plan(self, settings: Settings) -> list[Planned]:
        dealers = load_dealers(settings.dealers_dir, os.environ)
        planned = plan(dealers, self._spider.vertical, self._narrowing)
        if not planned:
            raise ArgumentError(_nothing_to_crawl(dealers, self._spider.vertical, settings))
        for entry in planned:
            platform_of(entry.dealer)
        strangers = [entry.dealer.name for entry in planned if not entry.dealer.on_loopback]
        if strangers and not settings.contact:
            raise ArgumentError(
                f"CONTACT is not set: say an e-mail address or URL by which {', '.join(strangers[:3])} can reach you "
                "(it goes into the User-Agent), e.g. CONTACT=you@example.com"
            )
        return planned

    def _prepare_job(self, arguments: dict[str, str]) -> None:
        assert self.settings is not None
        narrowing = self._narrowing
        if load_settings().distributed:
            raise ArgumentError("JOBDIR: a shared queue keeps what is queued by itself; leave it out")
        if narrowing.limit or narrowing.dry_run or narrowing.retry or narrowing.due or self.settings.getdict("FEEDS"):
            raise ArgumentError("JOBDIR: a run with limit, dry_run, retry, due or -O is not paused; leave it out")
        dealers = [entry.dealer for entry in self._planned]
        folder = prepared(Path(self.settings["JOBDIR"]), about(self._spider.name, arguments, dealers))
        self.settings.set("JOBDIR", str(folder), priority="cmdline")

    def _only_due(self) -> None:
        if self._narrowing.dry_run:
            raise ArgumentError("-a due=1: a dry run leaves nothing behind by which a dealer could be due")
        self._planned = due_of(self._planned, load_settings())
        if not self._planned:
            sys.stderr.write("scrapy crawl: nothing is due\n")
            sys.exit(HEALTHY)

    def _dry_run(self) -> None:
        assert self.settings is not None
        self.settings.set("DRY_RUN", True, priority="cmdline")
        alone: dict[str, Any] = {name: self.settings.getdict(name) for name in LOCAL}
        put_into(alone, shared=False)  # nothing is queued for others
        for name, value in alone.items():
            self.settings.set(name, value, priority="cmdline")
        pipelines = self.settings.getdict("ITEM_PIPELINES") | {"pipelines.show.Show": 900}
        pipelines.pop("pipelines.store.Store")
        self.settings.set("ITEM_PIPELINES", pipelines, priority="cmdline")


def _nothing_to_crawl(dealers: dict[str, Dealer], vertical: str, settings: Settings) -> str:
    if not dealers:
        return (
            f"no dealer file in {settings.dealers_dir}/: write one (docs/adding-a-dealer.md), "
            "or try the demo dealers with `make run`"
        )
    return f"no dealer of {settings.dealers_dir}/ is of {vertical!r} and has a section that was asked for"


def _prepare_database(settings: Settings) -> None:
    try:
        database(settings).dispose()
    except NoDatabase as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(NONE_USABLE)


def _exit_status(crawler: Crawler, planned: list[Planned]) -> int:
    book = crawler.get_extension(CrawlBook)
    if book is None:
        return NONE_USABLE
    if isinstance(crawler.spider, DealerSpider):
        planned = crawler.spider.planned  # others may have crawled since what was due a moment before
    outcomes = [verdict.outcome for verdict in book.closed.values()]
    if book.left and isinstance(book, SharedCrawlBook) and book.queue_ledger.away_s:
        return NONE_USABLE  # no database
    if book.left or any(not crawl.ended for crawl in book.crawls.values()):
        return SOME_FAILED  # paused
    nothing_to_do = (*book.nothing_failed, *book.done_before, *book.not_due)
    missing = len(planned) - len(outcomes) - len(book.skipped) - len(nothing_to_do)
    if not outcomes and book.skipped:
        return SOME_FAILED  # nothing was crawled: a schedule that waits for the next day must hear of it
    if all(outcome == "healthy" for outcome in outcomes) and not missing:
        return HEALTHY
    return SOME_FAILED if "healthy" in outcomes else NONE_USABLE

"""A job that can be paused: with JOBDIR, what is queued stands on disk, and the account of each open crawl beside it.

Ctrl-C once (or SIGTERM) ends what is under way, writes the job down and leaves its crawls open; the same command goes
on with them. A job that was killed cannot be taken up: the next run begins anew, and what is stored stays stored.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.frontier.account import flat
from crawler.tracking.crawl_book import crawl_book_of
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.paused import PausedCrawl
from crawler.tracking.tracker import HOLD
from inventory.pages import digest

logger = logging.getLogger(__name__)

FOLDER: Final = "run"
"""Below JOBDIR, and ours alone: it is removed when the job is done."""

FILE: Final = "crawls.json"
PAUSED_BY: Final = "shutdown"
"""Scrapy's reason for the end of a run that a signal stopped."""


class WrongJob(ValueError):
    """A paused job is not the one that is asked for now; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """What stands in the file."""

    about: str
    paused: bool = False
    done: list[str] = field(default_factory=list)
    crawls: dict[str, PausedCrawl] = field(default_factory=dict)


def about(vertical: str, arguments: Mapping[str, str], dealers: Iterable[Any]) -> str:
    """By what a job is known again: what was asked for, and the dealer files."""
    return digest([vertical, dict(arguments), [dealer.model_dump(mode="json") for dealer in dealers]])


def prepared(jobdir: Path, wanted: str) -> Path:
    """The folder of the job, with a paused one in it or a new one. Raises `WrongJob`."""
    folder = jobdir / FOLDER
    account = read_account(folder)
    if account is not None and account.paused:
        if account.about != wanted:
            raise WrongJob(f"JOBDIR {jobdir} holds a paused job of other arguments or dealer files; remove it to begin")
        return folder
    if folder.exists():
        logger.warning("the job in %s was not paused but broken off: it begins anew", jobdir)
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    _write(folder, Account(wanted))
    return folder


def read_account(folder: Path) -> Account | None:
    """The account in a job's folder; None where there is none that can be read."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        crawls = {name: PausedCrawl(**crawl) for name, crawl in said.pop("crawls").items()}
        return Account(**said, crawls=crawls)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


class Job:
    """The job of this run: `paused` crawls to go on with, dealers that are `done`. Not there without JOBDIR."""

    def __init__(self, crawler: Crawler, folder: Path, account: Account) -> None:
        self._crawler = crawler
        self._folder = folder
        self._about = account.about
        self.done = frozenset(account.done)
        self.paused = account.crawls

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Job:
        """Scrapy's constructor. From here on the job counts as broken off until it is paused again."""
        folder = Path(crawler.settings["JOBDIR"] or "")
        account = read_account(folder) if crawler.settings["JOBDIR"] else None
        if account is None:
            raise NotConfigured
        job = cls(crawler, folder, account)
        _write(folder, Account(account.about))
        crawler.signals.connect(job.spider_opened, signals.spider_opened)
        crawler.signals.connect(job.spider_closed, signals.spider_closed)
        return job

    def spider_opened(self) -> None:
        """Have crawls left open where a signal ends the run."""
        crawl_book_of(self._crawler).pauses = True

    def spider_closed(self, reason: str) -> None:
        """Write the job down, or clear it away."""
        book = crawl_book_of(self._crawler)
        if reason != PAUSED_BY:
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        going = {name: _paused(crawl) for name, crawl in book.crawls.items() if book.is_paused(crawl, reason)}
        done = sorted(self.done | (book.crawls.keys() - going.keys()))
        waiting = {name: crawl for name, crawl in self.paused.items() if name not in book.crawls}
        _write(self._folder, Account(self._about, paused=True, done=done, crawls=waiting | going))
        logger.info("paused: the same command with the same JOBDIR goes on")


def job_of(crawler: Crawler) -> Job | None:
    """The job of a run, if it can be paused."""
    return crawler.get_extension(Job)


def _paused(crawl: DealerCrawl) -> PausedCrawl:
    assert crawl.crawl_id is not None
    return PausedCrawl(
        crawl_id=crawl.crawl_id,
        sections=list(crawl.sections),
        seconds=crawl.seconds,
        counted=flat(crawl),
        open=[token for token in crawl.open if token != HOLD],
        begun=HOLD not in crawl.open,
    )


def _write(folder: Path, account: Account) -> None:
    """In one step: a file that is half written would lose the job."""
    new = folder / f"{FILE}.new"
    new.write_text(json.dumps(asdict(account)), encoding="utf-8")
    new.replace(folder / FILE)

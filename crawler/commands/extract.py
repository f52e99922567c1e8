"""`scrapy extract`: what the extractor sees in saved or live pages, one JSON object a line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from scrapy.commands import ScrapyCommand

from crawler.extraction.report import page_report
from crawler.fetching.asking import Ask, Asking, NotFetched, delay_between_s, on_loopback
from crawler.log_filters import quieten
from crawler.saved_pages import SavedPageError, read_saved
from inventory.listing import VERTICALS
from inventory.settings import SettingsError, load_settings

DONE: Final = 0
WRONG_USE: Final = 2
SOME_UNREADABLE: Final = 3


class Command(ScrapyCommand):
    """Files are read at once; addresses are asked for as politely as in a crawl."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] FILE|URL …"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Print what the extractor sees in saved pages or URLs, as JSON lines"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Print one JSON object a line: file or url, a listing's fields, and their provenance. Reads .html, "
            ".html.gz and .har files, and http(s) addresses (robots.txt is obeyed). "
            "Exit status: 0 done, 3 something could not be read, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--url", metavar="URL", help="the address that a saved file was fetched from")
        parser.add_argument("--vertical", choices=VERTICALS, help="apply what holds for this vertical")
        parser.add_argument("--currency", metavar="CODE", help="the currency where a page names none")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up."""
        super().process_options(args, opts)
        assert self.settings is not None
        if self.settings["LOG_LEVEL"] == "INFO":
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")
        quieten()
        live = [arg for arg in args if is_web_address(arg)]
        problem = "name at least one file or URL" if not args else None
        if opts.url and (live or len(args) != 1):
            problem = "--url goes with one file"
        try:
            if live and not load_settings().contact and not all(map(on_loopback, live)):
                problem = "CONTACT is not set: an e-mail address or URL by which a dealer can reach you"
        except SettingsError as error:
            problem = str(error)
        if problem:
            sys.stderr.write(f"scrapy extract: {problem}\n")
            sys.exit(WRONG_USE)
        self.requires_crawler_process = bool(live)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        live = [arg for arg in args if is_web_address(arg)]
        for file in (arg for arg in args if not is_web_address(arg)):
            for line in self._saved(Path(file), opts):
                _print(line)
        if live:
            self._fetch(live, opts)

    def _saved(self, file: Path, opts: argparse.Namespace) -> Iterator[dict[str, Any]]:
        today = datetime.now(UTC).date()
        try:
            for page in read_saved(file):
                url = page.url or opts.url or ""
                said = page_report(url, page.body, page.content_type, opts.vertical, today, opts.currency)
                yield {"file": page.file} | ({"url": url} if url else {}) | said
        except SavedPageError as error:
            sys.stderr.write(f"scrapy extract: {error}\n")
            self.exitcode = SOME_UNREADABLE

    def _fetch(self, urls: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process
        today = datetime.now(UTC).date()

        async def talk(ask: Ask) -> None:
            for url in urls:
                try:
                    page = await ask(url)
                except NotFetched as error:
                    sys.stderr.write(f"scrapy extract: {error}\n")
                    self.exitcode = SOME_UNREADABLE
                    continue
                said = page_report(page.url, page.body, page.content_type, opts.vertical, today, opts.currency)
                _print({"url": page.url} | said)

        delay_s = delay_between_s(urls, load_settings().download_delay_s)
        self.crawler_process.crawl(Asking, talk=talk, delay_s=delay_s)
        self.crawler_process.start()


def is_web_address(text: str) -> bool:
    """Whether an argument is an address rather than a file."""
    return text.startswith(("http://", "https://"))


def _print(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE))
    try:
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)

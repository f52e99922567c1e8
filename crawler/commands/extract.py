"""`scrapy extract`: what the extractor sees in saved or live pages, one JSON object a line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args

from scrapy.commands import ScrapyCommand

from crawler.dealers.declaration import Dealer
from crawler.dealers.errors import DealerFileError
from crawler.dealers.loading import load_dealers
from crawler.extraction.page import NotAPage, Page
from crawler.extraction.report import page_report
from crawler.extraction.shell import needs_browser
from crawler.fetching.asking import Answer, Ask, Asking, NotFetched, delay_between_s, out_of_our_reach
from crawler.fetching.asking_dealers import AskingDealers
from crawler.fetching.asking_pages import Render, owners_of
from crawler.fetching.web_address import looks_like_web_address, web_address
from crawler.log_filters import quieten_command
from crawler.saved_pages import SavedPageError, read_saved
from inventory.listing import VERTICALS
from inventory.settings import SettingsError, load_settings
from pipelines.parsing.currencies import currency_code
from pipelines.standard_output import put_json

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
            ".html.gz and .har files, and http(s) addresses (robots.txt is obeyed). An address whose host a file in "
            "DEALERS_DIR names is asked for as that file's `render` says; --render says so for all of them. "
            "Exit status: 0 done, 3 something could not be read, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--url", metavar="URL", help="the address that a saved file was fetched from")
        parser.add_argument("--vertical", choices=VERTICALS, help="apply what holds for this vertical")
        parser.add_argument("--currency", metavar="CODE", help="the currency where a page names none")

        parser.add_argument(
            "--render",
            choices=get_args(Render),
            help="draw addresses by a browser; auto: those that are empty without one (default: as a dealer's file)",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up."""
        super().process_options(args, opts)
        assert self.settings is not None
        quieten_command(self.settings)
        problem = problem_with(args, opts)
        if problem:
            sys.stderr.write(f"scrapy extract: {problem}\n")
            sys.exit(WRONG_USE)
        self.requires_crawler_process = any(map(looks_like_web_address, args))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        for file in (arg for arg in args if not looks_like_web_address(arg)):
            if not all(map(put_json, self._saved(Path(file), opts))):
                return  # `| head` has seen enough
        if live := [url for arg in args if (url := web_address(arg))]:
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
        ended: list[str] = []
        owners = owners_of(urls, opts.render, _known_dealers())

        async def talk(ask: Ask, asked: Iterable[str] = urls) -> None:
            for url in asked:
                try:
                    page = await ask(url)
                except NotFetched as error:
                    sys.stderr.write(f"scrapy extract: {error}\n")
                    self.exitcode = SOME_UNREADABLE
                    ended.append(url)
                    continue
                said = page_report(page.url, page.body, page.content_type, opts.vertical, today, opts.currency)
                if "no_listing" in said and owners[url].render == "never" and (shell := _shell(page)):
                    sys.stderr.write(f"scrapy extract: {page.url}: {shell}; --render auto draws it by a browser\n")
                ended.append(url)
                if not put_json({"url": page.url} | said):
                    ended[:] = urls
                    return

        async def talk_with(dealer: Dealer, ask: Ask) -> None:
            await talk(ask, [url for url in urls if owners[url].name == dealer.name])

        delay_s = load_settings().download_delay_s
        if any(owner.render != "never" for owner in owners.values()):
            dealers = {owner.name: owner for owner in owners.values()}.values()
            self.crawler_process.crawl(AskingDealers, talk_with=talk_with, dealers=dealers, default_delay_s=delay_s)
        else:
            self.crawler_process.crawl(Asking, talk=talk, delay_s=delay_between_s(urls, delay_s))
        self.crawler_process.start()
        if len(ended) < len(urls):
            missing = next(url for url in urls if url not in ended)
            sys.stderr.write(f"scrapy extract: broken off before {missing}\n")
            self.exitcode = SOME_UNREADABLE


def _known_dealers() -> list[Dealer]:
    """Of DEALERS_DIR; none where a file there cannot be read: that is no matter of the page that was named."""
    try:
        return list(load_dealers(load_settings().dealers_dir, os.environ).values())
    except DealerFileError:
        return []


def _shell(page: Answer) -> str | None:
    """Why the page is empty without a browser; None where it is not."""
    try:
        return needs_browser(Page(page.url, page.body, page.content_type, page.encoding))
    except NotAPage:
        return None


def problem_with(args: list[str], opts: argparse.Namespace) -> str | None:
    """What is wrong with the arguments, before anything is read or asked for."""
    live = [arg for arg in args if looks_like_web_address(arg)]
    if not args:
        return "name at least one file or URL"
    if opts.url and (live or len(args) != 1):
        return "--url goes with one file"
    if strange := next((arg for arg in [*live, opts.url] if arg and not web_address(arg)), None):
        return f"{strange!r} is no web address"
    if opts.currency and currency_code(opts.currency) != opts.currency:
        return f"--currency {opts.currency}: is no ISO 4217 code such as EUR"
    try:
        return out_of_our_reach(live, load_settings().contact)
    except SettingsError as error:
        return str(error)

"""`scrapy probe`: looks at a site and writes the dealer file for it."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.text import Text
from scrapy.commands import ScrapyCommand

from crawler.fetching.asking import Ask, Asking, delay_between_s, out_of_our_reach
from crawler.fetching.web_address import web_address
from crawler.log_filters import quieten_command
from crawler.probing.draft import Undecided
from crawler.probing.facts import name_of
from crawler.probing.probe import Findings, Wanted, probe
from crawler.probing.report import as_json, tables
from crawler.probing.site import DEFAULT_MAX_REQUESTS, Site
from crawler.probing.writing import as_toml, write_new
from inventory.listing import VERTICALS
from inventory.settings import SettingsError, load_settings
from pipelines.standard_output import put, put_json

WRITTEN: Final = 0
WRONG_USE: Final = 2
UNDECIDED: Final = 3
LEAST_REQUESTS: Final = 20
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


class Command(ScrapyCommand):
    """One site, asked as politely as in a crawl."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] URL"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Look at a dealer's site and write its dealer file"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Look at a site as a person would who adds it: robots.txt, sitemaps, the shop engine, the sections and "
            "their categories, how pages follow each other, whether its pages need a browser (none is started), and a "
            "handful of listings. Prints what each field would "
            "be, how often it was found and what is left to a person (tables on a terminal, one JSON object when "
            "piped), and writes NAME.toml into DEALERS_DIR, never over an existing file. robots.txt and Crawl-delay "
            "are obeyed. Exit status: 0 written, 2 wrong use or the file exists, 3 nothing was written, and why."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--name", help="small letters, digits, - and _ (default: from the address)")
        parser.add_argument("--vertical", choices=VERTICALS, help="what it sells, where its words do not tell")
        parser.add_argument("--out", metavar="DIR", help="folder of the file (default: DEALERS_DIR)")
        parser.add_argument(
            "--max-requests",
            type=int,
            default=DEFAULT_MAX_REQUESTS,
            metavar="N",
            help=f"ask for no more addresses (default {DEFAULT_MAX_REQUESTS}, at least {LEAST_REQUESTS})",
        )
        parser.add_argument("--dry-run", action="store_true", help="print the file on standard output, write nothing")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up."""
        super().process_options(args, opts)
        assert self.settings is not None
        quieten_command(self.settings)
        problem = problem_with(args, opts)
        if problem:
            sys.stderr.write(f"scrapy probe: {problem}\n")
            sys.exit(WRONG_USE)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        assert self.crawler_process
        assert self.settings is not None
        url = home_of(args[0])
        assert url is not None
        wanted = Wanted(url, opts.name or name_of(url), opts.vertical)
        agent = str(self.settings["USER_AGENT"])
        shown = _Shown(opts.max_requests)
        outcome: list[tuple[Findings, Site] | Undecided] = []

        async def talk(ask: Ask) -> None:
            site = Site(ask, opts.max_requests, shown.asking)
            try:
                outcome.append((await probe(site, wanted, agent, datetime.now(UTC).date(), shown.stage), site))
            except Undecided as why:
                outcome.append(why)

        delay_s = delay_between_s([url], load_settings().download_delay_s)
        self.crawler_process.crawl(Asking, talk=talk, delay_s=delay_s)
        with shown:
            self.crawler_process.start()
        if not outcome or isinstance(outcome[0], Undecided):
            said = outcome[0] if outcome else "broken off; nothing was written"
            sys.stderr.write(f"scrapy probe: {url}: {said}\n")
            self.exitcode = UNDECIDED
            return
        self.exitcode = _tell(*outcome[0], _file(opts, wanted.name), dry_run=opts.dry_run)


class _Shown:
    """Progress on standard error: a live line on a terminal, a line a step elsewhere."""

    def __init__(self, max_requests: int) -> None:
        console = Console(stderr=True)
        self._status: Status | None = console.status("") if console.is_terminal else None
        self._max = max_requests
        self._asked = 0
        self._step = ""

    def stage(self, text: str) -> None:
        """The next step begins."""
        self._step = text
        if self._status is None:
            sys.stderr.write(f"probe: {text} ({self._asked} requests so far)\n")

    def asking(self, url: str) -> None:
        """An address is asked for."""
        self._asked += 1
        if self._status is not None:
            shown = f"{self._step} · {self._asked} of at most {self._max} · {url[:80]}"
            self._status.update(Text(shown))  # no markup: what stands in a site's addresses is the site's

    def __enter__(self) -> None:
        if self._status is not None:
            self._status.start()

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()


def _tell(found: Findings, site: Site, file: Path, *, dry_run: bool) -> int:
    """Write the file, then say what was found. Returns the exit status."""
    toml = as_toml(found.file)
    if not dry_run:
        try:
            write_new(file, toml)
        except OSError as error:
            sys.stderr.write(f"scrapy probe: {file}: {error.strerror}; what was found goes to standard output\n")
            put(toml.encode())
            return WRONG_USE
    if dry_run:
        if sys.stderr.isatty():
            Console(stderr=True).print(tables(found, site))
        put(toml.encode())
    elif sys.stdout.isatty():
        Console().print(tables(found, site))
    else:
        put_json(as_json(found, site, toml, str(file)))
    if not dry_run:
        name, vertical = found.dealer.name, found.dealer.vertical
        elsewhere = file.parent.resolve() != load_settings().dealers_dir.resolve()
        where = f"DEALERS_DIR={shlex.quote(str(file.parent))} " if elsewhere else ""
        sys.stderr.write(
            f"{file} written; {len(found.undecided)} things are left to you. Look at what would be stored:\n"
            f"  {where}scrapy crawl {vertical} -a dealer={name} -a limit=5 -a dry_run=1\n"
        )
    return WRITTEN


def problem_with(args: list[str], opts: argparse.Namespace) -> str | None:
    """What is wrong with the arguments, before anything is asked for."""
    if len(args) != 1:
        return "name one address"
    url = home_of(args[0])
    if url is None:
        return f"{args[0]!r} is no web address"
    name = opts.name or name_of(url)
    if not _NAME.fullmatch(name):
        return f"{name!r}: small letters, digits, - and _ only"
    if opts.max_requests < LEAST_REQUESTS:
        return f"--max-requests: at least {LEAST_REQUESTS}"
    try:
        file = _file(opts, name)
        if missing := out_of_our_reach([url], load_settings().contact):
            return missing
    except SettingsError as error:
        return str(error)
    if not opts.dry_run and not file.parent.is_dir():
        return f"{file.parent}: no such folder"
    if not opts.dry_run and not os.access(file.parent, os.W_OK):
        return f"{file.parent}: nothing may be written there"
    if not opts.dry_run and file.exists():
        return f"{file} exists; it is not written over. Choose another --name, or look with --dry-run"
    return None


def _file(opts: argparse.Namespace, name: str) -> Path:
    folder = Path(opts.out) if opts.out else load_settings().dealers_dir
    return folder / f"{name}.toml"


def home_of(text: str) -> str | None:
    """What the person typed as an address: `acme.example` is https://acme.example/; None for what is none."""
    url = web_address(text if "://" in text else f"https://{text}")
    return url + "/" if url and url.count("/") == 2 else url

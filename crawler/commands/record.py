"""`scrapy record`: stores a few pages of a dealer and what is read from them, as fixtures that the tests discover."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from scrapy.commands import ScrapyCommand

from crawler.checking.choosing import CannotCheck, may_ask
from crawler.checking.looking import Looked
from crawler.dealers.declaration import Dealer
from crawler.dealers.errors import DealerFileError, UnknownDealerName
from crawler.dealers.loading import choose, dealer_files, load_dealer
from crawler.fetching.asking import Answer, Ask
from crawler.fetching.asking_dealers import AskingDealers
from crawler.fetching.web_address import web_address
from crawler.log_filters import quieten_command
from crawler.platforms import PlatformError, platform_of
from crawler.recording.choosing import pages_to_record
from crawler.recording.fixture import Fixture, write_fixture
from crawler.recording.naming import folder_name
from crawler.reports.record import record_table
from inventory.settings import Settings, SettingsError, load_settings
from pipelines.standard_output import put_json

DONE: Final = 0
WRONG_USE: Final = 2
SOME_NOT_RECORDED: Final = 3

FOLDER: Final = Path(__file__).parents[2] / "tests" / "recorded" / "pages"
MAX_BYTES: Final = 5_000_000
"""A larger page is no fixture: the tests' folder is kept in version control."""

CHECK_THEM: Final = (
    "Compare each value with its page. What is wrong is what the extractor reads wrong: correct it by hand in "
    "expected.json before you commit it, and the tests fail until it is read right."
)


class Command(ScrapyCommand):
    """Asks as politely as a crawl, writes nothing over."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] DEALER [URL …]"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Store a few pages of a dealer and what is read from them, as fixtures of the tests"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Store detail pages of a dealer, spread over its sections and as different as they are found (or the pages "
            "of these URLs), each with an expected.json of what is read from it now, in a folder that "
            "tests/recorded discovers. For dealers whose sections say everything their JSON, CSV or XML is stored. "
            "Prints what was read (a table on a terminal, JSON lines when piped): check it against the page. "
            "Exit status: 0 done, 3 some or none could be recorded, 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--pages", metavar="N", type=int, default=5, help="how many pages (5)")
        parser.add_argument("--out", metavar="DIR", type=Path, default=FOLDER, help="folder (tests/recorded/pages)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up: everything that can be wrong is found here."""
        super().process_options(args, opts)
        assert self.settings is not None
        quieten_command(self.settings)
        try:
            settings = load_settings()
            self._dealer = _dealer(args, opts, settings)
            self._delay_s = settings.download_delay_s
        except (CannotCheck, DealerFileError, PlatformError, SettingsError, UnknownDealerName) as error:
            sys.stderr.write(f"scrapy record: {error}\n")
            sys.exit(WRONG_USE)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        assert self.crawler_process
        today = datetime.now(UTC).date()
        found: list[Looked] = []

        def is_new(page: Looked) -> bool:
            return not (opts.out / folder_name(self._dealer, page)).exists()

        async def talk_with(dealer: Dealer, ask: Ask) -> None:
            async def told(url: str) -> Answer:
                sys.stderr.write(f"asking {dealer.without_secrets(url)}\n")
                return await ask(url)

            chosen = await pages_to_record(told, platform_of(dealer), args[1:], opts.pages, today, is_new)
            found.extend(chosen)

        self.crawler_process.crawl(
            AskingDealers, talk_with=talk_with, dealers=[self._dealer], default_delay_s=self._delay_s
        )
        self.crawler_process.start()
        recorded = [self._record(page, opts.out, must_be_new=len(args) > 1) for page in found]
        done = recorded.count(True)
        sys.stderr.write(f"{done} pages recorded in {opts.out}\n" + (f"{CHECK_THEM}\n" if done else ""))
        self.exitcode = DONE if recorded and all(recorded) else SOME_NOT_RECORDED

    def _record(self, page: Looked, out: Path, *, must_be_new: bool) -> bool:
        """Write a page down and show it; False (and said why) where that cannot be."""
        dealer = self._dealer
        name = folder_name(dealer, page)
        why = _not_recordable(page, given=must_be_new)
        if why is None:
            assert page.answer is not None
            answer = page.answer
            today = datetime.now(UTC).date()
            fixture = Fixture(page.url, answer.body, answer.content_type, answer.encoding, dealer, page.visit, today)
            try:
                said = write_fixture(out / name, fixture)
            except FileExistsError:
                why = f"{out / name} is there already"
            except OSError as error:
                why = f"{out / name}: {error.strerror}"
            else:
                _show(name, said, fixture)
                return True
        sys.stderr.write(f"not recorded: {dealer.without_secrets(page.visit.url)}: {why}\n")
        return False


def _dealer(args: list[str], opts: argparse.Namespace, settings: Settings) -> Dealer:
    if not args:
        raise CannotCheck("name a dealer")
    if opts.pages < 1:
        raise CannotCheck(f"--pages {opts.pages}: is no whole number above 0")
    if not opts.out.is_dir():
        raise CannotCheck(f"{opts.out}: no such folder; say --out DIR")
    if strange := next((url for url in args[1:] if not web_address(url)), None):
        raise CannotCheck(f"{strange!r} is no http:// or https:// address")
    files = {file.stem: file for file in dealer_files(settings.dealers_dir)}
    name = next(iter(choose(dict.fromkeys(files), [args[0]])))  # type: ignore[arg-type]
    dealer = load_dealer(files[name], os.environ)
    platform_of(dealer)
    may_ask([dealer], settings)
    return dealer


def _not_recordable(page: Looked, *, given: bool) -> str | None:
    """Why a page is no fixture; a given one may also be an example of a page that offers nothing."""
    if page.problem is not None:
        return f"{page.problem[0]} ({page.problem[1]})"
    if page.answer is None or (not page.listings and not given):
        return "gives no listing"
    if len(page.answer.body) > MAX_BYTES:
        return f"{len(page.answer.body)} bytes are too many for a fixture (at most {MAX_BYTES})"
    return None


def _show(name: str, said: Mapping[str, Any], fixture: Fixture) -> None:
    expected = said["expected"]
    each = expected if isinstance(expected, list) else [expected] if expected is not None else []
    pairs = list(zip(each, fixture.listings(), strict=False))
    if not sys.stdout.isatty():
        provenance = [{k: v for k, v in listing.provenance.items() if k in values} for values, listing in pairs]
        line = {"folder": name, "url": said["url"], "expected": expected, "provenance": provenance}
        put_json(line)
        return
    if not pairs:
        Console().print(f"{name}\n{said['url']}\ngives no listing, and is expected to give none", markup=False)
    for values, listing in pairs:
        Console().print(record_table(name, said["url"], values, listing))

"""`scrapy dealers`: what is crawled, how each dealer fared last and fares now, and what a dealer file may say."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Final

import orjson
from rich.console import Console
from scrapy.commands import ScrapyCommand
from sqlalchemy.exc import SQLAlchemyError

from crawler.checking.choosing import CannotCheck, may_ask, to_check
from crawler.checking.keeping import keep
from crawler.checking.run import run_checks
from crawler.dealers.declaration import Dealer, json_schema
from crawler.dealers.errors import DealerFileError, UnknownDealerName
from crawler.dealers.loading import choose, dealer_files, load_dealer
from crawler.log_filters import quieten_command
from crawler.reports.dealers import LastCrawl, dealer_table, last_crawls
from inventory.database import NoDatabase, database
from inventory.engine import DatabaseUrlError, reader_engine, sqlite_file
from inventory.schema import SchemaError
from inventory.settings import Settings, SettingsError, load_settings
from inventory.verification import Verified, verified
from pipelines.standard_output import put_json

ALL_WELL: Final = 0
WRONG_USE: Final = 2
SOME_BROKEN: Final = 3
NO_DATABASE: Final = 4


class Command(ScrapyCommand):
    """Lists, shows, checks, and gives the schema."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "[show NAME | check NAME…|--all | schema]"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "List the dealers with their last crawl; show one; check some; print the JSON Schema of a dealer file"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Without arguments: every dealer of DEALERS_DIR with platform, sections, last crawl and health (a table on "
            "a terminal, JSON lines when piped). show NAME: one dealer's file as it is understood. check NAME… (or "
            "--all): asks for robots.txt and at most five pages of each, reads them as a crawl does and compares them "
            "with what its file promises. schema: the JSON Schema of a dealer file, for editors. "
            "Exit status: 0 all well, 3 some files are wrong or some dealers are below their promise or out of reach, "
            "2 wrong use, 4 no database, or one that does not take down when a dealer was checked."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="check every dealer")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up."""
        super().process_options(args, opts)
        assert self.settings is not None
        self.requires_crawler_process = args[:1] == ["check"]
        if self.requires_crawler_process:
            quieten_command(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        if args == ["schema"]:
            put_json(json_schema(), indent=True)
            return
        try:
            settings = load_settings()
            dealers, broken = _readable(settings)
        except (DealerFileError, SettingsError) as error:
            sys.stderr.write(f"scrapy dealers: {error}\n")
            self.exitcode = WRONG_USE
            return
        if not args:
            _list(dealers, *_history(settings))
        elif args[0] == "show" and len(args) == 2:
            self._show(args[1], dealers, broken)
        elif args[0] == "check":
            self._check(args[1:], opts.all, dealers, broken, settings)
        else:
            sys.stderr.write(f"scrapy dealers {' '.join(args)}: say nothing, show NAME, check NAME…|--all, or schema\n")
            self.exitcode = WRONG_USE
            return
        if self.exitcode in (WRONG_USE, NO_DATABASE):
            return
        for wrong in broken.values():
            sys.stderr.write(f"{wrong}\n")
        self.exitcode = self.exitcode or (SOME_BROKEN if broken else ALL_WELL)

    def _show(self, name: str, dealers: dict[str, Dealer], broken: dict[str, DealerFileError]) -> None:
        if name in broken:
            return  # its error is printed by the caller
        try:
            dealer = choose(dealers, [name])[name]
        except UnknownDealerName as error:
            sys.stderr.write(f"scrapy dealers: {error}\n")
            self.exitcode = WRONG_USE
            return
        said = dealer.model_dump(mode="json", exclude_defaults=True)
        if said.get("headers"):
            said["headers"] = dict.fromkeys(said["headers"], "***")  # secrets are not for screens
        put_json(orjson.loads(dealer.without_secrets(orjson.dumps(said).decode())), indent=True)

    def _check(
        self,
        names: list[str],
        everyone: bool,
        dealers: dict[str, Dealer],
        broken: dict[str, DealerFileError],
        settings: Settings,
    ) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        try:
            chosen = to_check(dealers, broken, names, everyone=everyone)
            may_ask(chosen, settings)
            engine = database(settings)
        except (CannotCheck, DatabaseUrlError, NoDatabase, SchemaError, UnknownDealerName) as error:
            sys.stderr.write(f"scrapy dealers check: {error}\n")
            self.exitcode = NO_DATABASE if isinstance(error, NoDatabase) else WRONG_USE
            return
        for name in broken.keys() - set(names) if names else ():
            del broken[name]  # nobody asked about it
        if chosen:
            agent = str(self.settings["USER_AGENT"])
            self.exitcode = run_checks(
                self.crawler_process, chosen, settings.download_delay_s, agent, partial(keep, engine)
            )
        engine.dispose()


def _readable(settings: Settings) -> tuple[dict[str, Dealer], dict[str, DealerFileError]]:
    """Every dealer whose file is right, and the errors of the others."""
    dealers, broken = {}, {}
    for file in dealer_files(settings.dealers_dir):
        try:
            dealers[file.stem] = load_dealer(file, os.environ)
        except DealerFileError as error:
            broken[file.stem] = error
    return dealers, broken


def _history(settings: Settings) -> tuple[dict[str, LastCrawl], dict[str, Verified]]:
    """The last crawl and the last check of each dealer; none where there is no database yet."""
    try:
        engine = reader_engine(settings)
    except DatabaseUrlError as error:
        sys.stderr.write(f"no crawls shown: {error}\n")
        return {}, {}
    file = sqlite_file(engine.url)
    if file is not None and not file.exists():
        return {}, {}
    try:
        return last_crawls(engine), verified(engine)
    except SQLAlchemyError as error:
        sys.stderr.write(f"no crawls shown, the database cannot be read: {str(error).splitlines()[0]}\n")
        return {}, {}
    finally:
        engine.dispose()


def _list(dealers: dict[str, Dealer], last: dict[str, LastCrawl], checks: dict[str, Verified]) -> None:
    if sys.stdout.isatty():
        Console().print(dealer_table(dealers, last, checks))
        return
    for name, dealer in dealers.items():
        crawl, check = last.get(name), checks.get(name)
        put_json(
            {
                "name": name,
                "vertical": dealer.vertical,
                "platform": dealer.platform,
                "url": dealer.url,
                "sections": list(dealer.sections),
                "verified_at": check.at if check else None,
                "verified_outcome": check.outcome if check else None,
                "last_crawl": crawl.as_json() if crawl else None,
            },
        )

"""`scrapy rework`: category, model and size, or units, of stored listings anew, after a rule or a table changed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from scrapy.commands import ScrapyCommand
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from crawler.dealers.errors import did_you_mean
from crawler.log_filters import quieten_command
from crawler.reports.rework import Account, ReworkProgress
from inventory.database import NoDatabase, database
from inventory.engine import DatabaseUrlError, database_url, reader_engine, said, sqlite_file
from inventory.listing import VERTICALS
from inventory.schema import SchemaError, revision
from inventory.settings import Settings, SettingsError, load_settings
from inventory.store.relink import count_listings, relink
from inventory.store.rework import Selection, count
from inventory.tables import dealers
from pipelines.identity.matching import IdentityRules
from pipelines.inference_version import inference_version
from pipelines.rework import rework
from pipelines.standard_output import put_json

DONE: Final = 0
WRONG_USE: Final = 2
SOME_LEFT: Final = 3
NO_DATABASE: Final = 4

TRIES_S: Final = (1.0, 4.0, 10.0)
"""Waits between tries where the database does not answer: a restart takes a few seconds."""

READ_TIMEOUT_MS: Final = 600_000
"""A count of millions of rows may take longer than the API's queries may."""


class WrongUse(ValueError):
    """The arguments cannot be followed; the message says why."""


class Command(ScrapyCommand):
    """Reads what is stored and asks nobody."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "--infer [options] | --link"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Infer category, model and size of stored listings again, or link them to units again"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Infer category, make, model and size of the listings in DATABASE_URL again, from what their pages said, "
            "and tell what changed (a table on a terminal, one JSON object when piped). Looks at listings that other "
            "rules or tables than today's were used for; --all at every one. What a source or a correction says is "
            "kept. No event and no last_changed tells of it: the dealer changed nothing. Crawls may run meanwhile; it "
            "may be broken off at any time, and goes on where it was when it is run again. "
            "--link finds anew which listings are one thing, among all that are stored; a unit keeps its number where "
            "most of its listings stay. Broken off and run again, it reads what is done once more and leaves it. "
            "Exit status: 0 done, 3 some listings were left as they are (standard error says which), 2 wrong use, "
            "4 no database, or it was lost on the way."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--infer", action="store_true", help="run classify and size again")
        parser.add_argument("--link", action="store_true", help="find again which listings are one thing")
        parser.add_argument("--all", action="store_true", help="every listing, also those of today's rules")
        parser.add_argument("--dealer", metavar="NAME", help="only the listings of this dealer")
        parser.add_argument("--vertical", choices=VERTICALS, help="only the listings of this vertical")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change, write nothing")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up."""
        super().process_options(args, opts)
        assert self.settings is not None
        quieten_command(self.settings)
        if args:
            self._end(WRONG_USE, f"{' '.join(args)}: takes only options")
        if opts.infer == opts.link:
            self._end(WRONG_USE, "say what to do again: --infer or --link")
        if opts.link and (opts.all or opts.dealer or opts.vertical or opts.dry_run):
            self._end(WRONG_USE, "--link goes through all that is stored: it takes no other option")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        reader: Engine | None = None
        writer: Engine | None = None
        try:
            settings = load_settings()
            reader = _reader(settings)
            writer = None if opts.dry_run else database(settings)
            self.exitcode = run_link(reader, writer) if opts.link and writer else _run(reader, writer, opts)
        except (DatabaseUrlError, SchemaError, SettingsError, WrongUse) as error:
            self._end(WRONG_USE, str(error))
        except NoDatabase as error:
            self._end(NO_DATABASE, f"DATABASE_URL: {error}")
        except SQLAlchemyError as error:
            self._end(NO_DATABASE, f"DATABASE_URL: the database cannot be used: {said(error)}")
        finally:
            for engine in (reader, writer):
                if engine is not None:
                    engine.dispose()

    def _end(self, status: int, message: str) -> None:
        sys.stderr.write(f"scrapy rework: {message}\n")
        sys.exit(status)


def _reader(settings: Settings) -> Engine:
    """An engine that reads where we write: a replica lags behind. Raises `NoDatabase`, `DatabaseUrlError`."""
    file = sqlite_file(database_url(settings.write_url))
    if file is not None and not file.exists():
        raise NoDatabase(f"{file} is not there: nothing is stored yet")
    here = {"database_read_url": None, "statement_timeout_ms": READ_TIMEOUT_MS}
    return reader_engine(settings.model_copy(update=here))


def _run(reader: Engine, writer: Engine | None, opts: argparse.Namespace) -> int:
    if writer is None and not (found := revision(reader)).current:
        raise SchemaError(found.advice)
    _check_dealer(reader, opts.dealer)
    version = inference_version()
    selection = Selection(opts.dealer, opts.vertical, None if opts.all else version)
    account, status = Account(), DONE
    with ReworkProgress(count(reader, selection)) as progress:
        try:
            for batch in rework(reader, writer, selection, tried=_tried(progress)):
                account.add(batch)
                progress.add(len(batch.changes) + len(batch.left))
                for listing_id, why in batch.left.items():
                    progress.note(f"listing {listing_id} is left as it is: {why}")
        except OperationalError as error:
            progress.note(f"scrapy rework: DATABASE_URL: the database was lost: {said(error)}; what is told is done")
            status = NO_DATABASE
        except KeyboardInterrupt:
            progress.note("scrapy rework: broken off; run it again to go on")
            status = SOME_LEFT
    if sys.stdout.isatty():
        Console().print(account.tables(dry_run=writer is None))
    else:
        put_json(account.as_json(version=version, dry_run=writer is None))
    return status or (SOME_LEFT if account.left else DONE)


def run_link(reader: Engine, writer: Engine) -> int:
    """Keys, pairs and units anew; the exit status. One object on standard output says what came of it."""
    looked_at, moved, status = 0, 0, DONE
    with ReworkProgress(2 * count_listings(reader)) as progress:
        try:
            for batch in relink(writer, IdentityRules(), lambda: datetime.now(UTC), tried=_tried(progress)):
                progress.add(batch.listings)
                moved += batch.moved
                looked_at += batch.listings if batch.step == "units" else 0
        except OperationalError as error:
            progress.note(f"scrapy rework: DATABASE_URL: the database was lost: {said(error)}; what is told is done")
            status = NO_DATABASE
        except KeyboardInterrupt:
            progress.note("scrapy rework: broken off; run it again to go on")
            status = SOME_LEFT
    put_json({"looked_at": looked_at, "moved_to_another_unit": moved})
    return status


def _check_dealer(reader: Engine, name: str | None) -> None:
    if name is None:
        return
    with reader.connect() as connection:
        names = list(connection.execute(select(dealers.c.name)).scalars())
    if name not in names:
        raise WrongUse(f"no dealer {name!r} in the database{did_you_mean(name, names)}")


def _tried(progress: ReworkProgress) -> Callable[..., Any]:
    """Calls a function of the database, and again where that does not answer: a batch is whole or nothing."""

    def attempt(call: Callable[..., Any], *arguments: Any) -> Any:
        for wait_s in TRIES_S:
            try:
                return call(*arguments)
            except OperationalError as error:
                progress.note(f"the database did not answer: {said(error)}; again in {wait_s:.0f} s")
                time.sleep(wait_s)
        return call(*arguments)

    return attempt

"""`scrapy rework`: category, model and size, or units, of stored listings anew, after a rule or a table changed."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from datetime import UTC, datetime

from rich.console import Console
from sqlalchemy import Engine, select

from crawler.database_command import DONE, SOME_LEFT, DatabaseCommand, WrongUse
from crawler.dealers.errors import did_you_mean
from crawler.in_batches import broken_off, tried
from crawler.reports.progress import ListingsProgress
from crawler.reports.rework import Account
from inventory.database import database, require_current, stored
from inventory.listing import VERTICALS
from inventory.settings import load_settings
from inventory.store.relink import count_listings, relink
from inventory.store.rework import Selection, count
from inventory.tables import dealers
from pipelines.identity.matching import IdentityRules
from pipelines.inference_version import inference_version
from pipelines.rework import rework
from pipelines.standard_output import put_json


class Command(DatabaseCommand):
    """Reads what is stored and asks nobody."""

    name = "rework"

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

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises `WrongUse`."""
        if args:
            raise WrongUse(f"{' '.join(args)}: takes only options")
        if opts.infer == opts.link:
            raise WrongUse("say what to do again: --infer or --link")
        if opts.link and (opts.all or opts.dealer or opts.vertical or opts.dry_run):
            raise WrongUse("--link goes through all that is stored: it takes no other option")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Infers or links; the exit status."""
        settings = load_settings()
        with ExitStack() as stack:
            reader = stored(settings)
            stack.callback(reader.dispose)
            writer = None if opts.dry_run else database(settings)
            if writer is not None:
                stack.callback(writer.dispose)
            require_current(reader)
            return run_link(reader, writer) if opts.link and writer else _infer(reader, writer, opts)


def _infer(reader: Engine, writer: Engine | None, opts: argparse.Namespace) -> int:
    _check_dealer(reader, opts.dealer)
    version = inference_version()
    selection = Selection(opts.dealer, opts.vertical, None if opts.all else version)
    account = Account()
    with ListingsProgress(count(reader, selection)) as progress, broken_off("rework", progress) as ended:
        for batch in rework(reader, writer, selection, tried=tried(progress)):
            account.add(batch)
            progress.add(len(batch.changes) + len(batch.left))
            for listing_id, why in batch.left.items():
                progress.note(f"listing {listing_id} is left as it is: {why}")
    if sys.stdout.isatty():
        Console().print(account.tables(dry_run=writer is None))
    else:
        put_json(account.as_json(version=version, dry_run=writer is None))
    return ended.status or (SOME_LEFT if account.left else DONE)


def run_link(reader: Engine, writer: Engine) -> int:
    """Keys, pairs and units anew; the exit status. One object on standard output says what came of it."""
    looked_at, moved = 0, 0
    with ListingsProgress(2 * count_listings(reader)) as progress, broken_off("rework", progress) as ended:
        for batch in relink(writer, IdentityRules(), lambda: datetime.now(UTC), tried=tried(progress)):
            progress.add(batch.listings)
            moved += batch.moved
            looked_at += batch.listings if batch.step == "units" else 0
    put_json({"looked_at": looked_at, "moved_to_another_unit": moved})
    return ended.status


def _check_dealer(reader: Engine, name: str | None) -> None:
    if name is None:
        return
    with reader.connect() as connection:
        names = list(connection.execute(select(dealers.c.name)).scalars())
    if name not in names:
        raise WrongUse(f"no dealer {name!r} in the database{did_you_mean(name, names)}")

"""`scrapy prune`: what nobody has offered for long, taken out of the database."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from crawler.database_command import DONE, DatabaseCommand, WrongUse
from crawler.in_batches import broken_off, tried
from crawler.reports.progress import ListingsProgress
from inventory.database import database, require_current, stored
from inventory.settings import load_settings
from inventory.store.prune import WHATS, What, age_of, count_old, prune
from pipelines.standard_output import put_json


class Command(DatabaseCommand):
    """Tells what would go; takes it away only when told to."""

    name = "prune"
    when_lost = "; what was told is done"

    def syntax(self) -> str:
        """Shown by --help."""
        return "--keep AGE [--delete]"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Take out of the database what nobody has offered for long"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Tells how many units, listings, events, remembered pages and failures of DATABASE_URL are older than "
            "--keep (730d, 104w, 2y); with --delete it takes them away, in batches, while crawls may run. A unit goes "
            "with all its listings and their history where each of them is gone or sold and was last seen before; else "
            "it stays whole, so that the stock on any day since is answered as before. A listing that comes back after "
            "that is a new one. Broken off, it is run again. A table on a terminal, one JSON object when piped. "
            "Exit status: 0 done, 3 broken off with some left, 2 wrong use, 4 no database, or it was lost on the way."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--keep", metavar="AGE", help="how old what stays may be: 730d, 104w, 2y")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--check", action="store_true", help="tell what would go, write nothing (so it is without)")
        how.add_argument("--delete", action="store_true", help="take it away")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises `WrongUse`."""
        if args:
            raise WrongUse(f"{' '.join(args)}: takes only options")
        if opts.keep is None:
            raise WrongUse("say how long to keep what is gone: --keep 730d")
        try:
            self._before = datetime.now(UTC) - age_of(opts.keep)
        except ValueError as error:
            raise WrongUse(f"--keep: {error}") from None
        except OverflowError:
            raise WrongUse(f"--keep {opts.keep}: is before the calendar begins") from None

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Counts or takes away; the exit status."""
        settings = load_settings()
        engine = database(settings) if opts.delete else stored(settings)
        try:
            if opts.delete:
                return _prune(engine, self._before)
            require_current(engine)
            _tell(count_old(engine, self._before), self._before, deleted=False)
        finally:
            engine.dispose()
        return DONE


def _prune(engine: Engine, before: datetime) -> int:
    gone: Counter[What] = Counter()
    with ListingsProgress(count_old(engine, before)["listings"]) as progress, broken_off("prune", progress) as ended:
        for batch in prune(engine, before, tried=tried(progress)):
            gone[batch.what] += batch.rows
            progress.add(batch.rows if batch.what == "listings" else 0)
    _tell({what: gone[what] for what in WHATS}, before, deleted=True)
    return ended.status


def _tell(counts: dict[What, int], before: datetime, *, deleted: bool) -> None:
    if not sys.stdout.isatty():
        put_json({"before": before.isoformat(), "deleted": deleted, **counts})
        return
    table = Table("rows", "gone" if deleted else "would go (--delete takes them)", box=None)
    for what, count in counts.items():
        table.add_row(what, f"{count:,}")
    Console().print(table)

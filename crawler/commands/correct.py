"""`scrapy correct`: what people know better about listings, from CSV files into the database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine

from crawler.database_command import DONE, SOME_LEFT, DatabaseCommand, WrongUse
from crawler.reports.correct import CorrectReport
from inventory.database import database, require_current, stored
from inventory.settings import load_settings
from inventory.store.entering import Entered, Rows, enter, known_files, pair_words, standing
from pipelines.corrections.applying import corrected
from pipelines.corrections.folder import NoFile, files_at
from pipelines.corrections.reading import CorrectionFile, contradictions
from pipelines.corrections.stale import stale_rows
from pipelines.identity.matching import IdentityRules
from pipelines.standard_output import put_json


class Command(DatabaseCommand):
    """Reads files and the database, and asks nobody."""

    name = "correct"
    wrong_use = (NoFile,)
    when_lost = "; nothing was entered"

    def syntax(self) -> str:
        """Shown by --help."""
        return "FILE… | FOLDER [--check]"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Enter what people know better about listings, or check it"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Reads CSV files with the columns dealer,external_id,field,value,reason,by or "
            "dealer,external_id,other_dealer,other_external_id,verdict,reason,by (same or different); a folder stands "
            "for its *.csv. Enters them in DATABASE_URL and applies them to what is stored; crawls, ingest and rework "
            "obey them from then on. A row that a file no longer has is taken back. A file with a line that cannot be "
            "read is left as it was entered before. --check writes nothing: it names wrong lines, and rows that are "
            "stale (no such listing, gone, needless by now, another file says otherwise). A table on a terminal, "
            "JSON lines when piped, the last one with the counts. "
            "Exit status: 0 well, 3 wrong lines or stale rows, 2 wrong use, 4 no database."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--check", action="store_true", help="write nothing, name wrong lines and stale rows")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises `WrongUse`."""
        if not args:
            raise WrongUse("name a file of corrections or their folder: scrapy correct corrections/")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Enters or checks the files; the exit status."""
        files = files_at(args)
        faults = contradictions(files)  # a row against another is a fault of both files
        for file in files:
            file.faults += [fault for fault in faults if fault.file == file.name]
        settings = load_settings()
        engine = stored(settings) if opts.check else database(settings)
        try:
            require_current(engine)
            report = _run(engine, files, folder=any(Path(arg).is_dir() for arg in args), check=opts.check)
        finally:
            engine.dispose()
        return SOME_LEFT if report.to_look_at else DONE


def _run(engine: Engine, files: Sequence[CorrectionFile], *, folder: bool, check: bool) -> CorrectReport:
    whole = [file for file in files if not file.faults]
    entered = None
    if not check:
        entered = _enter(engine, whole)
    names = {row.name for file in whole for _, row in file.fields}
    names |= {name for file in whole for _, row in file.pairs for name in (row.one, row.other)}
    stale = stale_rows(whole, standing(engine, names), pair_words(engine))
    left = known_files(engine).keys() - {file.name for file in files} if folder else set()
    report = CorrectReport(files, stale, sorted(left), entered)
    if sys.stdout.isatty():
        Console().print(report.table())
    else:
        for line in report.lines():
            put_json(line)
    return report


def _enter(engine: Engine, files: Sequence[CorrectionFile]) -> Entered:
    rows = {file.name: Rows([row for _, row in file.fields], [row for _, row in file.pairs]) for file in files}
    return enter(engine, rows, corrected, IdentityRules(), lambda: datetime.now(UTC))

"""`scrapy ingest`: listings from elsewhere, JSON Lines or CSV, by the crawl's own functions into the store."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import Final

from rich.console import Console
from sqlalchemy import Engine

from crawler.database_command import DONE, NO_DATABASE, SOME_LEFT, DatabaseCommand, WrongUse
from crawler.dealers.errors import did_you_mean
from crawler.reports.ingest import IngestAccount, IngestProgress
from inventory.database import database
from inventory.ingested import known_dealers
from inventory.listing import BOOKKEEPING, FIELD_NAMES, VERTICALS, Listing
from inventory.settings import load_settings
from pipelines.batch_writer import BatchWriter, Lost
from pipelines.csv_lines import HeaderError, Numbered, csv_records
from pipelines.ingest import NO_LISTING, Addressed, Addressing, Problem, dealer_of, json_records, read_lines
from pipelines.json_lines import STDIN, LineError, SourceError, blocks_of
from pipelines.parsing.currencies import currency_code
from pipelines.standard_output import put_json

FORMATS: Final = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}
SAYABLE: Final = sorted(
    (set(FIELD_NAMES) - BOOKKEEPING) | {"observed_at", "specs", "breadcrumbs", "size", "operating_weight", "net_weight"}
)
"""What --map may map to."""

CHUNK_LINES: Final = 100
"""Lines that another process infers at a time."""

Read = tuple[int, Listing] | Problem


class Command(DatabaseCommand):
    """What a crawl does behind its spiders."""

    name = "ingest"
    wrong_use = (HeaderError,)

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] FILE|-"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Store listings from elsewhere: JSON Lines or CSV, from a file or a pipe"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Store listings of a file (.gz too) or of standard input in DATABASE_URL, as a crawl does: cleaned, "
            "classified, sized, linked. JSON Lines or CSV; keys or columns are a listing's field names, typed or as "
            "raw text, with external_id or url; --map says which columns have other names. What `scrapy extract` and "
            "`scrapy infer` print is understood. A dealer that nobody knows is entered. observed_at (ISO 8601) says "
            "when a listing was seen. Whole batches are stored: broken off or killed, run it again, nothing is stored "
            "twice. Counts at the end: a table on a terminal, one JSON object when piped. Exit status: 0 done, 3 some "
            "lines were refused or the file could not be read on (standard error says which), 2 wrong use, "
            "4 no database, or it was lost on the way."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--dealer", metavar="NAME", help="of lines that name none")
        parser.add_argument(
            "--vertical", choices=VERTICALS, help="of lines that name none (default: the dealer's, or their words)"
        )
        parser.add_argument("--currency", metavar="CODE", help="of prices that name none, such as EUR")
        parser.add_argument("--format", choices=("jsonl", "csv"), help="default: by the file's name; jsonl for -")
        parser.add_argument(
            "--map", action="append", default=[], metavar="THEIRS=OURS", help="a column or key and its field; repeat"
        )
        parser.add_argument("--from-line", type=int, default=1, metavar="N", help="leave out the lines before")
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that infer (default 1)")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises `WrongUse`."""
        self._source = _source_of(args)
        self._format = opts.format or _format_of(self._source)
        self._map = _map_of(opts.map)
        if opts.dealer is not None:
            try:
                dealer_of({}, opts.dealer)
            except LineError as error:
                raise WrongUse(f"--dealer {error}") from None
        if opts.currency and currency_code(opts.currency) != opts.currency:
            raise WrongUse(f"--currency {opts.currency}: is no ISO 4217 code such as EUR")
        if opts.jobs < 1 or opts.from_line < 1:
            raise WrongUse("--jobs and --from-line are 1 or more")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Stores all lines; the exit status."""
        engine = database(load_settings())
        try:
            return self._ingest(engine, opts)
        finally:
            engine.dispose()

    def _ingest(self, engine: Engine, opts: argparse.Namespace) -> int:
        renamed = self._map if self._format == "jsonl" else None
        addressing = Addressing(known_dealers(engine), opts.dealer, opts.vertical, renamed, currency=opts.currency)
        if self._source == STDIN and sys.stdin.isatty():
            sys.stderr.write("scrapy ingest: reads from the keyboard; Ctrl-D ends\n")
        status, last = DONE, opts.from_line - 1
        with IngestProgress(None if self._source == STDIN else self._source) as progress, ExitStack() as stack:
            account = IngestAccount(progress.note)
            writer = BatchWriter(engine, account.problem, progress.note)
            blocks = progress.counted(blocks_of(self._source))
            records = csv_records(blocks, self._map) if self._format == "csv" else json_records(blocks)
            lines = _lines(records, addressing, account, opts.from_line)
            try:
                for read in _inferred(lines, opts.jobs, datetime.now(UTC).date(), stack):
                    if isinstance(read, Problem):
                        account.problem(read)
                        last = read.number
                    else:
                        writer.add(*read)
                        last = read[0]
                    progress.at(last, writer.outcomes.total())
            except HeaderError:
                writer.close()
                raise
            except SourceError as error:
                progress.note(f"scrapy ingest: {error}; what stands before is stored")
                status = SOME_LEFT
            except BrokenProcessPool:
                progress.note(f"scrapy ingest: a process of --jobs died; go on with --from-line {last + 1}")
                status = SOME_LEFT
            except KeyboardInterrupt:
                progress.note(f"scrapy ingest: broken off; go on with --from-line {last + 1}")
                writer.give_up()
                status = SOME_LEFT
            except Lost:
                pass  # `close` says it again
            status = _close(writer, progress) or status
            account.end()
        if sys.stdout.isatty():
            Console().print(account.table(writer.outcomes, writer.seconds))
        else:
            put_json(account.as_json(writer.outcomes, writer.seconds))
        return status or (SOME_LEFT if account.left else DONE)


def _source_of(args: list[str]) -> str:
    if strange := next((arg for arg in args if arg.startswith("--")), None):
        raise WrongUse(f"no option {strange}")
    if len(args) != 1:
        raise WrongUse("name one file, or - for standard input")
    return args[0]


def _format_of(source: str) -> str:
    if source == STDIN:
        return "jsonl"
    suffix = Path(source.removesuffix(".gz")).suffix.casefold()
    if suffix not in FORMATS:
        raise WrongUse(f"{source}: say --format jsonl or --format csv")
    return FORMATS[suffix]


def _map_of(said_: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in said_:
        theirs, sign, ours = entry.rpartition("=")
        if not sign or not theirs:
            raise WrongUse(f"--map {entry}: write THEIRS=OURS")
        if ours not in SAYABLE:
            raise WrongUse(f"--map {entry}: {ours!r} is no field of a listing{did_you_mean(ours, SAYABLE)}")
        if theirs in found or ours in found.values():
            raise WrongUse(f"--map {entry}: is mapped twice")
        found[theirs] = ours
    return found


def _lines(
    records: Iterator[Numbered], addressing: Addressing, account: IngestAccount, from_line: int
) -> Iterator[Addressed | Problem]:
    """Each line with its dealer, or why it has none."""
    for number, record in records:
        if number < from_line:
            continue
        account.lines += 1
        if isinstance(record, LineError):
            yield Problem(number, str(record))
        elif offers_nothing := record.get(NO_LISTING):
            yield Problem(number, f"offers nothing: {str(offers_nothing)[:200]}", NO_LISTING)
        else:
            try:
                yield addressing.addressed(number, record)
            except LineError as error:
                yield Problem(number, str(error))


def _inferred(lines: Iterator[Addressed | Problem], jobs: int, today: date, stack: ExitStack) -> Iterator[Read]:
    """The lines' listings in the order of the lines, inferred here or by several processes."""
    if jobs == 1:
        for line in lines:
            yield from read_lines([line], today)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy the thread that stores
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=signal, initargs=(SIGINT, SIG_IGN))
    stack.callback(pool.shutdown, wait=True, cancel_futures=True)
    waiting: deque[Future[list[Read]]] = deque()
    for chunk in _chunks(lines):
        waiting.append(pool.submit(read_lines, chunk, today))
        if len(waiting) > 2 * jobs:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _chunks(lines: Iterable[Addressed | Problem]) -> Iterator[list[Addressed | Problem]]:
    rest = iter(lines)
    while chunk := list(islice(rest, CHUNK_LINES)):
        yield chunk


def _close(writer: BatchWriter, progress: IngestProgress) -> int:
    try:
        writer.close()
    except Lost as lost:
        progress.note(
            f"scrapy ingest: DATABASE_URL: the database cannot be written: {lost}; what stands before line "
            f"{lost.number} is stored: go on with --from-line {lost.number}"
        )
        return NO_DATABASE
    return DONE

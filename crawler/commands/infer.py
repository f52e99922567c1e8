"""`scrapy infer`: category, make, model and size for listings in JSON Lines, line by line, nothing stored."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import Any, Final

from scrapy.commands import ScrapyCommand

from crawler.log_filters import quieten_command
from crawler.reports.infer import InferredRows, LineProgress
from inventory.listing import VERTICALS, Vertical
from pipelines.json_lines import (
    MAX_LINE_BYTES,
    STDIN,
    LineError,
    SourceError,
    blocks_of,
    line_of,
    numbered_lines,
    record_of,
)
from pipelines.listing_lines import inferred_record
from pipelines.standard_output import put

DONE: Final = 0
WRONG_USE: Final = 2
SOME_UNREADABLE: Final = 3


class Command(ScrapyCommand):
    """A filter: a line in, a line out, in order."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] [FILE|-]"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Say what listings in JSON Lines are and how big, as JSON lines; nothing is stored"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Read JSON Lines (a file, .gz too, or standard input) and print each record with what can be known of it: "
            "category and confidence, make, model, base_model, year, hours, serial_number, sizes, weights, what dogs "
            "it is for. Keys are a listing's field names, typed or as raw text; what `scrapy extract` and this command "
            "print is understood. A category counts as the dealer's section; specs, breadcrumbs, description, make "
            "and model are used. id and keys that are no fields are kept untouched; a value that was read as "
            "something else is kept in raw. Rows on a terminal, JSON lines when piped; nothing is stored. "
            "Exit status: 0 done, 3 some lines or the file could not be read, or the output not be written (standard "
            "error says which), 2 wrong use."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument(
            "--vertical", choices=VERTICALS, help="of records that name none (default: what their words tell)"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call before anything is set up."""
        super().process_options(args, opts)
        assert self.settings is not None
        quieten_command(self.settings)
        strange = next((arg for arg in args if arg.startswith("--")), None)
        if len(args) > 1 or strange:
            said = f"no option {strange}" if strange else "name one file, or - for standard input"
            sys.stderr.write(f"scrapy infer: {said}\n")
            sys.exit(WRONG_USE)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's call."""
        source = args[0] if args else STDIN
        if closed := _closed(source):
            sys.stderr.write(f"scrapy infer: {closed} is closed\n")
            sys.exit(WRONG_USE)
        if source == STDIN and sys.stdin.isatty():
            sys.stderr.write("scrapy infer: reads JSON lines from the keyboard; Ctrl-D ends\n")
        work = _Work(opts.vertical)
        try:
            with LineProgress() as progress:
                for lines in numbered_lines(blocks_of(source)):
                    if not work.block(lines):
                        break  # `| head` has seen enough
                    progress.at(work.done + work.skipped)
        except SourceError as error:
            sys.stderr.write(f"scrapy infer: {error}\n")
            self.exitcode = SOME_UNREADABLE
        except OSError as error:
            sys.stderr.write(f"scrapy infer: standard output: {error.strerror or error}; not all is written\n")
            self.exitcode = SOME_UNREADABLE
        except KeyboardInterrupt:
            sys.stderr.write(f"scrapy infer: broken off behind {work.done} records\n")
            self.exitcode = SOME_UNREADABLE
        if work.skipped:
            sys.stderr.write(f"scrapy infer: {work.done} records, {work.skipped} lines skipped\n")
            self.exitcode = SOME_UNREADABLE


def _closed(source: str) -> str | None:
    """The stream that we need and were started without."""
    if sys.stdout is None:
        return "standard output"
    return "standard input" if source == STDIN and sys.stdin is None else None


class _Work:
    """What becomes of the lines: written a block at a time, so that fast input costs few writes and slow none waits."""

    def __init__(self, vertical: Vertical | None) -> None:
        self.done = 0
        self.skipped = 0
        self._vertical = vertical
        self._rows = InferredRows() if sys.stdout.isatty() else None
        self._today = datetime.now(UTC).date()

    def block(self, lines: list[tuple[int, bytes | None]]) -> bool:
        """Infer and write what one read gave; False where nobody reads on."""
        records, written = [], []
        for number, line in lines:
            try:
                record = self._inferred(number, line)
                if record is None:
                    continue
                written.append(line_of(record))
            except LineError as error:
                self.skipped += 1
                sys.stderr.write(f"line {number} {error}\n")
                continue
            self.done += 1
            records.append((number, record))
        if self._rows is not None:
            self._rows.show(records)
            return True
        return not written or put(b"".join(written))

    def _inferred(self, number: int, line: bytes | None) -> dict[str, Any] | None:
        if line is None:
            raise LineError(f"is longer than {MAX_LINE_BYTES // 1024 // 1024} MB")
        record = record_of(line)
        if record.get("no_listing"):  # `scrapy extract` says so of a page that offers nothing
            sys.stderr.write(f"line {number} offers nothing: {str(record['no_listing'])[:200]}\n")
            return None
        try:
            return inferred_record(record, self._vertical, self._today)
        except LineError:
            raise
        except Exception as error:  # a bug of ours costs its line, not the million behind it
            raise LineError(f"cannot be read: {type(error).__name__}: {str(error)[:200]}") from error

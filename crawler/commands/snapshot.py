"""`scrapy snapshot`: the Parquet files that the API serves, written anew."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from crawler.database_command import DONE, SOME_LEFT, DatabaseCommand, WrongUse
from inventory.database import require_current, stored
from inventory.listing import VERTICALS
from inventory.settings import load_settings
from inventory.snapshots.place import snapshot_file
from pipelines.standard_output import put_json


class Command(DatabaseCommand):
    """Reads what is stored and asks nobody."""

    name = "snapshot"

    def syntax(self) -> str:
        """Shown by --help."""
        return "[--vertical equipment|dog] [--dir FOLDER]"

    def short_desc(self) -> str:
        """Shown in the list of commands."""
        return "Write the Parquet snapshots of what is stored"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Write all listings of each vertical into SNAPSHOT_DIR (or --dir) as VERTICAL.parquet, with the columns of "
            "/v1/listings, typed. A file is replaced when it is whole: who reads it meanwhile reads the old one. A "
            "crawl writes its vertical's by itself where SNAPSHOT_DIR is set. Prints a JSON object a file. "
            "Exit status: 0 written, 3 a file could not be written (the one before is still there), 2 wrong use, "
            "4 no database."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's call."""
        super().add_options(parser)
        parser.add_argument("--vertical", choices=VERTICALS, help="only this one's")
        parser.add_argument("--dir", metavar="FOLDER", type=Path, help="where to, instead of SNAPSHOT_DIR")

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Only options."""
        if args:
            raise WrongUse(f"{' '.join(args)}: takes only options")

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Write them."""
        from inventory.snapshots.writing import write_snapshot  # Arrow is large, and other commands do without

        settings = load_settings()
        folder = opts.dir or settings.snapshot_dir
        if folder is None:
            raise WrongUse("say where to: set SNAPSHOT_DIR, or --dir FOLDER")
        engine = stored(settings)
        try:
            require_current(engine)
            for vertical in [opts.vertical] if opts.vertical else VERTICALS:
                written = write_snapshot(engine, folder, vertical, settings.data_licence or None)
                put_json(asdict(written) | {"file": str(snapshot_file(folder, vertical))})
        except OSError as error:
            self.end(SOME_LEFT, f"{folder}: {error.strerror or error}; what lay there before still does")
        finally:
            engine.dispose()
        return DONE

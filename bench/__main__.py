"""`make bench`: measures this machine and this code, prints one table and writes it to bench/results/."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import extraction, inference, machine_pages, made_listings, storing, together
from bench.api import run as api
from bench.crawling import run as crawling
from bench.measured import Measured

RESULTS = Path(__file__).parent / "results"
BENCHES: dict[str, Callable[[], Iterator[Measured]]] = {
    "extraction": extraction.measure,
    "machine-pages": machine_pages.measure,
    "inference": inference.measure,
    "made-listings": made_listings.measure,
    "storing": storing.measure,
    "together": together.measure,
    "crawling": crawling.measure,
    "api": api.measure,
}


def main() -> int:
    """Runs the named benches, all of them without a name."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], help=f"which: {', '.join(BENCHES)} (all)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="listings of the bench api (1,000,000)")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long the bench api asks each query (3)")
    opts = parser.parse_args()
    names = opts.names or list(BENCHES)
    benches: dict[str, Callable[[], Iterator[Measured]]] = {
        **BENCHES,
        "api": partial(api.measure, opts.rows, opts.seconds),
    }
    measured: list[Measured] = []
    for name in names:
        started = time.monotonic()
        sys.stderr.write(f"{name} …\n")
        measured += list(benches[name]())
        sys.stderr.write(f"{name} took {time.monotonic() - started:.0f} s\n")
    table = Table(box=None)
    for column in ("bench", "what", "value", "unit", "wanted"):
        table.add_column(column, justify="right" if column == "value" else "left")
    for entry in measured:
        value = "" if entry.value is None else f"{entry.value:,.3g}" if entry.value < 1000 else f"{entry.value:,.0f}"
        table.add_row(entry.bench, entry.what, value, entry.unit, entry.wanted)
    Console(width=140).print(table)
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    file = RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
    }
    said = {"at": now.isoformat(), "machine": machine, "measured": [entry.as_json() for entry in measured]}
    file.write_text(json.dumps(said, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

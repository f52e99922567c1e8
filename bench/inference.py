"""Category, make, model and size of the demo's stock: listings a second on one core, import time and memory."""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measured import Measured

STOCK = Path(__file__).parents[1] / "demo" / "stock" / "machines.csv"
_PROGRAM = (
    "import time; t = time.perf_counter(); import pipelines.inference.infer; print(time.perf_counter() - t); "
    # ru_maxrss would be the parent's where that was larger: Linux keeps it across exec.
    "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
)


def measure() -> Iterator[Measured]:
    """In a fresh process for the import, in this one for the speed."""
    # S603: our own program text.
    lines = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    yield Measured("inference", "import", float(lines[0]), "s", "< 0.5")
    yield Measured("inference", "memory after import", int(lines[1]) / 1024, "MB", "< 200")
    from inventory.listing import Listing
    from pipelines.inference.infer import infer_category_and_model, infer_size

    with STOCK.open(newline="", encoding="utf-8") as file:
        titles = [f"{row.get('year', '')} {row['make']} {row['model']}" for row in csv.DictReader(file)]
    made = [Listing(dealer="bench", vertical="equipment", title=title, section="all") for title in titles * 5]
    started = time.perf_counter()
    for listing in made:
        infer_category_and_model(listing)
        infer_size(listing)
    seconds = time.perf_counter() - started
    yield Measured("inference", "classify and size, machines", len(made) / seconds, "listings/s", "≥ 5,000")
    yield Measured("inference", "memory at the end", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")

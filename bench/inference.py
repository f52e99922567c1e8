"""Category, make, model and size of the demo's stock: listings a second on one core, import time and memory."""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measured import Measured
from inventory.listing import Listing

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
    from pipelines.inference.infer import infer_category_and_model, infer_size

    with STOCK.open(newline="", encoding="utf-8") as file:
        titles = [f"{row.get('year', '')} {row['make']} {row['model']}" for row in csv.DictReader(file)]
    made = [realistic(title) for title in titles * 5]
    started = time.perf_counter()
    infer_category_and_model(made[0])
    infer_size(made[0])
    yield Measured("inference", "first listing, tables read", time.perf_counter() - started, "s")
    started = time.perf_counter()
    for listing in made:
        infer_category_and_model(listing)
        infer_size(listing)
    seconds = time.perf_counter() - started
    yield Measured("inference", "classify and size, machines", len(made) / seconds, "listings/s", "≥ 5,000")
    yield Measured("inference", "memory at the end", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
    yield from reliability(os.environ.get("SIZE_LABELS"))


def realistic(title: str) -> Listing:
    """A listing as pages give it: with a description, and some rows of specifications that say nothing of size."""
    description = (
        "One owner, all service records. Bucket 1.2 m3, air conditioning. Located in our yard; call for price."
    )
    specs = [["Condition", "Used"], ["Stock number", "A-1234"], ["Engine", "Diesel"], ["Location", "Yard 2"]]
    return Listing(
        dealer="bench", vertical="equipment", title=title, section="all", description=description, raw={"specs": specs}
    )


def reliability(labels: str | None) -> Iterator[Measured]:
    """How often size classes of each confidence are right, for labelled models that were left out with their base.

    `labels` is a file as bench/training/sizes.py reads it; labelled machines are not the project's to give away.
    """
    if labels is None:
        yield Measured("inference", "size confidence: unmeasured (SIZE_LABELS names no file)", 0, "labels")
        return
    from bench.training.sizes import cross_validate, read_labels

    results = cross_validate(read_labels(Path(labels)), lambda label: (label.category, label.base_model))
    answers = [(result.answer.confidence, result.right) for result in results if result.answer is not None]
    off = 0.0
    for tenth in range(10):
        found = [pair for pair in answers if tenth / 10 <= pair[0] < (tenth + 1) / 10]
        if found:
            said, right = sum(pair[0] for pair in found) / len(found), sum(pair[1] for pair in found) / len(found)
            off += abs(said - right) * len(found) / len(answers)
            name = f"size confidence {said:.2f}: right ({len(found)} models never seen)"
            yield Measured("inference", name, right, "share")
    yield Measured("inference", "size confidence: expected calibration error", off, "", "≤ 0.05")
    sure = [right for said, right in answers if said >= 0.8]
    if sure:
        yield Measured("inference", "sizes said with 0.8 and more: right", sum(sure) / len(sure), "share", "≥ 0.95")

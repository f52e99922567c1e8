"""Category, make, model and size of the demo's stock: listings a second on one core, import time and memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.measured import Measured
from bench.stock_listings import bare_machines, described_machines, dog_products
from inventory.listing import Listing

_PROGRAM = (
    "import time; t = time.process_time(); import pipelines.inference.infer; print(time.process_time() - t); "
    # ru_maxrss would be the parent's where that was larger: Linux keeps it across exec.
    "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
)
WARM_UP: Final = 25
"""One in so many listings is read before the clock starts: tables are read when they are first asked for."""


def nameless() -> Listing:
    """A machine that only the tables of models tell the maker of, which the stock's titles always name."""
    return Listing(dealer="bench", vertical="equipment", title="PC210LC-8 2010", section="all")


def measure() -> Iterator[Measured]:
    """In a fresh process for the import, in this one for the speed by processor time: others may use the machine."""
    # S603: our own program text.
    lines = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    yield Measured("inference", "import", float(lines[0]), "s", "< 0.5")
    yield Measured("inference", "memory after import", int(lines[1]) / 1024, "MB", "< 200")
    from pipelines.inference.infer import infer_category_and_model, infer_size

    for what, made, wanted in (
        ("machines, title only", list(bare_machines()), "≥ 5,000"),
        ("machines, with description and specifications", list(described_machines()), ""),
        ("dog products", list(dog_products()), ""),
    ):
        started = time.process_time()
        for listing in (*made[::WARM_UP], nameless()):
            infer_category_and_model(listing)
            infer_size(listing)
        yield Measured("inference", f"tables read, with a few {what}", time.process_time() - started, "s")
        others = [listing for number, listing in enumerate(made) if number % WARM_UP]
        started = time.process_time()
        for listing in others:
            infer_category_and_model(listing)
            infer_size(listing)
        seconds = time.process_time() - started
        yield Measured("inference", f"classify and size, {what}", len(others) / seconds, "listings/s", wanted)
    yield Measured("inference", "memory at the end", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
    yield from reliability(os.environ.get("SIZE_LABELS"))


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

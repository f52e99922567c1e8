"""Reading a detail page, against parsing it once with parsel and running one XPath, page by page in one run.

The pages: those of the folder PAGES_DIR, else the recorded pages of the tests.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from parsel import Selector

from bench.measured import Measured
from crawler.extraction.detail import read_detail
from crawler.extraction.page import Page

ROUNDS = 5
RECORDED = Path(__file__).parents[1] / "tests" / "recorded" / "pages"


def measure() -> Iterator[Measured]:
    """The median over pages of the best of five rounds each, and their ratio."""
    folder = Path(os.environ.get("PAGES_DIR", RECORDED))
    bodies = [gzip.decompress(file.read_bytes()) for file in sorted(folder.rglob("*.html.gz"))]
    ours, parsing = [], []
    for body in bodies:
        ours.append(min(_read(body) for _ in range(ROUNDS)))
        parsing.append(min(_parse(body) for _ in range(ROUNDS)))
    yield Measured("extraction", f"pages of {folder.name}", len(bodies), "pages")
    yield Measured("extraction", "parse once and one XPath, median", 1000 * median(parsing), "ms")
    yield Measured("extraction", "read_detail with parsing, median", 1000 * median(ours), "ms")
    ratio = median(one / other for one, other in zip(ours, parsing, strict=True))
    yield Measured("extraction", "read_detail / parse", ratio, "×", "≤ 2")


def _read(body: bytes) -> float:
    started = time.perf_counter()
    read_detail(Page("https://dealer.example/item/1", body))
    return time.perf_counter() - started


def _parse(body: bytes) -> float:
    started = time.perf_counter()
    Selector(body=body, type="html").xpath("//h1//text()").getall()
    return time.perf_counter() - started

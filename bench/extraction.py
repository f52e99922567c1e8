"""Reading a detail page, against parsing it once with parsel and running one XPath, page by page in one run.

Both are CPU time, so that what else the machine does is left out; the best of a few rounds each, in turn. Measured is
`read_detail` from bytes to fields, without the cleaning of a listing that follows in the pipeline. Each page is read
under its own address, as in a crawl. The pages: those of the folder PAGES_DIR, else the recorded pages of the tests.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, median

from parsel import Selector

from bench.measured import Measured
from crawler.extraction.detail import read_detail
from crawler.extraction.own_address import own_address
from crawler.extraction.page import Page

ROUNDS = 5
RECORDED = Path(__file__).parents[1] / "tests" / "recorded" / "pages"


def measure() -> Iterator[Measured]:
    """The median over pages of the best round each, and the median of their ratios."""
    folder = Path(os.environ.get("PAGES_DIR", RECORDED))
    bodies = [gzip.decompress(file.read_bytes()) for file in sorted(folder.rglob("*.html.gz"))]
    reading, parsing = [], []
    for body in bodies:
        url = own_address(Page("", body)) or "https://dealer.example/item/1"
        rounds = [(_seconds(_read, url, body), _seconds(_parse, url, body)) for _ in range(ROUNDS)]
        reading.append(min(read for read, _ in rounds))
        parsing.append(min(parsed for _, parsed in rounds))
    ratios = [read / parsed for read, parsed in zip(reading, parsing, strict=True)]
    yield Measured("extraction", f"pages of {folder.name}", len(bodies), "pages")
    yield Measured("extraction", "parse once and one XPath, median", 1000 * median(parsing), "ms")
    yield Measured("extraction", "read_detail with parsing, median", 1000 * median(reading), "ms")
    yield Measured("extraction", "read_detail with parsing, mean", 1000 * mean(reading), "ms")
    yield Measured("extraction", "read_detail / parse, median of pages", median(ratios), "×", "≤ 2")
    yield Measured("extraction", "read_detail / parse, all pages", sum(reading) / sum(parsing), "×")


def _seconds(work: Callable[[str, bytes], None], url: str, body: bytes) -> float:
    started = time.process_time()
    work(url, body)
    return time.process_time() - started


def _read(url: str, body: bytes) -> None:
    read_detail(Page(url, body))


def _parse(url: str, body: bytes) -> None:
    Selector(body=body, base_url=url, type="html").xpath("//h1//text()").getall()

"""The demo dealers with less stock than their files promise: for tests of how a crawl goes, not of all it finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from demo.running import DEALERS_DIR, RunningDemo, running


@contextmanager
def small_demo(folder: Path, machines: int, products: int) -> Iterator[RunningDemo]:
    """Like `running`; the dealer files of its `env` are copies in `folder` that promise no number of listings."""
    for file in DEALERS_DIR.glob("*.toml"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("min_listings")]
        assert len(kept) == len(lines) - 1
        (folder / file.name).write_text("".join(kept), encoding="utf-8")
    with running(machines=machines, products=products) as demo:
        yield replace(demo, env=demo.env | {"DEALERS_DIR": str(folder)})

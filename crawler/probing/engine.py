"""What a site is made with, by marks in its page and headers (data/engine_marks.csv): where to look first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pipelines.parsing.lexicon import rows

DATA: Final = Path(__file__).parent / "data"
_READ: Final = 500_000


def engines_of(body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    """Engine → the mark that tells it, in the order of the file: shops before what they are built on."""
    source = body[:_READ].lower().decode("latin-1") + "\n" + "\n".join(headers).lower()
    found: dict[str, str] = {}
    for engine, mark in _marks():
        if engine not in found and mark in source:
            found[engine] = mark
    return found


@cache
def _marks() -> tuple[tuple[str, str], ...]:
    return tuple((row["engine"], row["mark"].lower()) for row in rows("engine_marks.csv", DATA))

"""The account of a crawl as numbers that can be added up over requests and workers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final

from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk

_NO_COUNTS: Final = frozenset({"crawl_id", "limit", "asked_before"})
_COUNTS: Final = tuple(
    part.name for part in fields(DealerCrawl) if part.type in ("int", int) and part.name not in _NO_COUNTS
)
_COUNTERS: Final = tuple(part.name for part in fields(DealerCrawl) if str(part.type).startswith("Counter["))
_WALKS: Final = tuple(part.name for part in fields(SectionWalk))


def flat(crawl: DealerCrawl) -> dict[str, int]:
    """What was counted: `pages`, `errors.http_404`, `sections.excavators.pages`, …; only what is not 0."""
    found: dict[str, int] = {name: getattr(crawl, name) for name in _COUNTS}
    for counter in _COUNTERS:
        found.update({f"{counter}.{key}": n for key, n in getattr(crawl, counter).items()})
    for section, walk in crawl.sections.items():
        found.update({f"sections.{section}.{name}": int(getattr(walk, name)) for name in _WALKS})
    return {name: n for name, n in found.items() if n}


def add(crawl: DealerCrawl, numbers: Mapping[str, int]) -> None:
    """Add to what was counted; of what this version does not count nothing is taken."""
    for name, n in numbers.items():
        head, _, rest = name.partition(".")
        if head == "sections":
            section, _, part = rest.rpartition(".")
            walk = crawl.sections.get(section)
            if walk is not None and part == "truncated":
                walk.truncated = walk.truncated or n > 0
            elif walk is not None and part in _WALKS:
                setattr(walk, part, getattr(walk, part) + n)
        elif head in _COUNTERS:
            counter: Counter[str] = getattr(crawl, head)
            counter[rest] += n
        elif head in _COUNTS:
            setattr(crawl, head, getattr(crawl, head) + n)


def difference(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """What came on top."""
    return {name: n - before.get(name, 0) for name, n in now.items() if n != before.get(name, 0)}


def blank(crawl: DealerCrawl, asked_before: int = 0) -> DealerCrawl:
    """An account of the same crawl in which nothing is counted yet: that of one request."""
    nothing: dict[str, Counter[str] | int] = {name: Counter() for name in _COUNTERS}
    nothing |= dict.fromkeys(_COUNTS, 0)
    sections = {name: SectionWalk() for name in crawl.sections}
    return replace(crawl, sections=sections, open={}, asked_before=asked_before, **nothing)  # type: ignore[arg-type]

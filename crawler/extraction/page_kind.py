"""Whether a page offers one thing: home, category, search, error and prose pages give no listing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from crawler.extraction.json_ld import Linked
from crawler.extraction.main_price import Candidate
from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject
from crawler.extraction.visible import DATA
from pipelines.parsing.lexicon import fold, rows, word_pattern

MACHINE_FIELDS: Final = ("make", "model", "year", "hours", "serial_number")
_LIST_OF: Final = 8
"""So many different prices of the same shape and none of them the page's own: a list."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the sources found that speaks for or against one thing offered."""

    linked: Linked
    micro: Reading | None
    micro_list: bool
    og_type: str
    has_meta_price: bool
    embedded: bool


def is_error_page(subject: Subject) -> bool:
    """Whether title or main heading says that there is no such page."""
    for text in (subject.heading_text, subject.title):
        folded = fold(text, 200)
        if folded and _error_words().search(folded) and (len(folded) < 80 or folded.startswith("404")):
            return True
    return False


def offers_by_data(evidence: Evidence) -> bool:
    """Whether the page's data says it is about one product."""
    if evidence.linked.product is not None and not (
        evidence.linked.is_prose and "price" not in evidence.linked.product.raw
    ):
        return True
    if (
        evidence.micro is not None
        and not evidence.micro_list
        and ("price" in evidence.micro.raw or "title" in evidence.micro.raw)
    ):
        return True
    if evidence.embedded:
        return True
    return evidence.has_meta_price or evidence.og_type == "product"


def offers_by_sight(
    subject: Subject,
    found: Reading,
    price: Candidate | None,
    candidates: list[Candidate],
    evidence: Evidence,
    *,
    buy_button: bool,
) -> bool:
    """Whether a page without product data shows one thing: its price or machine's facts right at the main heading."""
    if subject.is_home or evidence.linked.is_prose or (evidence.linked.is_list and price is None):
        return False
    facts = sum(name in found.raw for name in MACHINE_FIELDS)
    if is_list(candidates, price):
        return False
    if price is not None:
        own = "sku" in found.raw or buy_button or facts >= 2 or len(found.specs) >= 4
        return own and evidence.og_type not in ("article", "website_list")
    return facts >= 3


def is_list(candidates: list[Candidate], price: Candidate | None) -> bool:
    """Whether prices of one shape repeat as on a list of things, and the price found is no other than one of them."""
    shapes: dict[str, set[object]] = {}
    for candidate in candidates:
        shapes.setdefault(candidate.shape, set()).add(candidate.money.amount)
    longest = max(shapes, key=lambda s: len(shapes[s]), default=None)
    if longest is None or len(shapes[longest]) < _LIST_OF:
        return False
    return price is None or price.shape == longest


@cache
def _error_words() -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows("error_words.csv", DATA))

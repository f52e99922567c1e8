"""Whether a page offers one thing: home, category, search, error and prose pages give no listing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

from crawler.extraction.json_ld import Linked
from crawler.extraction.main_price import ENOUGH
from crawler.extraction.price_candidate import Candidate, stands_badly
from crawler.extraction.price_terms import status_behind_heading
from crawler.extraction.prose_price import sentence_on_request
from crawler.extraction.reading import Reading
from crawler.extraction.specification import Seen
from crawler.extraction.stock import Stock
from crawler.extraction.subject import Subject, words_of
from crawler.extraction.url_id import id_in_url
from crawler.extraction.visible import DATA, Visible
from pipelines.inference.title import read_title
from pipelines.parsing.lexicon import fold, rows, word_pattern

MACHINE_FIELDS: Final = ("make", "model", "year", "hours", "serial_number")
_ENOUGH_POINTS: Final = 3
_MACHINE: Final = 3
"""So many of a machine's facts, hours or serial number among them, are an offer without a price or a word on stock."""
_MANY_SPECS: Final = 4
_NEAR: Final = 300
"""Texts behind the heading in which a way to ask is looked for."""
_PROSE_TYPES: Final = ("article", "blog", "profile")
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


def is_error_page(subject: Subject) -> bool:
    """Whether title or main heading says that there is no such page."""
    for text in (subject.heading_text, subject.title):
        folded = fold(text, 200)
        if folded and _words("error_words.csv").search(folded) and (len(folded) < 80 or folded.startswith("404")):
            return True
    return False


def offers_by_data(evidence: Evidence) -> bool:
    """Whether the page's data says it is about one product."""
    product, micro = evidence.linked.product, evidence.micro
    if product is not None and not (evidence.linked.is_prose and "price" not in product.raw):
        return True
    if micro is not None and not evidence.micro_list and ("price" in micro.raw or "title" in micro.raw):
        return True
    return evidence.has_meta_price


def offers_by_sight(
    subject: Subject,
    visible: Visible,
    seen: Seen,
    price: Candidate | None,
    candidates: list[Candidate],
    evidence: Evidence,
    *,
    stock: Stock,
) -> bool:
    """Whether a page without product data shows one thing: facts about it add up, and it can be bought or asked for."""
    if subject.is_home or evidence.linked.is_prose or evidence.og_type in _PROSE_TYPES:
        return False
    if visible.heading_at is None and (price is None or not stock.has_buy_button):
        return False
    if is_list(candidates, price) or (evidence.linked.is_list and price is None):
        return False
    facts = _facts(subject, seen, evidence)
    priced = price is not None or (seen.price is not None and not stands_badly(seen.price[0], candidates, ENOUGH))
    if not priced and facts < _MACHINE and sum(c.listed and not c.aside for c in candidates) > 1:
        return False
    phrases = bool(stock.phrases) or (not priced and facts > 1 and _says_no_amount(visible))
    points = (
        2 * priced
        + 2 * (evidence.og_type == "product")  # some sites say it on every page
        + stock.has_buy_button
        + phrases
        + facts
        + (not seen.reading.lacks("brand") or not seen.reading.lacks("gtin"))
        + ("condition" in seen.reading.raw)
        + (len(seen.reading.specs) >= _MANY_SPECS)
        + (id_in_url(subject.canonical) is not None)
    )
    individual = facts >= _MACHINE and _is_individual(seen, visible)
    return points >= _ENOUGH_POINTS and (priced or phrases or individual)


def _is_individual(seen: Seen, visible: Visible) -> bool:
    """Whether hours or serial number tell of one machine: under a label, or in a sentence of a page where to ask."""
    told = [seen.reading.provenance[name] for name in ("hours", "serial_number") if name in seen.reading.raw]
    if any(not where.startswith("sentence") for where in told):
        return True
    asking = _words("enquiry_words.csv")
    return bool(told) and any(
        len(node.text) <= 40 and asking.search(fold(node.text)) and not visible.is_aside(node.element)
        for node in islice(visible.after_heading(), _NEAR)
        if node.index < visible.main_end
    )


def _facts(subject: Subject, seen: Seen, evidence: Evidence) -> int:
    """How many of a machine's facts the page says of one machine: under labels, in sentences, in heading or title."""
    told = {name for name in MACHINE_FIELDS if name in seen.reading.raw}
    named = next((t for t in (read_title(subject.heading_text), read_title(subject.title)) if t.make and t.model), None)
    if seen.is_repeated or evidence.linked.is_list:
        words = words_of(f"{subject.heading_text} {subject.title}")
        own = {"make", "model"} <= told and words_of(str(seen.reading.raw["model"])) <= words
        return len(told) if own else 0
    if named is not None and told - {"make", "model"}:
        told |= {"make", "model"}
    return len(told) if named is None else max(len(told), 2)


def _says_no_amount(visible: Visible) -> bool:
    """Whether a text or a sentence behind the heading says to ask for the price, or that the thing is sold."""
    return status_behind_heading(visible) is not None or sentence_on_request(visible)


def says_no_offer(subject: Subject) -> bool:
    """Whether the heading begins with words for what is none: "Suche Bagger", "WTB: Cat 320", "Spec sheet Cat 320"."""
    match = _words("no_offer_words.csv").search(fold(subject.heading_text or subject.title, 60))
    return match is not None and match.start() == 0


def is_list(candidates: list[Candidate], price: Candidate | None) -> bool:
    """Whether prices of one shape repeat as on a list of things, and the price found is no other than one of them."""
    shapes: dict[str, set[object]] = {}
    for candidate in candidates:
        if candidate.aside:
            continue
        shapes.setdefault(candidate.shape, set()).add(candidate.money.amount)
    longest = max(shapes, key=lambda s: len(shapes[s]), default=None)
    if longest is None or len(shapes[longest]) < _LIST_OF:
        return False
    return price is None or price.shape == longest


@cache
def _words(file: str) -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows(file, DATA))

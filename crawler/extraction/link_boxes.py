"""The box around a link on a list: its title, price, picture and facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from crawler.extraction.main_price import SIGN
from crawler.extraction.query import strings
from crawler.extraction.subject import text_of
from pipelines.parsing.money import parse_money, status_without_amount

_MAX_LINKS: Final = 40
_MAX_TEXT: Final = 3000
_FACT: Final = re.compile(
    r"\b(?:19|20)\d\d\b|\d[\d.,  ]*\s?(?:h|hrs?|hours|Bh|Std|kg|lbs?|t|km|mth|м/ч)\b", re.IGNORECASE
)
_TEXTS: Final = strings(".//text()[normalize-space()][not(parent::script or parent::style)]")
_DIGIT: Final = re.compile(r"\d")
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True)
class Box:
    """What stands around a link."""

    text: str
    price_text: str | None
    has_image: bool
    facts: int


def box_of(anchor: etree._Element, urls: Mapping[etree._Element, str]) -> Box:
    """The largest element around the link that leads nowhere else of `urls` (element → address)."""
    box = anchor
    for _ in range(6):
        parent = box.getparent()
        if parent is None or parent.tag in ("body", "main", "html", "table", "tbody"):
            break
        if _leads_elsewhere(parent, anchor, urls):
            break
        box = parent
    texts = [" ".join(t.split()) for t in _TEXTS(box)][:120]
    whole = " ".join(texts)[:_MAX_TEXT]
    return Box(
        text=_title(anchor, box),
        price_text=_price(texts),
        has_image=next(box.iter("img", "picture"), None) is not None,
        facts=len(_FACT.findall(whole)),
    )


def _leads_elsewhere(element: etree._Element, anchor: etree._Element, urls: Mapping[etree._Element, str]) -> bool:
    own = urls.get(anchor)
    links = enumerate(element.iter("a"))
    return any(count > _MAX_LINKS or (other in urls and urls[other] != own) for count, other in links)


def _title(anchor: etree._Element, box: etree._Element) -> str:
    text = text_of(anchor)
    if len(text) >= 8:
        return text[:300]
    heading = next(box.iter(*_HEADINGS), None)
    if heading is not None:
        text = text_of(heading) or text
    return (text or anchor.get("title") or anchor.get("aria-label") or "")[:300]


def _price(texts: list[str]) -> str | None:
    """The first text that is a price or says to ask for it; a sign and an amount in two texts are joined."""
    asked = None
    for position, text in enumerate(texts):
        if len(text) > 120:
            continue
        if SIGN.search(text):
            whole = text if _DIGIT.search(text) else " ".join(texts[max(0, position - 1) : position + 2])
            money = parse_money(whole)
            if money.amount is not None:
                return whole
        elif asked is None and len(text) < 40 and status_without_amount(text) == "on_request":
            asked = text
    return asked

"""The page's main price, where no data says it: every price in the text is scored, and the best one must be good.

For it speak: right behind the main heading, marked as a price by usual class names, a price label before it, the
same amount elsewhere on the page. Against it: struck out, in a link to another page, among related things, a
was-price, an instalment, shipping or a rate in its words or class names, and one of many alike in shape.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lxml import etree

from crawler.extraction.labels import label_fields
from crawler.extraction.subject import text_of
from crawler.extraction.visible import Node, Visible, ancestors, leads_away, names_say
from pipelines.parsing.lexicon import fold
from pipelines.parsing.money import Money, find_amounts, parse_money

ENOUGH: Final = 3.0
"""The score from which a candidate is taken for the main price."""
SIGN: Final = re.compile(
    r"[$€£¥₹₽₩₺₴₸₪₫฿₱₦元円원]|\b(?:EUR|USD|GBP|CHF|CAD|AUD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|BRL|ZAR|AED|SAR|KZT|BYN|RUB|UAH|INR|NT)\b"
    r"|\b(?:kr|zł|Kč|Ft|lei|kn|руб|тг|грн|лв|TL|Rs)\b\.?|р\.|ر\.س|د\.إ|درهم|ريال",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_BOX_LEVELS: Final = 8
_NEVER: Final = frozenset({"option", "a", "button", "time", "label"})
"""Elements whose bare numbers are no price."""
_MAX_TEXT: Final = 160
_LONGEST_AMOUNT: Final = 16
_LONGEST: Final = 60
_NAMING: Final = ("class", "id", "itemprop", "data-testid")
_LONGEST_SIGN: Final = 6
_MAX_CANDIDATES: Final = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A price on the page."""

    text: str
    money: Money
    node: Node
    score: float
    shape: str
    why: str
    aside: bool = False
    """In a part of the page about something else."""
    listed: bool = False
    """In one of several boxes alike that lead to other pages."""
    marked: bool = False
    """Marked as a price by a usual class name, or by a label."""

    @property
    def is_rate(self) -> bool:
        """Whether the amount is for a time."""
        return self.money.price_period not in (None, "once")


def main_price(candidates: list[Candidate]) -> Candidate | None:
    """The main price among all candidates, or `None` where none is good enough to be it.

    A rate per day, week or month is taken only where no other price is and it is marked as the price: a rent.
    """
    for rates in (False, True):
        those = [c for c in candidates if c.is_rate == rates and (not rates or (c.marked and not c.money.is_from))]
        best = max(those, key=lambda c: (c.score, -c.node.index), default=None)
        if best is not None and best.score >= ENOUGH:
            return best
    return None


def price_candidates(visible: Visible, currency: str | None = None) -> list[Candidate]:
    """All prices of the page with their scores, in reading order."""
    raw = _raw_candidates(visible, currency)
    counts = _Counts(Counter(money.amount for _, money, _ in raw), {}, listed_elements(visible, [n for _, _, n in raw]))
    for _, money, node in raw:
        counts.shapes.setdefault(_shape(node), set()).add(money.amount)
    return [_scored(visible, text, money, node, counts) for text, money, node in raw]


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often an amount and how many amounts of a shape there are, and which elements are boxes of a list."""

    amounts: Counter[Decimal | None]
    shapes: dict[str, set[Decimal | None]]
    boxes: set[etree._Element]


def listed_elements(visible: Visible, nodes: list[Node]) -> set[etree._Element]:
    """The boxes of lists among the elements around texts: one of several alike beside each other, each leading away."""
    heading = visible.subject.heading
    own = set() if heading is None else {heading, *heading.iterancestors()}
    alike: dict[tuple[etree._Element, str], set[etree._Element]] = {}
    for node in nodes:
        for box in ancestors(node.element, _BOX_LEVELS):
            parent = box.getparent()
            if parent is None or box in own or box.tag == "body":
                break
            if _is_single(box):
                continue
            kind = f"{box.tag}.{(box.get('class') or '').split(' ')[0]}"
            alike.setdefault((parent, kind), set()).add(box)
    boxes = {
        box for (_, kind), group in alike.items() if len(group) > (2 if kind.startswith("tr.") else 1) for box in group
    }
    return {box for box in boxes if any(leads_away(link) for link in box.iter("a"))}


def _is_single(box: etree._Element) -> bool:
    """Whether an id without a number says that there is one such box on the page."""
    name = box.get("id") or ""
    return bool(name) and not _DIGIT.search(name)


def _raw_candidates(visible: Visible, currency: str | None) -> list[tuple[str, Money, Node]]:
    """Texts that are prices, and prices written in pieces where no piece is a price by itself."""
    found: list[tuple[str, Money, Node]] = []
    pieces: list[Node] = []
    for node in visible.nodes:
        if len(node.text) > _MAX_TEXT or len(found) >= _MAX_CANDIDATES:
            continue
        has_digit = _DIGIT.search(node.text) is not None
        if not has_digit and len(node.text) > _LONGEST_SIGN:
            continue
        has_sign = SIGN.search(node.text) is not None
        if has_sign and visible.is_aside(node.element):
            continue
        if has_sign and has_digit:
            _add_price(found, node.text, node, currency)
        elif has_sign or (
            len(node.text) < _LONGEST_AMOUNT and node.element.tag not in _NEVER and _class_says(node, 2, "price")
        ):
            pieces.append(node)
    whole = {box for _, _, node in found for box in ancestors(node.element, 4)}
    seen: set[object] = set()
    for node in pieces[:_MAX_CANDIDATES]:
        text, box = _joined(node)
        if text is not None and box not in seen and box not in whole:
            seen.add(box)
            _add_price(found, text, node, currency)
    found.sort(key=lambda candidate: candidate[2].index)
    return found


def _add_price(found: list[tuple[str, Money, Node]], text: str, node: Node, currency: str | None) -> None:
    money = parse_money(text, currency=currency)
    if money.amount is not None and money.amount > 0 and (money.currency or _has_currency(text)):
        found.append((text, money, node))


def _joined(node: Node) -> tuple[str | None, object]:
    """A price written in pieces ("$" "87" "11"): the text of the smallest element around that has it all."""
    for box in ancestors(node.element, 4):
        text = _pieces(box)
        if len(text) > _LONGEST:
            break
        if _DIGIT.search(text) and SIGN.search(text):
            return text, box
    return None, None


def _pieces(box: object) -> str:
    """Text of an element whose pieces belong together; cents in an element of their own get their decimal sign."""
    text = text_of(box)  # type: ignore[arg-type]
    return re.sub(r"(?<=\d)[ .,]{1,3}(\d\d)(?=$|\s*[^\d\s.,])", r".\1", text) if len(text) <= _LONGEST else text


def _has_currency(text: str) -> bool:
    return any(a.token for a in find_amounts(fold(text)))


def _scored(visible: Visible, text: str, money: Money, node: Node, counts: _Counts) -> Candidate:
    zone = visible.zone(node.element)
    shape = _shape(node)
    reasons: list[tuple[float, str]] = []
    if visible.heading_at is not None:
        distance = node.index - visible.heading_at
        reasons.append(
            (
                4.0 - 0.55 * math.log2(1 + (distance if distance >= 0 else 60 - 3 * distance)),
                f"{distance} texts behind the heading",
            )
        )
    else:
        reasons.append((1.0 - 0.3 * math.log2(1 + node.index / 50), "no heading"))
    classed, labelled = _class_says(node, 4, "price"), _label_before(visible, node)
    reasons.append((2.0 if classed else 0.0, "marked as price"))
    reasons.append((-3.0 if _class_says(node, 4, "not_price") else 0.0, "marked as another price"))
    reasons.append((2.0 if labelled else 0.0, "labelled"))
    reasons.append((-5.0 if zone.struck else 0.0, "struck out"))
    reasons.append((-5.0 if zone.elsewhere else 0.0, "elsewhere"))
    reasons.append((-2.0 if zone.linked else 0.0, "in a link"))
    reasons.append((-0.5 if zone.hidden else 0.0, "hidden"))
    reasons.append((min(1.0, 0.4 * (counts.amounts[money.amount] - 1)), "repeated"))
    reasons.append(
        (-3.0 if len(counts.shapes[shape]) >= 5 else -1.0 if len(counts.shapes[shape]) >= 3 else 0.0, "one of many")
    )
    reasons.append((-1.5 if money.is_from else 0.0, "a lowest price"))
    reasons.append((-0.02 * max(0, len(text) - 30), "among words"))
    listed = any(box in counts.boxes for box in ancestors(node.element, _BOX_LEVELS))
    reasons.append((-5.0 if listed else 0.0, "in a list"))
    reasons.append((-3.0 if node.index > visible.main_end else 0.0, "behind related things"))
    score = sum(points for points, _ in reasons)
    why = ", ".join(f"{why} {points:+.1f}" for points, why in reasons if points)
    return Candidate(text, money, node, score, shape, why, zone.elsewhere or zone.hidden, listed, classed or labelled)


def _class_says(node: Node, levels: int, zone: str) -> bool:
    for element in ancestors(node.element, levels):
        for attribute in _NAMING:
            names = element.get(attribute)
            if names and names_say(names, zone):
                return True
    return False


def _label_before(visible: Visible, node: Node) -> bool:
    """Whether "Price:" or the like stands before the amount in its text or in the text just before."""
    before = visible.nodes[node.index - 1].text if node.index else ""
    return "price" in label_fields(before) or "price" in label_fields(node.text[: _first_digit(node.text)])


def _first_digit(text: str) -> int:
    match = re.search(r"[\d$€£¥]", text)
    return match.start() if match else 0


def _shape(node: Node) -> str:
    """Tags and classes of the element and its ancestors: the same for prices of a list."""
    return ">".join(
        f"{e.tag}.{' '.join(sorted((e.get('class') or '').split())[:2])}" for e in ancestors(node.element, 3)
    )

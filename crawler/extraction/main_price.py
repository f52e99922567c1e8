"""The page's main price, where no data says it: every price in the text is scored, and the best one must be good.

For it speak: right behind the main heading, marked as a price by usual class names, a price label before it, the
same amount elsewhere on the page. Against it: struck out, in a link to another page, among related things, a
was-price, an instalment, shipping or a rate in its words or class names, and one of many alike in shape.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from lxml import etree

from crawler.extraction.price_candidate import Candidate, label_of, mark_level
from crawler.extraction.prices_together import OTHER_PRICE, settle_together
from crawler.extraction.subject import text_of
from crawler.extraction.texts import Node
from crawler.extraction.visible import Visible, ancestors, leads_away
from pipelines.parsing.lexicon import fold
from pipelines.parsing.money import Money, find_amounts, parse_money, says_former, says_lowest, says_other
from pipelines.wording.labels import label_fields

ENOUGH: Final = 3.0
"""The score from which a candidate is taken for the main price."""
_CODES: Final = (
    "aed", "aud", "bgn", "brl", "byn", "cad", "chf", "czk", "dkk", "eur", "gbp", "huf", "inr", "kzt", "nok", "pln",
    "ron", "rub", "sar", "sek", "try", "uah", "usd", "zar",
)  # fmt: skip
_SHORT: Final = ("ft", "kn", "kr", "kč", "lei", "nt", "rs", "tl", "zł", "грн", "лв", "руб", "тг")


def _either_case(stems: Sequence[str]) -> str:
    """Words as a tree by their first letters in both cases: a third of the time that re.IGNORECASE takes."""
    by_sign: dict[str, list[str]] = {}
    for stem in stems:
        by_sign.setdefault(stem[:1], []).append(stem[1:])
    parts = [f"[{sign.upper()}{sign}]{_either_case(rest)}" for sign, rest in by_sign.items() if sign]
    return f"(?:{'|'.join(parts)}){'?' if '' in by_sign else ''}" if parts else ""


SIGN: Final = re.compile(
    r"[$€£¥₹₽₩₺₴₸₪₫฿₱₦元円원]"
    rf"|(?<![^\W\d_]){_either_case(_CODES)}(?![^\W\d_])|(?<!\w){_either_case(_SHORT)}(?!\w)"
    r"|[рР]\.|ر\.س|د\.إ|درهم|ريال"
)
"""A currency's sign, code or usual short word. A code may touch the number ("1299EUR")."""
_DIGIT: Final = re.compile(r"\d")
_BOX_LEVELS: Final = 8
_NEVER: Final = frozenset({"option", "a", "button", "time", "label"})
"""Elements whose bare numbers are no price."""
_HEADS: Final = frozenset({"h2", "h3", "h4"})
_MAX_TEXT: Final = 160
_LONGEST_AMOUNT: Final = 16
_LONGEST: Final = 60
_LONGEST_SIGN: Final = 6
_OPEN_AMOUNT: Final = re.compile(r"\d[.,]?$")
_PIECES: Final = re.compile(r"(?<=\d)[ .,]{1,3}(\d\d)(?=$|\s*[^\d\s.,])")
_CENTS: Final = re.compile(r"[.,]?\d\d")
_MAX_CANDIDATES: Final = 200


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
    boxes = listed_elements(visible, [node for _, _, node in raw])
    own = {money.amount for _, money, node in raw if not visible.is_aside(node.element)}
    counts = _Counts(Counter(money.amount for _, money, _ in raw), {}, boxes, own)
    for _, money, node in raw:
        counts.shapes.setdefault(_shape(node), set()).add(money.amount)
    return settle_together(visible, [_scored(visible, text, money, node, counts) for text, money, node in raw])


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often an amount and how many amounts of a shape there are, and which elements are boxes of a list."""

    amounts: Counter[Decimal | None]
    shapes: dict[str, set[Decimal | None]]
    boxes: set[etree._Element]
    own: set[Decimal | None]
    """The amounts outside parts of the page about something else."""


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
        text = node.text
        if len(text) > _MAX_TEXT:
            continue
        has_digit = _DIGIT.search(text) is not None
        if not has_digit and len(text) > _LONGEST_SIGN:
            continue
        if len(found) >= _MAX_CANDIDATES:
            break
        has_sign = SIGN.search(text) is not None
        if has_sign and visible.is_aside(node.element):
            continue
        if has_sign and has_digit and not _goes_on(visible, node):
            _add_price(found, text, node, currency)
        elif has_sign or (
            len(text) < _LONGEST_AMOUNT
            and node.element.tag not in _NEVER
            and mark_level(node.element, "price", 2) is not None
        ):
            pieces.append(node)
    whole = {box for _, _, node in found for box in ancestors(node.element, 4)}
    seen: set[object] = set()
    for node in pieces[:_MAX_CANDIDATES]:
        joined, box = _joined(node)
        if joined is not None and box not in seen and box not in whole:
            seen.add(box)
            _add_price(found, joined, node, currency)
        elif joined is None and (bare := _bare_amount(visible, node)) is not None:
            found.append((bare, parse_money(bare, currency=currency), node))
    found.sort(key=lambda candidate: candidate[2].index)
    return found


def _add_price(found: list[tuple[str, Money, Node]], text: str, node: Node, currency: str | None) -> None:
    money = parse_money(text, currency=currency)
    if money.amount is not None and money.amount > 0 and (money.currency or _has_currency(text)):
        found.append((text, money, node))


def _goes_on(visible: Visible, node: Node) -> bool:
    """Whether the cents of an amount follow in an element of their own: "$79.<sup>99</sup>"."""
    if not _OPEN_AMOUNT.search(node.text) or node.index + 1 >= len(visible.nodes):
        return False
    cents = visible.nodes[node.index + 1]
    return bool(_CENTS.fullmatch(cents.text)) and (
        cents.element.tag == "sup" or (node.text[-1] in ".," and len(cents.element) == 0)
    )


def _bare_amount(visible: Visible, node: Node) -> str | None:
    """An amount without any sign that is a price by its raised cents and a usual class name: "69.<sup>99</sup>"."""
    if not _goes_on(visible, node) or visible.is_aside(node.element):
        return None
    if any(mark_level(node.element, zone) is not None for zone in ("not_price", "before_price")):
        return None
    return f"{node.text.rstrip('.,')}.{visible.nodes[node.index + 1].text.strip('.,')}"


def joined_price(node: Node) -> str | None:
    """The text of a price written in pieces, of which the node is one."""
    return _joined(node)[0]


def _joined(node: Node) -> tuple[str | None, object]:
    """A price written in pieces ("$" "87" "11"): the text of the smallest element around that has it all."""
    for box in ancestors(node.element, 4):
        text = _pieces(box)
        if len(text) > _LONGEST:
            break
        if _has_price(text):
            return text, box
    return None, None


@lru_cache(maxsize=4096)
def _has_price(text: str) -> bool:
    """Whether a short text has a digit and a currency."""
    return _DIGIT.search(text) is not None and SIGN.search(text) is not None


def _pieces(box: object) -> str:
    """Text of an element whose pieces belong together; cents in an element of their own get their decimal sign."""
    text = text_of(box)  # type: ignore[arg-type]
    return _PIECES.sub(r".\1", text) if len(text) <= _LONGEST and _DIGIT.search(text) else text


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
        reasons.append((2.5 if len(counts.own) == 1 else 0.0, "the only price"))
    classed, labelled = mark_level(node.element, "price") is not None, _label_before(visible, node)
    label = label_of(visible, node)
    former = 0 if says_former(label) else mark_level(node.element, "before_price")
    other = mark_level(node.element, "not_price") is not None or (label.endswith(":") and says_other(label))
    reasons.append((2.0 if classed else 0.0, "marked as price"))
    reasons.append((-OTHER_PRICE if other or former is not None else 0.0, "marked as another price"))
    reasons.append((2.0 if labelled else 0.0, "labelled"))
    reasons.append((1.0 if node.element.tag in _HEADS and node.text == text else 0.0, "set as a heading"))
    reasons.append((-5.0 if zone.struck else 0.0, "struck out"))
    reasons.append((-5.0 if zone.elsewhere else 0.0, "elsewhere"))
    reasons.append((-2.0 if zone.linked else 0.0, "in a link"))
    reasons.append((-0.5 if zone.hidden else 0.0, "hidden"))
    reasons.append((min(1.0, 0.4 * (counts.amounts[money.amount] - 1)), "repeated"))
    reasons.append(
        (-3.0 if len(counts.shapes[shape]) >= 5 else -1.0 if len(counts.shapes[shape]) >= 3 else 0.0, "one of many")
    )
    reasons.append((-1.5 if money.is_from or says_lowest(label) else 0.0, "a lowest price"))
    reasons.append((-0.02 * max(0, len(text) - 30), "among words"))
    listed = any(box in counts.boxes for box in ancestors(node.element, _BOX_LEVELS))
    reasons.append((-5.0 if listed else 0.0, "in a list"))
    reasons.append((-3.0 if node.index > visible.main_end else 0.0, "behind related things"))
    score = sum(points for points, _ in reasons)
    why = ", ".join(f"{why} {points:+.1f}" for points, why in reasons if points)
    aside = zone.elsewhere or zone.hidden
    return Candidate(text, money, node, score, shape, why, aside, listed, classed or labelled, former, other)


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

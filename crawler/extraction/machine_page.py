"""What a page says of a machine besides its facts: rent or sale, new or used, and the country it stands in.

Asked last, of pages about machines; what the page's data or labels said stays.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.extraction.country import likely_country
from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject, text_of
from crawler.extraction.texts import Node
from crawler.extraction.visible import DATA, Visible
from pipelines.inference.title import read_title
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.hours import parse_hours
from pipelines.parsing.lexicon import fold, patterns, rows, word_pattern
from pipelines.parsing.money import parse_money
from pipelines.wording.machine_sentences import says_used

_CERTAINLY_USED: Final = 250
"""Hours that no new machine has: tests and delivery take a few dozen."""
_PERIODS: Final = ("hour", "day", "week", "month")
_TRAIL: Final = re.compile(r"[/>›»|→]")
_BEFORE: Final = 6
_FIRST_TEXTS: Final = 4
_SENTENCE: Final = 40
_NOTE: Final = 60
_LONGEST_NOTE: Final = 400
_MOST_OTHERS: Final = 0.5
"""Share of a text that its stock words must make up to be about the machine: "Service history available" is not."""


def complete_machine(subject: Subject, visible: Visible, found: Reading, price_at: Node | None) -> None:
    """Settle title, kind of offer, condition, country; drop what shops' habits suggest and machines do not bear out."""
    _put_title(subject, visible, found)
    _put_rent(subject, visible, found, price_at)
    if "condition" not in found.raw and found.raw.get("offer_type") != "rent":
        _put_condition(subject, visible, found)
    if "location" in found.raw and "country" not in found.raw:
        likely = likely_country(subject, visible, found)
        if likely is not None:
            found.put("country", *likely)
    if price_at is not None and "price_tax" not in found.raw:
        _put_tax(subject, visible, found, price_at)
    if "price" not in found.raw and "price_status" not in found.raw:
        _put_status(visible, found)
    _check_stock(found)


def _put_title(subject: Subject, visible: Visible, found: Reading) -> None:
    """Old pages name the machine in bold, and in their title only themselves."""
    at = visible.machine_heading
    if at is not None and found.provenance.get("title") in ("heading", "title", "meta og:title"):
        found.drop("title")
        found.put("title", visible.nodes[at].text, "heading by its place")


def _put_rent(subject: Subject, visible: Visible, found: Reading, price_at: Node | None) -> None:
    """A rent: heading or address say so, or a bare rate ("per day") stands right behind the price."""
    path = unquote(urlsplit(subject.url).path).replace("-", " ").replace("/", " / ")
    about = fold(f"{visible.heading_said} / {path}", 600)
    for_rent = _rent_words()["about"].search(about) is not None and not _rent_words()["sale"].search(about)
    period, where = _rate(visible, found, price_at, for_rent=for_rent)
    if not for_rent and period is None:
        return
    if found.raw.get("offer_type") != "auction":
        found.drop("offer_type")
        found.put("offer_type", "rent", where if period else "heading or address")
    if period and "price" in found.raw and "price_period" not in found.raw:
        found.put("price_period", period, where)


def _rate(visible: Visible, found: Reading, price_at: Node | None, *, for_rent: bool) -> tuple[str | None, str]:
    """The time that the price is for, by the text right behind it, on pages about renting also the one before."""
    if price_at is None or "price" not in found.raw:
        return None, ""
    places = (price_at.index + 1, price_at.index - 1, price_at.index + 2) if for_rent else (price_at.index + 1,)
    for at in places:
        if not 0 <= at < len(visible.nodes):
            continue
        text = fold(visible.nodes[at].text, 80)
        if len(text) > 60 or (any(map(str.isdigit, text)) and at != price_at.index - 1):
            continue
        for period in _PERIODS:
            match = _rent_words()[period].search(text)
            if match is not None and (for_rent or match.start() <= 1):
                return period, f"text “{visible.nodes[at].text}” beside the price"
    return None, ""


def _put_tax(subject: Subject, visible: Visible, found: Reading, price_at: Node) -> None:
    """Net or gross by the label of the price, a short text near it, or a sentence on all prices anywhere."""
    nodes = visible.nodes
    near = [n.text for n in nodes[max(0, price_at.index - 3) : price_at.index + 5] if len(n.text) <= _NOTE]
    notes = [n.text for n in nodes if len(n.text) <= 4 * _NOTE and _on_prices(n.text)]
    foot = [part for e in subject.root.iter("footer") for part in text_of(e)[:5000].split(". ")]
    notes += [part for part in foot if _on_prices(part[:_LONGEST_NOTE])]
    for where, texts in (("beside the price", near), ("on all prices", notes)):
        said = {tax for text in texts if (tax := parse_money(text).price_tax) != "unknown"}
        if len(said) == 1:
            found.put("price_tax", said.pop(), f"text {where}")
            return


@lru_cache(maxsize=4096)
def _on_prices(text: str) -> bool:
    return _rent_words()["prices"].search(fold(text, _LONGEST_NOTE)) is not None


def _put_status(visible: Visible, found: Reading) -> None:
    """A sentence that says in more than one word to ask for the price: "we have not priced it yet, ring us"."""
    start = visible.heading_at or 0
    for node in visible.nodes[start + 1 : visible.main_end]:
        if len(node.text) > _SENTENCE and not visible.is_aside(node.element):
            match = patterns("money_words.csv")["on_request"].search(fold(node.text, 2000))
            if match is not None and " " in match[0] and _rent_words()["asked price"].search(match[0]):
                found.put("price_status", "on_request", f"sentence with “{match[0]}”")
                return


def _put_condition(subject: Subject, visible: Visible, found: Reading) -> None:
    """New or used by the heading, the trail above it, the address, the first sentences, and the hours run."""
    title = read_title(visible.heading_said)
    for text, where, allowed in (
        (title.rest, "heading", ("used",)),  # "new" may be its tracks
        *((text, f"text “{text[:40]}” above the heading", ("used", "new")) for text in _above(visible)),
        (" ".join(re.split(r"[/_-]+", unquote(urlsplit(subject.url).path))[:-1]), "address", ("used",)),
    ):
        if (said := parse_condition(text)) in allowed:
            found.put("condition", said, where)
            return
    start = visible.heading_at or 0
    texts = [n.text for n in visible.nodes[start + 1 : visible.main_end] if len(n.text) > _SENTENCE][:_FIRST_TEXTS]
    if any(says_used(text) for text in texts) or says_used(visible.heading_said):
        found.put("condition", "used", "sentence near the heading")
        return
    hours = parse_hours(found.raw.get("hours")) or title.hours
    if hours is not None and hours >= _CERTAINLY_USED:
        found.put("condition", "used", f"{hours} hours run")


def _above(visible: Visible) -> list[str]:
    """The trail of sections above the heading, or the line over it; no links of a menu."""
    start = visible.heading_at
    if start is None:
        return []
    found: list[str] = []
    for node in reversed(visible.nodes[max(0, start - _BEFORE) : start]):
        classes = " ".join((e.get("class") or "") for e in (node.element, node.element.getparent()) if e is not None)
        is_line = node.index == start - 1 and not visible.zone(node.element).linked
        if (is_line or _TRAIL.search(node.text) or "crumb" in classes.lower()) and len(node.text) <= 120:
            found.append(node.text)
    return found


def _check_stock(found: Reading) -> None:
    """A machine with a price need not be there any more, and "available" is said of much else."""
    where = found.provenance.get("availability", "")
    if where == "offered with a price":
        found.drop("availability")
    elif where.startswith("text “") and str(found.raw["availability"]) == "InStock":
        text = fold(where.removeprefix("text “").removesuffix("”"))
        match = patterns("availability.csv")["InStock"].search(text)
        starts = match is not None and match.start() <= 1 and len(text.split()) <= 4
        if match is not None and not starts and len(match[0]) < _MOST_OTHERS * len(text):
            found.drop("availability")


@cache
def _rent_words() -> dict[str, re.Pattern[str]]:
    kinds: dict[str, list[str]] = {}
    for row in rows("rent_words.csv", DATA):
        kinds.setdefault(row["kind"], []).append(row["word"])
    found = {kind: word_pattern(words) for kind, words in kinds.items()}
    found["about"] = re.compile(rf"(?<!ex )(?<!ex-)(?<!aus )(?:{found['about'].pattern})")
    return found

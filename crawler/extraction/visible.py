"""What a reader of the page sees, in reading order: one pass over the text, shared by all who look for something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Final

from lxml import etree

from crawler.extraction.subject import Subject, words_of
from crawler.extraction.texts import Node, text_nodes
from inventory.taxonomy.makes import find_make
from pipelines.parsing.lexicon import fold, rows, word_pattern
from pipelines.wording.labels import label_fields

_HEADS: Final = frozenset({"h2", "h3", "h4", "h5", "h6", "strong", "b", "span", "div", "p", "legend", "summary"})
_STRUCK: Final = frozenset({"del", "s", "strike"})
_LANDMARKS: Final = frozenset({"nav", "footer", "select"})
_HIDDEN_STYLE: Final = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE)
_LONGEST_HEAD: Final = 60
_LONGEST_NAMES: Final = 500
_LONGEST_NAME: Final = 150
_FAR: Final = 600
_DIGIT: Final = re.compile(r"\d")
DATA: Final = Path(__file__).parent / "data"
_SAME_NAME: Final = 0.5
"""Share of the page's name that a text must have to be its heading."""


@dataclass(frozen=True, slots=True)
class Zone:
    """What the elements around a text say about it by their tags and usual class names."""

    hidden: bool = False
    elsewhere: bool = False
    struck: bool = False
    linked: bool = False


class Visible:
    """The page's visible text nodes in reading order, and where its main heading stands among them."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        heading = subject.heading
        around = [] if heading is None else [heading, *heading.iterancestors()]
        self._zones: dict[etree._Element, Zone] = dict.fromkeys(around, Zone())

    @cached_property
    def nodes(self) -> list[Node]:
        """All text nodes with something in them, hidden ones too (see `zone`)."""
        body = self.subject.root.find("body")
        return text_nodes(self.subject.root if body is None else body)

    @cached_property
    def heading_at(self) -> int | None:
        """Index of the main heading's first text."""
        if self.machine_heading is not None:
            return self.machine_heading
        heading = self.subject.heading
        main = self.subject.main_words
        if heading is not None and (not main or _covered(self.subject.heading_text, main) >= _SAME_NAME):
            inside = set(heading.iter())
            return next((n.index for n in self.nodes if n.element in inside), None)
        named = self._named_like_the_page(main)
        if named is not None or heading is None:
            return named
        inside = set(heading.iter())
        return next((n.index for n in self.nodes if n.element in inside), None)

    @cached_property
    def heading_said(self) -> str:
        """The text of the main heading, wherever it stands; the document's title without one."""
        if self.machine_heading is not None:
            return self.nodes[self.machine_heading].text
        return self.subject.heading_text or self.subject.title

    @cached_property
    def machine_heading(self) -> int | None:
        """Index of the text that heads a machine's facts, where neither `h1` nor title names one, as on old pages.

        It names maker and number, and a known label comes right behind it.
        """
        if self.subject.heading is not None or find_make(self.subject.title) is not None:
            return None
        for node, behind in zip(self.nodes[:_FAR], self.nodes[1:], strict=False):
            text = node.text
            if not 4 < len(text) <= _LONGEST_NAME or not label_fields(behind.text) or label_fields(text):
                continue
            hit = find_make(text)
            if hit is None or not _DIGIT.search(text[hit[1][1] :] or text) or self.is_aside(node.element):
                continue
            if not self.zone(node.element).linked:
                return node.index
        return None

    @cached_property
    def main_end(self) -> int:
        """Index of the text that heads related things ("You may also like"); the number of texts without one."""
        start = (self.heading_at or 0) + 1
        for node in self.nodes[start:]:
            if len(node.text) <= _LONGEST_HEAD and heads_related(node.text) and node.element.tag in _HEADS:
                return node.index
        return len(self.nodes)

    def _named_like_the_page(self, main: frozenset[str]) -> int | None:
        """The text with most of the page's name in it, outside links and navigation: where no h1 says the name."""
        best, best_share = None, _SAME_NAME
        if sum(map(len, main)) < 4:
            return None
        for node in self.nodes:
            if 4 < len(node.text) <= 250 and _has_half(node.text.casefold(), main):
                covered = _covered(node.text, main)
                if covered > best_share and not self.is_aside(node.element) and not self.zone(node.element).linked:
                    best, best_share = node.index, covered
        return best

    def after_heading(self) -> Iterator[Node]:
        """Texts from the main heading on, then those before it."""
        start = self.heading_at or 0
        return chain(islice(self.nodes, start, None), islice(self.nodes, start))

    def zone(self, element: etree._Element) -> Zone:
        """The zone of an element by its own attributes and its ancestors'. What holds the heading is no side part."""
        above: list[etree._Element] = []
        current: etree._Element | None = element
        while current is not None and current not in self._zones:
            above.append(current)
            current = current.getparent()
        zone = self._zones[current] if current is not None else Zone()
        for part in reversed(above):
            zone = _own_zone(part, zone)
            self._zones[part] = zone
        return zone

    def is_aside(self, element: etree._Element) -> bool:
        """Whether the element is hidden or in a part of the page about something else."""
        zone = self.zone(element)
        return zone.hidden or zone.elsewhere


def _covered(text: str, name: frozenset[str]) -> float:
    """Share of the name's words that are in the text."""
    return len(words_of(text) & name) / len(name) if name else 0.0


def _has_half(text: str, name: frozenset[str]) -> bool:
    """Whether half of the name's words may be in a text in lower case: the quick question before the right one."""
    missing, allowed = 0, len(name) / 2
    for word in name:
        if word not in text:
            missing += 1
            if missing > allowed:
                return False
    return True


def ancestors(element: etree._Element, levels: int) -> list[etree._Element]:
    """The element itself and its ancestors, at most `levels` of them, from the inside out."""
    found = [element]
    parent = element.getparent()
    while parent is not None and len(found) < levels:
        found.append(parent)
        parent = parent.getparent()
    return found


def _own_zone(element: etree._Element, outer: Zone) -> Zone:
    tag = element.tag
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    style = element.get("style")
    hidden = element.get("hidden") is not None or bool(style and _HIDDEN_STYLE.search(style))
    elsewhere = tag in _LANDMARKS or (len(names) > 1 and names_say(names, "elsewhere"))
    struck = tag in _STRUCK or bool(style and "line-through" in style)
    linked = tag == "a" and leads_away(element)
    if not (hidden or elsewhere or struck or linked):
        return outer  # most elements say nothing new
    return Zone(outer.hidden or hidden, outer.elsewhere or elsewhere, outer.struck or struck, outer.linked or linked)


def names_say(names: str, zone: str) -> bool:
    """Whether class names or ids have a usual word of the zone."""
    return _names_say(names[:_LONGEST_NAMES], zone)


@lru_cache(maxsize=20_000)
def _names_say(names: str, zone: str) -> bool:
    """A shop's pages share their names: remembered."""
    return zone_words()[zone].search(names.lower()) is not None


def leads_away(link: etree._Element) -> bool:
    """Whether a link leads to another page."""
    href = (link.get("href") or "").strip().lower()
    return bool(href) and not href.startswith(("#", "javascript:"))


@cache
def zone_words() -> dict[str, re.Pattern[str]]:
    """Zone → pattern of the usual words in class and id attributes. Short words only as a part of their own."""
    found: dict[str, list[str]] = {}
    for row in rows("zones.csv", DATA):
        word = re.escape(row["word"])
        found.setdefault(row["zone"], []).append(word if len(row["word"]) > 5 else rf"(?<![a-z]){word}(?![a-z])")
    found["price"] = [w.removeprefix("(?<![a-z])").removesuffix("(?![a-z])") for w in found["price"]]
    return {zone: re.compile("|".join(words)) for zone, words in found.items()}


@lru_cache(maxsize=20_000)
def heads_related(text: str) -> bool:
    """Whether a short text heads related things."""
    return _related_words().search(fold(text)) is not None


@cache
def _related_words() -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows("related_words.csv", DATA))

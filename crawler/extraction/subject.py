"""What a page is about, by its address, title and main heading: the measure for choosing among its products."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from lxml import etree

from crawler.extraction.query import strings
from pipelines.parsing.text import clean_text
from pipelines.parsing.urls import absolute_url, canonical_url

_WANTED: Final = ("meta", "title", "link", "script", "h1", "tr", "dt")
_WORD: Final = re.compile(r"[^\W_]+")
_NAME_ENDS: Final = re.compile(r"\s[|–—•·»]\s|\s-\s|[|]")
_SAME: Final = 0.5
_MAX_HEADING: Final = 1000
_MAX_URL: Final = 4000
_MAX_PIECES: Final = 4000
_MAX_TEXT: Final = 100_000
_OWN_TEXT: Final = strings(".//text()[not(parent::script or parent::style)]")


@dataclass(frozen=True, slots=True)
class Script:
    """A script in the page: its type and id ("" without one) and its text, brought over when asked for."""

    type: str
    id: str
    element: etree._Element

    @property
    def text(self) -> str:
        """The script itself."""
        return self.element.text or ""


@dataclass(frozen=True)
class Subject:
    """A page's URL and tree, and what they say it is about."""

    url: str
    root: etree._Element

    @cached_property
    def elements(self) -> dict[str, list[etree._Element]]:
        """The elements that several readers ask for, by tag, in page order: one walk over the page for all of them."""
        found: dict[str, list[etree._Element]] = {tag: [] for tag in _WANTED}
        for element in self.root.iter(*_WANTED):
            found[str(element.tag)].append(element)
        return found

    @cached_property
    def meta(self) -> dict[str, str]:
        """Meta name or property (lower case) → content; the first of a name counts."""
        found: dict[str, str] = {}
        for element in self.elements["meta"][:600]:
            name = element.get("property") or element.get("name") or element.get("itemprop") or ""
            found.setdefault(name.strip().lower(), element.get("content") or "")
        return found

    @cached_property
    def title(self) -> str:
        """The document's title."""
        for element in self.elements["title"]:
            parent = element.getparent()
            if parent is not None and parent.tag != "svg" and (text := clean_text(text_of(element), 500)):
                return text
        return ""

    @cached_property
    def heading(self) -> etree._Element | None:
        """The main heading: of several `h1` the one most like the document's title."""
        best, best_score = None, -1.0
        for element in self.elements["h1"][:10]:
            words = words_of(text_of(element)[:_MAX_HEADING])
            if words:
                score = share(words, self.title_words)
                if score > best_score:
                    best, best_score = element, score
        return best

    @cached_property
    def heading_text(self) -> str:
        """The main heading's text."""
        return text_of(self.heading)[:_MAX_HEADING] if self.heading is not None else ""

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The words of the document's and the shared (OpenGraph) title."""
        return words_of(f"{self.title} {self.meta.get('og:title', '')}")

    @cached_property
    def main_words(self) -> frozenset[str]:
        """The words of the thing's name: the shared title, else the document's without the shop's name."""
        name = self.meta.get("og:title") or self.title
        parts = [part for part in _NAME_ENDS.split(name) if part.strip()]
        names = words_of(f"{self.meta.get('og:site_name', '')} {urlsplit(self.url).netloc}")
        shop = {word for word in names if len(word) > 2 and not word.isdigit()}
        own = [part for part in parts if not words_of(part) & shop] or parts
        heading = words_of(self.heading_text)
        best = max(own[:3], key=lambda part: (share(words_of(part), heading) >= _SAME, -own.index(part)), default="")
        return words_of(best)

    @cached_property
    def canonical(self) -> str:
        """The address that the page calls its own if on the same host, else its URL."""
        own = canonical_url(self.url)
        for href in [*self._canonical_links(), self.meta.get("og:url", "")]:
            link = absolute_url(self.url, href) if 0 < len(href) <= _MAX_URL else None
            if link and urlsplit(link).netloc.lower() == urlsplit(own).netloc.lower() and urlsplit(link).path != "/":
                return canonical_url(link)
        return own

    def _canonical_links(self) -> list[str]:
        links = [e.get("href") or "" for e in self.elements["link"][:500] if e.get("rel") == "canonical"]
        return links[:1]

    @cached_property
    def scripts(self) -> list[Script]:
        """The page's scripts that carry their text with them, the first 300."""
        own = [e for e in self.elements["script"][:1000] if not e.get("src")]
        return [Script(e.get("type") or "", e.get("id") or "", e) for e in own[:300]]

    @cached_property
    def url_text(self) -> str:
        """Path and query of page and canonical address, decoded: where ids are looked for."""
        parts = [urlsplit(u) for u in dict.fromkeys((self.url, self.canonical))]
        return " ".join(unquote(f"{p.path}?{p.query}") for p in parts)[:2000]

    @property
    def is_home(self) -> bool:
        """Whether the address is the host's front page; a saved page of unknown address is not taken for one."""
        parts = urlsplit(self.url)
        return (
            bool(parts.netloc)
            and parts.path in ("", "/", "/index.html", "/index.php", "/index.htm")
            and not parts.query
        )

    def likeness(self, name: str | None, url: str | None = None) -> float:
        """How much a product is what the page is about, 0–1: by its words in title and heading, or by its address."""
        if url and len(url) <= _MAX_URL:
            link = absolute_url(self.url, url)
            if link and canonical_url(link) in (self.canonical, canonical_url(self.url)):
                return 1.0
        words = words_of(name or "")
        if not words:
            return 0.0
        return max(share(words, self.title_words), share(words, words_of(self.heading_text)), 0.0)


def text_of(element: etree._Element, max_pieces: int = _MAX_PIECES) -> str:
    """An element's text without scripts and styles, white space made one. Of very many texts the first."""
    if len(element) == 0:
        return " ".join((element.text or "")[:_MAX_TEXT].split())
    if next(element.iter("script", "style"), None) is not None:
        return " ".join(" ".join(islice(_OWN_TEXT(element), max_pieces))[:_MAX_TEXT].split())
    pieces = cast("Iterator[str]", element.itertext())
    return " ".join(" ".join(islice(pieces, max_pieces))[:_MAX_TEXT].split())


def words_of(text: str) -> frozenset[str]:
    """The words of a text for comparing."""
    return frozenset(_WORD.findall(text.casefold()))


def share(words: frozenset[str], others: frozenset[str]) -> float:
    """Overlap of two word sets by the smaller of them."""
    smaller = min(len(words), len(others))
    return len(words & others) / smaller if smaller else 0.0

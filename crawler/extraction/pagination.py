"""The next page of a list, and how many things the list says it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from crawler.extraction.main_price import SIGN
from crawler.extraction.query import elements, strings
from crawler.extraction.subject import text_of
from crawler.extraction.visible import DATA, Visible, ancestors
from pipelines.parsing.lexicon import fold, rows, word_pattern
from pipelines.parsing.numbers import ascii_digits, find_numbers
from pipelines.parsing.urls import absolute_url, canonical_url

_REL_NEXT: Final = strings("//link[@rel='next']/@href | //a[contains(concat(' ', @rel, ' '), ' next ')]/@href")
_ANCHORS: Final = elements("//body//a[@href]")
_PAGING: Final = re.compile(r"pag(?:er|ing|ination|e-?nav|es\b)|seiten|page-?numbers|pagina", re.IGNORECASE)
_NO_LIST: Final = re.compile(r"calendar|datepicker|carousel|slider|slick|swiper|gallery|comment", re.IGNORECASE)
_NEXT_SIGNS: Final = frozenset({"›", "»", ">", "→", ">>", "❯", "▶", "⟩", "next ›", "next »", "››"})
_PAGE_PARAMETER: Final = re.compile(
    r"^(?:.*_)?(?:page|p|pg|pn|seite|pagina|sivu|strana|str|pageno|page_?num(?:ber)?|pageindex|start|offset|from|paged|o)$",
    re.IGNORECASE,
)
_PAGE_IN_PATH: Final = re.compile(
    r"(?:page|seite|pagina|strana|p)[/_-]?(\d{1,5})(?=/|$|\.)|/(\d{1,4})/?$", re.IGNORECASE
)
COUNTS_THINGS: Final = frozenset({"start", "offset", "from", "o"})
_NEXT_ATTRIBUTES: Final = ("data-next-url", "data-next-page-url", "data-next-href", "data-next-page", "data-next")
_ADDRESS_ATTRIBUTES: Final = ("hx-get", "data-hx-get", "data-url", "data-href", "data-src", "data-endpoint", "up-href")
_LOADERS: Final = elements(
    f"//body//*[{' or '.join(f'@{name}' for name in (*_NEXT_ATTRIBUTES, *_ADDRESS_ATTRIBUTES))}]"
)
_LONGEST_TOTAL: Final = 80
_BARE: Final = 8
_FEW: Final = 8
_PAIRS: Final = frozenset({"tr", "dl"})
_LIKE_AN_ADDRESS: Final = re.compile(r"^(?:https?:/)?/|^\?[\w.-]+=|^[\w./-]+\?[\w.-]+=")


@dataclass(frozen=True, slots=True)
class Place:
    """A page's parameter (`key`, "" where the number stands in the path) and its value."""

    key: str
    value: int

    @property
    def name(self) -> str:
        """The parameter without what a shop put before it: `product_page` is `page`."""
        return self.key.lower().rsplit("_", 1)[-1]


def find_next(url: str, root: etree._Element) -> str | None:
    """The list's next page: by rel=next, a link that says so, the next number in the pagination, or "load more"."""
    here = canonical_url(url)
    for href in _REL_NEXT(root)[:3]:
        link = _usable(url, here, href, trusted=True)
        if link:
            return link
    numbered: dict[int, str] = {}
    for anchor in _ANCHORS(root)[:5000]:
        if anchor.get("aria-disabled") == "true" or "disabled" in (anchor.get("class") or ""):
            continue
        text = text_of(anchor)[:40]
        if text.isdecimal() and len(text) <= 4:
            link = _usable(url, here, anchor.get("href") or "", trusted=False)
            if link:
                numbered.setdefault(int(text), link)
        elif _says_next(anchor, text) and not _in_other_thing(anchor):
            link = _usable(url, here, anchor.get("href") or "", trusted=_in_pagination(anchor))
            if link:
                return link
        elif _says(anchor, text, "more") and not _in_other_thing(anchor):  # "view more" stands on cards too
            link = _usable(url, here, anchor.get("href") or "", trusted=False)
            if link and urlsplit(link).path == urlsplit(here).path:
                return link
    return _after(here, numbered) or _load_more(url, here, root)


def _after(here: str, numbered: dict[int, str]) -> str | None:
    """The numbered link that follows this page: by its value in the address, from 0 or of things."""
    places = {link: place for link in numbered.values() if (place := place_in_list(link))}
    now = place_in_list(here)
    if now is None or not any(place.name == now.name for place in places.values()):  # a first page
        return numbered.get(2)
    later = {place.value: link for link, place in places.items() if place.name == now.name and place.value > now.value}
    return later.get(min(later, default=0) if now.name in COUNTS_THINGS else now.value + 1)


def _load_more(url: str, here: str, root: etree._Element) -> str | None:
    """The address that a "load more" button or an endless list carries in an attribute."""
    for element in _LOADERS(root)[:50]:
        said = next((element.get(name) for name in _NEXT_ATTRIBUTES if element.get(name)), None)
        if said is None and _says(element, text_of(element)[:40], "next", "more"):
            said = next((element.get(name) for name in _ADDRESS_ATTRIBUTES if element.get(name)), None)
        if said and _LIKE_AN_ADDRESS.search(said) and not _in_other_thing(element):
            link = _usable(url, here, said, trusted=True)
            if link:
                return link
    return None


def find_total(visible: Visible) -> int | None:
    """The number of things the list says it has: "312 results", "1–24 of 312", "Treffer: 312"."""
    for node in visible.nodes[:3000]:
        if len(node.text) > _LONGEST_TOTAL or not any(map(str.isdigit, ascii_digits(node.text))):
            continue
        folded = ascii_digits(fold(node.text if len(node.text) > _BARE else _around(node.element, node.text)))
        if not _words("total").search(folded) or visible.is_aside(node.element) or visible.zone(node.element).linked:
            continue
        if SIGN.search(folded) or _words("no_total").search(folded):
            continue
        numbers = [int(n.value) for n in find_numbers(folded) if n.value == int(n.value)]
        if numbers and max(numbers) < 10_000_000:
            return max(numbers)
    return None


def _around(element: etree._Element, number: str) -> str:
    """A number that stands alone with the words around it: `<b>120</b> results`; in a specification it counts none."""
    box = element.getparent()
    text = text_of(box) if box is not None and len(box) <= _FEW and box.tag not in _PAIRS else ""
    return text if len(text) <= _LONGEST_TOTAL else number


def _usable(url: str, here: str, href: str, *, trusted: bool) -> str | None:
    """The link if it stays in the list: another page of the same host, and if not `trusted` of the same address."""
    link = absolute_url(url, href)
    if not link or href.strip().startswith("#"):
        return None
    link = canonical_url(link)
    there, own = urlsplit(link), urlsplit(here)
    if link == here or there.netloc != own.netloc:
        return None
    return link if trusted or _differs_in_page_only(link, here) else None


def _differs_in_page_only(link: str, here: str) -> bool:
    there, own = urlsplit(link), urlsplit(here)
    mine = {(k, v) for k, v in parse_qsl(own.query) if not _PAGE_PARAMETER.match(k)}
    theirs = {(k, v) for k, v in parse_qsl(there.query) if not _PAGE_PARAMETER.match(k)}
    if mine != theirs:
        return False
    return _without_page(there.path) == _without_page(own.path)


def _without_page(path: str) -> str:
    return _PAGE_IN_PATH.sub("", path).rstrip("/").removesuffix("/page")


def place_in_list(here: str) -> Place | None:
    """Where in its list an address is; None for a first page that does not say."""
    parts = urlsplit(here)
    for key, value in parse_qsl(parts.query):
        if _PAGE_PARAMETER.match(key) and value.isdecimal() and len(value) < 10:
            return Place(key, int(value))
    match = _PAGE_IN_PATH.search(parts.path)
    return Place("", int(match[1] or match[2])) if match else None


def _says_next(anchor: etree._Element, text: str) -> bool:
    if text in _NEXT_SIGNS:
        return _in_pagination(anchor)
    if _says(anchor, text, "next"):
        return True
    return not text and "next" in (anchor.get("class") or "").lower() and _in_pagination(anchor)


def _says(element: etree._Element, text: str, *meanings: str) -> bool:
    said = " ".join(filter(None, (text, element.get("aria-label"), element.get("title"))))
    return 0 < len(said) <= 40 and any(_words(meaning).search(fold(said)) for meaning in meanings)


def _in_pagination(anchor: etree._Element) -> bool:
    return any(
        _PAGING.search(f"{e.get('class') or ''} {e.get('id') or ''} {e.get('aria-label') or ''}")
        for e in ancestors(anchor, 5)
    )


def _in_other_thing(anchor: etree._Element) -> bool:
    return any(_NO_LIST.search(f"{e.get('class') or ''} {e.get('id') or ''}") for e in ancestors(anchor, 6))


@cache
def _words(meaning: str) -> re.Pattern[str]:
    return word_pattern(r["word"] for r in rows("paging_words.csv", DATA) if r["value"] == meaning)

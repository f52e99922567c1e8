"""The next page of a list, and how many things the list says it has."""

from __future__ import annotations

import re
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
_NUMBER: Final = re.compile(r"\d+")


def find_next(url: str, root: etree._Element) -> str | None:
    """The list's next page: by rel=next, by a link that says so, or by the next number in the pagination."""
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
        if text.isdigit() and len(text) <= 4:
            link = _usable(url, here, anchor.get("href") or "", trusted=False)
            if link:
                numbered.setdefault(int(text), link)
        elif _says_next(anchor, text) and not _in_other_thing(anchor):
            link = _usable(url, here, anchor.get("href") or "", trusted=_in_pagination(anchor))
            if link:
                return link
    return numbered.get(_page_number(here) + 1)


def find_total(visible: Visible) -> int | None:
    """The number of things the list says it has: "312 results", "1–24 of 312", "Treffer: 312"."""
    for node in visible.nodes[:3000]:
        if len(node.text) > 80 or not any(map(str.isdigit, ascii_digits(node.text))):
            continue
        folded = ascii_digits(fold(node.text))
        if not _total_words().search(folded) or visible.is_aside(node.element) or visible.zone(node.element).linked:
            continue
        if SIGN.search(folded):
            continue
        numbers = [int(n.value) for n in find_numbers(folded) if n.value == int(n.value)]
        if numbers and max(numbers) < 10_000_000:
            return max(numbers)
    return None


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


def _page_number(here: str) -> int:
    parts = urlsplit(here)
    for key, value in parse_qsl(parts.query):
        if _PAGE_PARAMETER.match(key) and value.isdigit() and not re.match(r"start|offset|from|o$", key, re.IGNORECASE):
            return int(value)
    match = _PAGE_IN_PATH.search(parts.path)
    return int(match[1] or match[2]) if match else 1


def _says_next(anchor: etree._Element, text: str) -> bool:
    if text in _NEXT_SIGNS:
        return _in_pagination(anchor)
    said = " ".join(filter(None, (text, anchor.get("aria-label"), anchor.get("title"))))
    if len(said) <= 40 and said and _next_words().search(fold(said)):
        return True
    return not text and "next" in (anchor.get("class") or "").lower() and _in_pagination(anchor)


def _in_pagination(anchor: etree._Element) -> bool:
    return any(
        _PAGING.search(f"{e.get('class') or ''} {e.get('id') or ''} {e.get('aria-label') or ''}")
        for e in ancestors(anchor, 5)
    )


def _in_other_thing(anchor: etree._Element) -> bool:
    return any(_NO_LIST.search(f"{e.get('class') or ''} {e.get('id') or ''}") for e in ancestors(anchor, 6))


@cache
def _next_words() -> re.Pattern[str]:
    return word_pattern(r["word"] for r in rows("paging_words.csv", DATA) if r["value"] == "next")


@cache
def _total_words() -> re.Pattern[str]:
    return word_pattern(r["word"] for r in rows("paging_words.csv", DATA) if r["value"] == "total")

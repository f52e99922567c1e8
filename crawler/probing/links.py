"""Links of a page that may lead to lists of stock, and how likely each does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crawler.dealers.declaration import ANY_SECTION
from crawler.extraction.page import Page
from crawler.extraction.query import elements
from crawler.extraction.subject import text_of
from crawler.probing.addresses import may_be_section
from crawler.probing.categories import category_of_words, words_of_url
from crawler.probing.section_words import is_only, says
from inventory.listing import Vertical
from pipelines.parsing.urls import absolute_url, canonical_url

MAX_LINKS: Final = 3000
MAX_NAME: Final = 60
"""Names of sections are short; a longer text is a thing's title or a sentence."""
_ANCHORS: Final = elements("//body//a[@href]")
_LANGUAGES: Final = elements("//a[@href][@hreflang] | //link[@href][@hreflang][contains(@rel, 'alternate')]")


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may be a section. `likely`: how much its words say so; below 0 it is nothing of the kind."""

    url: str
    name: str
    likely: float
    above: str = ""
    """The page that led here, where that was no entrance."""


def leads_of(page: Page, home: str, above: str = "") -> list[Lead]:
    """Each address of the site that the page links to, with the most telling text of its links."""
    found: dict[str, str] = {}
    for element in _ANCHORS(page.root)[:MAX_LINKS]:
        if "nofollow" in (element.get("rel") or ""):
            continue
        url = absolute_url(page.url, element.get("href") or "")
        if not url or not may_be_section(url, home):
            continue
        text = text_of(element)[:200] or element.get("title") or element.get("aria-label") or ""
        url = canonical_url(url)
        if url not in found or _tells_more(text, found[url]):
            found[url] = text
    return [lead(url, text, above) for url, text in found.items()]


def _tells_more(text: str, known: str) -> bool:
    """A text that names a category tells more than one that does not, a short one more than a long one."""
    if not text or not known:
        return bool(text)
    names, known_names = (category_of_words([t], None) != ANY_SECTION for t in (text, known))
    return names > known_names or (names == known_names and len(text) < len(known))


def lead(url: str, text: str, above: str = "") -> Lead:
    """What the words of an address and of its link say."""
    words = words_of_url(url)
    if says("no_stock", text) or (says("no_stock", words) and not says("stock", text)):
        return Lead(url, text, -1.0 if category_of_words([text], None) == ANY_SECTION else 0.5, above)
    likely = 0.0
    if category_of_words([text, words], None) != ANY_SECTION:
        likely += 3.0
    if says("stock", text):
        likely += 3.0 if is_only("stock", text) else 1.5
    elif says("stock", words):
        likely += 1.5
    if len(text) > MAX_NAME or sum(map(str.isdigit, words)) >= 4:
        likely -= 2.0
    if "?" in url:
        likely -= 0.5  # the list without parameters first
    return Lead(url, text, likely - 0.1 * url.count("/"), above)


def other_languages(page: Page) -> list[str]:
    """The same page in other languages, as the page itself names them."""
    found = []
    for element in _LANGUAGES(page.root)[:60]:
        url = absolute_url(page.url, element.get("href") or "")
        if url and canonical_url(url) != canonical_url(page.url):
            found.append(canonical_url(url))
    return list(dict.fromkeys(found))


def category_of(name: str, url: str, vertical: Vertical | None) -> str:
    """The category that a section is named by."""
    return category_of_words([name, words_of_url(url)], vertical)


def best(leads: Iterable[Lead]) -> list[Lead]:
    """The likeliest first, each address once."""
    found: dict[str, Lead] = {}
    for entry in leads:
        known = found.get(entry.url)
        if known is None or entry.likely > known.likely:
            found[entry.url] = entry
    return sorted(found.values(), key=lambda entry: -entry.likely)

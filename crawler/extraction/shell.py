"""Whether a page is an empty shell that a browser must fill. A pure predicate; a 404 or a challenge is none."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from crawler.extraction.page import Page
from crawler.extraction.query import elements, string, strings

_MOUNTS: Final = elements(
    "//body//*[(@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby' or @id='q-app' "
    "or @id='svelte' or @id='react-root' or @ng-version or @data-reactroot or @ng-app "
    "or @data-server-rendered or self::app-root) "
    "and not(normalize-space(string(.)))]"
)
_DATA: Final = elements(
    "//script[contains(@type, 'ld+json') or @id='__NEXT_DATA__' or @id='__NUXT_DATA__' or @type='application/json']"
)
_SCRIPTS: Final = elements("//script[@src]")
_TEXT: Final = strings(
    "//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]"
)
_NOSCRIPT: Final = string("string(//noscript)")
_ASKS_FOR_SCRIPTS: Final = re.compile(r"javascript", re.IGNORECASE)
_LITTLE: Final = 400
"""Characters of text below which a page says nothing of its own."""
_DATA_ENOUGH: Final = 500


def needs_browser(page: Page) -> str | None:
    """Why only a browser can show what is on the page, or `None` where plain HTTP brought it."""
    if reason := stays_empty(page):
        return reason
    root = page.root
    if _has_data(root) or (length := _visible_length(root)) >= _LITTLE:
        return None
    if _SCRIPTS(root) and _ASKS_FOR_SCRIPTS.search(_NOSCRIPT(root)[:2000]):
        return f"asks for JavaScript, {length} characters of text"
    return None


def stays_empty(page: Page) -> str | None:
    """Why nothing is on a page that a browser has drawn, or is still drawing; what it says to others counts no more."""
    root = page.root
    if _has_data(root) or (length := _visible_length(root)) >= _LITTLE or not _MOUNTS(root):
        return None
    return f"empty application element, {length} characters of text"


def _has_data(root: etree._Element) -> bool:
    return any(len(script.text or "") >= _DATA_ENOUGH for script in _DATA(root)[:20])


def holds_an_application(page: Page) -> bool:
    """Whether a page has data for its scripts, or the element that they fill."""
    return bool(_MOUNTS(page.root)) or _has_data(page.root)


def _visible_length(root: etree._Element) -> int:
    length = 0
    for text in _TEXT(root):
        length += len(text.strip())
        if length >= _LITTLE:
            break
    return length

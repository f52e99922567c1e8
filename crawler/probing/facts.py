"""What a home page says of its dealer: a title, a language, a country, and a name for the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import tldextract

from crawler.extraction.detail import read_detail
from crawler.extraction.page import Page
from crawler.extraction.subject import Subject
from inventory.listing import Listing
from pipelines.parsing.currencies import currency_code
from pipelines.parsing.places import country_code
from pipelines.parsing.text import clean_text

_PARTS: Final = re.compile(r"\s+[|–—·•»:]\s+|\s+-\s+|\s*\|\s*")
_COUNTRY: Final = re.compile(r'"addressCountry"\s*:\s*(?:\{[^{}]{0,200}?"name"\s*:\s*)?"([^"]{2,60})"')
_NAME: Final = re.compile(r"[^a-z0-9]+")
_ENOUGH: Final = 3
_MAX_TITLE: Final = 80


def name_of(url: str) -> str:
    """A name for the dealer's file: the domain without its ending, else the host and its port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    domain = _extract()(host).domain
    text = domain if re.search("[a-z]", domain) and "." in host else f"{host}-{parts.port or ''}"
    return _NAME.sub("-", text.lower()).strip("-")[:100] or "dealer"


def title_of(page: Page) -> str:
    """What the site calls itself: og:site_name, else the part of the title that is like the host, else its last."""
    subject = Subject(page.url, page.root)
    if name := clean_text(subject.meta.get("og:site_name", ""), _MAX_TITLE):
        return name
    host = urlsplit(page.url).hostname or ""
    domain = _extract()(host).domain.lower()
    parts = [text for part in _PARTS.split(subject.title) if (text := part.strip(" -–—|·•»:"))]
    squashed = [(part, _NAME.sub("", part.lower())) for part in parts]
    alike = [part for part, text in squashed if text and (text in domain or domain in text)]
    return (alike or parts[-1:] or [host])[0][:_MAX_TITLE]


def language_of(page: Page) -> str | None:
    """ISO 639-1, as the page's `lang` says."""
    found = re.match(r"[A-Za-z]{2}(?=$|[-_])", page.root.get("lang") or "")
    return found[0].lower() if found else None


def country_said(page: Page) -> str | None:
    """ISO 3166-1, where the page's data states one address."""
    said = {country_code(text) for text in _COUNTRY.findall(page.text[:2_000_000])} - {None}
    return said.pop() if len(said) == 1 else None


def country_guessed(url: str) -> str | None:
    """ISO 3166-1 by the address's ending: a guess, not a statement."""
    suffix = _extract()(urlsplit(url).hostname or "").suffix.rpartition(".")[2]
    ending = {"uk": "gb"}.get(suffix, suffix)
    return country_code(ending.upper()) if len(ending) == 2 and ending not in _WORLDWIDE else None


def currency_said(page: Page) -> str | None:
    """ISO 4217, as the page of one thing names it."""
    found = read_detail(page)
    return currency_code(str(found.raw.get("currency") or "")) if found else None


def one_currency(listings: Iterable[Listing]) -> str | None:
    """The currency, where at least three listings name one themselves and all the same."""
    named = Counter(entry.currency for entry in listings if entry.currency)
    return next(iter(named)) if len(named) == 1 and named.total() >= _ENOUGH else None


_WORLDWIDE: Final = frozenset({"io", "co", "ai", "tv", "me", "cc", "ws", "eu", "fm", "to", "gg", "ly", "sh"})


@cache
def _extract() -> tldextract.TLDExtract:
    """With the list that the package brings: nothing is fetched."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

"""Addresses that a page's scripts ask for or link to: the stock behind a single-page app, and its pages for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from crawler.extraction.query import elements, strings
from pipelines.parsing.lexicon import fold

MAX_SCRIPTS: Final = 6
MAX_SCRIPT_CHARS: Final = 3_000_000
_INLINE: Final = strings("//script[not(@src)][not(contains(@type, 'json'))]/text()")
_SOURCES: Final = strings("//script/@src")
_DATA: Final = elements("//*[@*[starts-with(name(), 'data-')]]")
_LITERAL: Final = re.compile(r"""(["'`])((?:https?:/)?/(?!/)[^"'`\s<>\\]{1,300})\1(\s*\+\s*([\w.$]{1,60}))?""")
_HOLE: Final = re.compile(r"\$\{([^{}]{1,80})\}")
_ASKED: Final = re.compile(
    r"(?:fetch|axios|ajax|getJSON|getJson|\bget|request|useSWR|useQuery|\$http|url|endpoint|api\w*)\W{0,12}(?:\.\w+)?\W{0,4}$",
    re.IGNORECASE,
)
_TELLING: Final = re.compile(
    r"api|\.json|ajax|stock|inventor|listing|product|machine|vehicle|equipment|search|catalog|items|offers|maschinen|"
    r"produits|productos|graphql",
    re.IGNORECASE,
)
_NO_STOCK: Final = re.compile(
    r"login|auth|token|cart|basket|checkout|account|user|track|analytic|consent|cookie|newsletter|contact|translation|"
    r"locale|i18n|config|settings|\.(?:js|css|png|jpe?g|svg|webp|gif|ico|woff2?|ttf|map|mp4|pdf|html?)(?:$|[?#])",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"(?:^|[?&])(?:page|p|pg|pageno|page_?num(?:ber)?|seite|pagina)=$", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?:^|[?&])(?:limit|per_?page|page_?size|size|count|take|first|rows)=$", re.IGNORECASE)
_PAGE_SIZE: Final = "50"
_ID: Final = re.compile(r"(?:^|\.)(\w+)$")
_ROUTE: Final = re.compile(r"""["'`](/[\w/-]{1,80}/):(\w{1,40})["'`]""")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may answer with stock, `{page}` in it where the script puts a number; the surest first."""

    url: str
    sureness: int


def script_sources(base: str, root: etree._Element) -> list[str]:
    """Scripts of the site's own that are worth reading."""
    own = urlsplit(base).hostname
    found = [urljoin(base, src.strip()) for src in _SOURCES(root)]
    return [url for url in dict.fromkeys(found) if urlsplit(url).hostname == own][:MAX_SCRIPTS]


def inline_scripts(root: etree._Element) -> list[str]:
    """Scripts in the page, and addresses that its elements carry for them (`data-url="/api/…"`)."""
    texts = [str(text)[:MAX_SCRIPT_CHARS] for text in _INLINE(root)]
    data = [
        f'"{value!s}"' for e in _DATA(root)[:2000] for key, value in e.attrib.items() if str(key).startswith("data-")
    ]
    return [*texts, " ".join(data)]


def addresses_in(base: str, texts: Iterable[str]) -> list[Candidate]:
    """Addresses of the site (or of its own sub-domains) that scripts ask for, the surest first."""
    found: dict[str, int] = {}
    for text in texts:
        for match in _LITERAL.finditer(text[:MAX_SCRIPT_CHARS]):
            url = _template(match[2], joined=bool(match[3]))
            if url is None or _NO_STOCK.search(url):
                continue
            address = urljoin(base, url)
            if not _is_own(address, base):
                continue
            asked = bool(_ASKED.search(text[max(0, match.start() - 40) : match.start()]))
            sureness = 3 * asked + len(set(map(fold, _TELLING.findall(url)))) + ("{page}" in url)
            if sureness and (asked or _TELLING.search(url)):
                found[address] = max(found.get(address, 0), sureness)
    return sorted((Candidate(url, sure) for url, sure in found.items()), key=lambda c: -c.sureness)


def detail_templates(texts: Iterable[str], keys: Iterable[str]) -> list[str]:
    """Addresses such as `/machine/{id}` that scripts build of a record's key for people to open."""
    known = set(keys)
    found: dict[str, None] = {}
    for text in texts:
        cut = text[:MAX_SCRIPT_CHARS]
        for template, key, before in _built(cut):
            if key in known and not _NO_STOCK.search(template) and "?" not in template:
                asked = bool(_ASKED.search(before)) and "href" not in before
                if not asked and not re.search(r"/api/|/v\d+/|\.json|image|/img/|photo", template, re.IGNORECASE):
                    found[template] = None
    return list(found)


def _built(text: str) -> Iterator[tuple[str, str, str]]:
    """Template, the key in it, and the text before it."""
    for match in _LITERAL.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        holes = _HOLE.findall(match[2])
        if len(holes) == 1 and match[2].endswith("}") and (key := _ID.search(holes[0])):
            yield _HOLE.sub(f"{{{key[1]}}}", match[2]), key[1], before
        elif match[4] and match[2].endswith("/") and (key := _ID.search(match[4])):
            yield f"{match[2]}{{{key[1]}}}", key[1], before
    for match in _ROUTE.finditer(text):
        yield f"{match[1]}{{{match[2]}}}", match[2], ""


def _template(literal: str, *, joined: bool) -> str | None:
    """The literal with its holes filled, or None where a hole cannot be: `/api/stock?page=` + page → `…page={page}`."""
    url = literal + ("${joined}" if joined else "")
    parts = _HOLE.split(url)
    filled = parts[0]
    for after in parts[2::2]:
        if _PAGE.search(filled):
            filled += "{page}"
        elif _SIZE.search(filled):
            filled += _PAGE_SIZE
        else:
            return None
        filled += after
    if filled.endswith("=") and _PAGE.search(filled):
        filled += "{page}"
    return filled if "{" not in filled.replace("{page}", "") and not filled.endswith("=") else None


def _is_own(address: str, base: str) -> bool:
    """The same host or another of the same domain (`api.dealer.example`)."""
    there, here = urlsplit(address).hostname or "", (urlsplit(base).hostname or "").removeprefix("www.")
    return there == here or there.endswith(f".{here}") or there.removeprefix("www.") == here

"""Files of the whole stock: links to CSV, TSV, XML or JSON whose records are things on offer."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from crawler.dealers.declaration import ANY_SECTION
from crawler.extraction.page import Page
from crawler.extraction.query import elements
from crawler.fetching.asking import Answer
from crawler.platforms.base import UnreadablePage
from crawler.platforms.feed import GOOGLE
from crawler.platforms.feed_file import FeedFile
from crawler.platforms.feed_records import read_records
from crawler.platforms.google_merchant import ELEMENTS, google_record
from crawler.platforms.records import read_json
from crawler.platforms.xml_records import is_html, xml_records
from crawler.probing.draft import Draft, SectionFound
from crawler.probing.json_stock import find_stock
from crawler.probing.record_map import RecordMap, guess_map
from crawler.probing.site import Site
from pipelines.parsing.urls import absolute_url

MAX_TRIED: Final = 6
_LEAST: Final = 2
"""A file with fewer records is no stock."""
_LINKS: Final = elements("//link[@href][contains(concat(' ', @rel, ' '), ' alternate ')] | //body//a[@href]")
_FILE: Final = re.compile(r"\.(csv|tsv|jsonl|ndjson|json|xml|txt)(?:\.gz)?$", re.IGNORECASE)
_KINDS: Final = {
    "csv": "csv",
    "tab-separated": "tsv",
    "ndjson": "jsonl",
    "jsonl": "jsonl",
    "json": "json",
    "xml": "xml",
}
_NO_FEED: Final = re.compile(
    r"sitemap|rss|atom|oembed|wp-json|opensearch|manifest|comments|blog|news|browserconfig|/api\.w\.org", re.IGNORECASE
)
_STOCK: Final = re.compile(
    r"stock|inventor|product|catalog|feed|export|machine|equipment|listing|merchant|google|price|maschinen|lager", re.I
)
_FORM_ORDER: Final = (GOOGLE, "csv", "tsv", "jsonl", "json", "xml")
_GOOGLE_SPACE: Final = "base.google.com/ns/1.0"
_GOOGLE_COLUMNS: Final = frozenset({"id", "title", "link", "price", "availability"})
_TAG: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_NEXT_OBJECT: Final = re.compile(r"\}\s*\n\s*\{")


@dataclass(frozen=True, slots=True)
class FeedRead:
    """A file that holds stock, as `[items]` and `[map]` describe it."""

    url: str
    form: str
    path: str | None
    map: RecordMap
    count: int
    words: tuple[str, ...]


async def find_feed(site: Site, home: Page | None, named: Iterable[str] = ()) -> Draft | None:
    """The dealer file for the best feed that the home page, robots.txt or a sitemap names; None without one."""
    candidates = [*(feed_links(home) if home else []), *(url for url in named if _is_feed(url, ""))]
    found: list[FeedRead] = []
    for url in sorted(dict.fromkeys(candidates), key=lambda url: not _STOCK.search(url))[:MAX_TRIED]:
        answer = await site.get(url)
        read = read_feed(answer) if answer is not None else None
        if read is not None:
            found.append(read)
    if not found:
        return None
    return draft_of_feeds(found)


def draft_of_feeds(found: list[FeedRead]) -> Draft:
    """The dealer file for the one of these files that says the most."""
    best = max(found, key=lambda read: (read.count, len(read.map.fields), -_FORM_ORDER.index(read.form)))
    draft = Draft("feed", f"{urlsplit(best.url).path} is a file of {best.count} records")
    draft.sections = [SectionFound(best.url, ANY_SECTION, "a file of the whole stock", best.count)]
    draft.items = {"format": best.form} | ({"path": best.path} if best.path else {})
    draft.map, draft.listings, draft.words = dict(best.map.fields), best.count, list(best.words)
    if best.map.unknown:
        draft.notes.append(f"columns that nothing was made of: {', '.join(best.map.unknown[:20])}")
    others = [urlsplit(read.url).path for read in found if read is not best]
    if others:
        draft.notes.append(f"the same or less in {', '.join(others)}")
    return draft


def feed_links(page: Page) -> list[str]:
    """Links of a page to files that may be feeds."""
    found: dict[str, None] = {}
    for element in _LINKS(page.root)[:5000]:
        url = absolute_url(page.url, element.get("href") or "")
        if url and _is_feed(url, element.get("type") or ""):
            found[url] = None
    return list(found)


def _is_feed(url: str, kind: str) -> bool:
    parts = urlsplit(url)
    if _NO_FEED.search(f"{parts.path}?{parts.query}") or any(word in kind for word in ("rss", "atom", "oembed")):
        return False
    return bool(_FILE.search(parts.path)) or any(word in kind for word in _KINDS)


def read_feed(answer: Answer) -> FeedRead | None:
    """What a file holds, if it is stock."""
    form = _form(FeedFile(answer.response).head)
    if form is None:
        return None
    try:
        if form == "json":
            stock = find_stock(read_json(FeedFile(answer.response).whole()))
            return None if stock is None else _judged(answer.url, form, stock.path, stock.records, columns=False)
        if form == "xml":
            return _of_xml(answer)
        records = _records(answer, form, None)
    except (UnreadablePage, csv.Error):
        return None
    if form in ("csv", "tsv") and records and {name.lower() for name in records[0]} >= _GOOGLE_COLUMNS:
        return _of_google(answer.url, records)
    return _judged(answer.url, form, None, records, columns=form != "jsonl")


def _form(head: str) -> str | None:
    begin = head.lstrip()
    if is_html(begin):
        return None
    if begin.startswith("<"):
        return "xml"
    if begin.startswith(("{", "[")):
        return "jsonl" if begin.startswith("{") and _NEXT_OBJECT.search(begin) else "json"
    return "tsv" if begin.partition("\n")[0].count("\t") > 1 else "csv"


def _of_xml(answer: Answer) -> FeedRead | None:
    """The element that repeats most and whose children say what a listing says."""
    head = FeedFile(answer.response).head
    if _GOOGLE_SPACE in head:
        said = [entry for entry in xml_records(FeedFile(answer.response), *ELEMENTS) if isinstance(entry, dict)]
        return _of_google(answer.url, said)
    counts = Counter(_TAG.findall(head))
    for name, count in counts.most_common(12):
        if count >= _LEAST:
            read = _judged(answer.url, "xml", name, _records(answer, "xml", name), columns=True)
            if read is not None:
                return read
    return None


def _records(answer: Answer, form: str, path: str | None) -> list[dict[str, Any]]:
    """The records that can be read, as far as the file goes."""
    found: list[dict[str, Any]] = []
    try:
        found.extend(r for r in read_records(FeedFile(answer.response), form, path) if isinstance(r, dict))
    except UnreadablePage:
        if not found:
            raise
    return found


def _of_google(url: str, records: list[dict[str, Any]]) -> FeedRead | None:
    """A Google Merchant feed: the platform knows what its attributes mean."""
    said = [google_record(record, datetime.now(UTC))[0] for record in records]
    usable = [raw for raw in said if raw.get("title") and (raw.get("external_id") or raw.get("url"))]
    words = tuple(str(text) for raw in usable[:100] for text in (*raw.get("breadcrumbs", ()), raw["title"]))
    return FeedRead(url, GOOGLE, None, RecordMap(), len(usable), words) if len(usable) >= _LEAST else None


def _judged(
    url: str, form: str, path: str | None, records: Sequence[Mapping[str, Any]], *, columns: bool
) -> FeedRead | None:
    guessed = guess_map(records, columns=columns)
    if len(records) < _LEAST or not guessed.describes_stock:
        return None
    names = [guessed.fields[name] for name in ("category", "title") if name in guessed.fields]
    words = tuple(str(record[name]) for record in records[:100] for name in names if record.get(name))
    return FeedRead(url, form, path, guessed, len(records), words)

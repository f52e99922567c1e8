"""A page that lists things → links to their pages, the next page, and how many there are.

Without the dealer's selectors, links to details are those that repeat with the same shape, in markup and in address,
in boxes of their own that show a price, a picture or facts. Sort orders, facets, language switches, baskets and
calendars are no details.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from crawler.extraction.link_boxes import Box, box_of
from crawler.extraction.page import Page
from crawler.extraction.pagination import find_next, find_total
from crawler.extraction.query import elements
from crawler.extraction.subject import Subject, text_of
from crawler.extraction.visible import Visible, ancestors
from pipelines.parsing.urls import absolute_url, canonical_url

MAX_LINKS: Final = 2000
"""Of one page; a longer list is `cut_off`."""

_MAX_ANCHORS: Final = 4 * MAX_LINKS
"""That are looked at: a card has some."""

_ANCHORS: Final = elements("//body//a[@href]")
_FILES: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp4|docx?|xlsx?|xml|rss|css|js)$", re.IGNORECASE)
_SERVICE: Final = re.compile(
    r"(?:^|[/_.-])(?:login|signin|sign-in|register|account|cart|basket|warenkorb|checkout|wishlist|compare|contact|kontakt|"
    r"privacy|datenschutz|impressum|imprint|terms|agb|faq|help|about|careers|jobs|news|blog|press|search|suche|logout|share|"
    r"print|rss|feed|tel|mailto|sitemap|cookie[s]?|newsletter|reviews?)(?:$|[/_.?-])",
    re.IGNORECASE,
)
_ORDERING: Final = re.compile(
    r"^(?:sort|order|orderby|order_by|dir|view|display|limit|per_?page|show|filter.*|f\[.*|lang|language|currency)$",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Link:
    """A thing on the list: its page, what the link says, and the price beside it where one is shown."""

    url: str
    text: str
    price_text: str | None = None


@dataclass(slots=True)
class ListingPage:
    """Links in page order, each page once; the next page of the list; the number of things that the page states."""

    links: list[Link] = field(default_factory=list)
    next_url: str | None = None
    total: int | None = None
    cut_off: bool = False
    """It has more links than are read."""


@dataclass(slots=True)
class _Group:
    """Links of one shape."""

    boxes: dict[str, Box] = field(default_factory=dict)

    def score(self) -> float:
        """How much these look like things on offer: their number, and what their boxes show."""
        boxes = self.boxes.values()
        n = len(self.boxes)
        priced = sum(b.price_text is not None for b in boxes) / n
        pictured = sum(b.has_image for b in boxes) / n
        telling = sum(len(b.text) >= 12 or b.facts > 0 for b in boxes) / n
        numbered = sum(bool(_DIGITS.search(urlsplit(url).path + urlsplit(url).query)) for url in self.boxes) / n
        worth = 2.0 * priced + 0.8 * pictured + 0.5 * telling + 0.4 * numbered
        return worth * min(n, 30) ** 0.5 if worth >= 1.1 and (n >= 3 or priced == 1) else 0.0


def read_listing_page(page: Page, *, detail_links: str | None, next_page: str | None) -> ListingPage:
    """Read a list. `detail_links` and `next_page` are the dealer's CSS selectors ("a.card::attr(href)"), which win."""
    subject = Subject(page.url, page.root)
    visible = Visible(subject)
    found = ListingPage(total=find_total(visible))
    links = _selected(page, detail_links) if detail_links else _repeating(page, visible)
    found.links, found.cut_off = links[:MAX_LINKS], len(links) > MAX_LINKS or len(_ANCHORS(page.root)) > _MAX_ANCHORS
    if next_page:
        found.next_url = next((url for url in _hrefs(page, next_page)), None)
    else:
        found.next_url = find_next(page.url, page.root)
    return found


def _selected(page: Page, css: str) -> list[Link]:
    """The links that the dealer's selector names: elements with or around an anchor, or their addresses."""
    links: dict[str, Link] = {}
    if "," not in css:  # the element says more than its address: the price beside it
        css = css.removesuffix("::attr(href)")
    if "::" in css:
        for href in _hrefs(page, css):
            links.setdefault(canonical_url(href), Link(href, ""))
        return list(links.values())
    leads_to = {anchor: anchor.get("href") or "" for anchor in page.root.iter("a")}
    for match in page.selector.css(css)[:_MAX_ANCHORS]:
        element = match.root
        anchor = element if element.tag == "a" else next(element.iter("a"), None)
        url = absolute_url(page.url, anchor.get("href") or "") if anchor is not None else None
        if anchor is not None and url and canonical_url(url) not in links:
            box = box_of(anchor, leads_to)
            links.setdefault(canonical_url(url), Link(url, text_of(anchor)[:300], box.price_text))
    return list(links.values())


def _hrefs(page: Page, css: str) -> Iterable[str]:
    query = css if "::" in css else f"{css}::attr(href)"
    for href in page.selector.css(query).getall()[:_MAX_ANCHORS]:
        url = absolute_url(page.url, href)
        if url:
            yield url


def _repeating(page: Page, visible: Visible) -> list[Link]:
    """The links of the best group, and of groups as good with addresses of the same form."""
    groups: dict[tuple[str, ...], _Group] = {}
    anchors = _candidates(page, visible)
    urls = dict(anchors)
    for element, url in anchors:
        key = (_address_shape(url), *_markup_shape(element))
        group = groups.setdefault(key, _Group())
        box = box_of(element, urls)
        known = group.boxes.get(url)
        if known is None or (box.price_text and not known.price_text) or len(box.text) > len(known.text):
            group.boxes[url] = box
    scores = {key: group.score() for key, group in groups.items()}
    best = max(scores, key=lambda k: scores[k], default=None)
    if best is None or scores[best] <= 0:
        return []
    chosen = [
        k
        for k, score in scores.items()
        if (score > 0 and k[1:] == best[1:])  # the same cards, some with addresses of an older form
        or (score > 0.35 * scores[best] and k[0] == best[0])
        or score > 0.8 * scores[best]
    ]
    links: dict[str, Link] = {}
    for key in chosen:
        for url, box in groups[key].boxes.items():
            known_link = links.get(url)
            if known_link is None or len(known_link.text) < len(box.text):
                links[url] = Link(
                    url, box.text[:300], box.price_text or (known_link.price_text if known_link else None)
                )
    order = {url: place for place, (_, url) in reversed(list(enumerate(anchors)))}
    return sorted(links.values(), key=lambda link: order[link.url])


def _candidates(page: Page, visible: Visible) -> list[tuple[etree._Element, str]]:
    """Anchors that may lead to details, with their canonical addresses."""
    own = urlsplit(canonical_url(page.url))
    repeats: Counter[str] = Counter()
    found: list[tuple[etree._Element, str]] = []
    for element in _ANCHORS(page.root)[:_MAX_ANCHORS]:
        url = absolute_url(page.url, element.get("href") or "")
        if not url:
            continue
        url = canonical_url(url)
        if _may_be_detail(url, own.netloc, own.path, own.query) and not _is_apart(element, visible):
            repeats[url] += 1
            if repeats[url] <= 6:
                found.append((element, url))
    return found


def _may_be_detail(url: str, host: str, path: str, query: str) -> bool:
    parts = urlsplit(url)
    if _bare(parts.netloc) != _bare(host) or _FILES.search(parts.path) or _SERVICE.search(parts.path):
        return False
    if parts.path.rstrip("/") in ("", path.rstrip("/")):  # the same page with other parameters: only ids lead on
        added = [(k, v) for k, v in parse_qsl(parts.query) if (k, v) not in parse_qsl(query)]
        return (
            bool(added)
            and all(not _ORDERING.match(k) and k not in PAGE_PARAMETERS for k, _ in added)
            and parts.path != "/"
        )
    return not any(_ORDERING.match(k) for k, _ in parse_qsl(parts.query))


PAGE_PARAMETERS: Final = frozenset({"page", "p", "pg", "seite", "pagina", "pageno", "start", "offset", "paged"})


def _is_apart(element: etree._Element, visible: Visible) -> bool:
    """Navigation, related things, pagination and language switches."""
    if element.get("hreflang") or {"next", "prev", "alternate"} & set((element.get("rel") or "").split()):
        return True
    zone = visible.zone(element)
    return zone.elsewhere


def _address_shape(url: str) -> str:
    """Form of an address: its folders without their numbers, the last one only by what it ends in."""
    parts = urlsplit(url)
    segments = [s for s in parts.path.split("/") if s]
    folders = [_DIGITS.sub("0", s) if len(s) < 12 else "*" for s in segments[:1]]
    ending = segments[-1].rsplit(".", 1)[-1] if segments and "." in segments[-1][-6:] else ""
    names = sorted({k for k, _ in parse_qsl(parts.query)})
    return f"{len(segments)}/{'/'.join(folders) if len(segments) > 1 else ''}/{ending}?{'&'.join(names)}"


def _markup_shape(element: etree._Element) -> tuple[str, ...]:
    """Tags and first class names around a link, numbers aside."""
    return tuple(
        f"{e.tag}.{_DIGITS.sub('', ' '.join(sorted((e.get('class') or '').split())[:1]))}"
        for e in ancestors(element, 3)
    )


def _bare(host: str) -> str:
    return host.removeprefix("www.")

"""Any site with links to detail pages that carry structured data, specification tables or labelled text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin

from scrapy.http import Response, TextResponse

from crawler.extraction.detail import read_detail
from crawler.extraction.fragment import Fragment, read_fragment
from crawler.extraction.listing_page import MAX_LINKS, ListingPage, read_listing_page
from crawler.extraction.page import NotAPage, Page
from crawler.extraction.variant_links import can_be_bought, variant_links
from crawler.platforms.base import BrokenRecord, CutShort, Found, Platform, UnreadablePage
from crawler.platforms.sitemap import is_sitemap, newest_first, read_sitemap
from crawler.platforms.visit import Visit
from inventory.pages import digest
from pipelines.parsing.urls import canonical_url

_NEARLY_ALL: Final = 0.9
"""Below this share of the number that a list states, its end was not reached."""


_STEPS: Final = 2
"""From a list to a product (1) to its variants (2): what these lead to is known, or is no variant."""


class SchemaOrg(Platform):
    """Walks listing pages or sitemaps to detail pages and reads each with `crawler.extraction`.

    Choose it where no shop engine's address, JSON or feed is there. Set `[sections]` to the listing pages; most
    sites need no more. `[walk] detail_links` and `next_page` name the links where their shape does not tell, and
    `[selectors]` a field that is read wrong; both always win. Where a section is the address of a sitemap,
    `[walk] detail_urls` says which of its addresses are details.

    Example::

        [sections]
        excavators = "/used/excavators"
        [walk]
        detail_links = "a.card::attr(href)"
        [selectors]
        hours = "#meter::text"
    """

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """Links to details, and to the next page; of a sitemap, the addresses that it names."""
        if is_sitemap(response.body):
            yield from self._read_sitemap(response, visit)
            return
        walk = self.dealer.walk
        piece = read_fragment(response.url, response.body)
        page = _page_of_piece(response.url, piece) if piece else page_of(response)
        found = read_listing_page(page, detail_links=walk.detail_links, next_page=walk.next_page)
        for link in found.links:
            known = {"price": link.price_text} if link.price_text else {}
            yield Visit(canonical_url(link.url), "detail", visit.section, known=known)
        next_url = (piece.next_url if piece else None) or found.next_url
        yield from self._following(visit, found, next_url)

    def _following(self, visit: Visit, found: ListingPage, next_url: str | None) -> Iterator[Found]:
        """The next page; at the end, that the list is cut short where it has shown less than it says it has."""
        if found.cut_off:
            yield CutShort(f"it has more than {MAX_LINKS} links on one page")
        known, shown = visit.known, digest([link.url for link in found.links])
        again = shown == known.get("shown")  # behind the last page many sites show it, or the first, again
        listed = int(known.get("listed", 0)) + (0 if again else len(found.links))
        total = found.total or known.get("total")
        more = known | {"shown": shown, "listed": listed}
        if not again and known.get("template") and found.links:
            if total:  # an empty page behind the last one says no number any more
                more |= {"total": total}
            yield from self.next_page(replace(visit, known=more), count=len(found.links))
        elif not again and next_url and not known.get("template") and visit.page_number < self.dealer.walk.max_pages:
            yield Visit(next_url, "section", visit.section, visit.page_number + 1, more)
        elif total and not found.cut_off and listed < _NEARLY_ALL * total:
            yield CutShort(f"it says {total} and shows {listed}; `{{page}}` in the section's address may help")

    def _read_sitemap(self, response: Response, visit: Visit) -> Iterator[Found]:
        found = read_sitemap(response.body, response.url)
        walk = self.dealer.walk
        if found.kind == "index":
            if visit.known.get("sitemap"):
                yield BrokenRecord("an index of sitemaps within another")
                return
            for number, entry in enumerate(found.entries[: walk.max_pages - visit.page_number], visit.page_number + 1):
                yield Visit(entry.url, "section", visit.section, number, {"sitemap": "part"})
            return
        wanted = re.compile(walk.detail_urls).search if walk.detail_urls else bool
        entries = newest_first(entry for entry in found.entries if wanted(entry.url))
        for place, entry in enumerate(entries):
            urgency = -(place * 10 // len(entries))
            yield Visit(entry.url, "detail", visit.section, lastmod=entry.lastmod, urgency=urgency)

    def read_detail(self, response: Response, visit: Visit) -> Iterator[Found]:
        """The listing of a detail page, one for each of its variants, and the pages of variants that have their own."""
        page = page_of(response)
        dealer = self.dealer
        found = read_detail(page, vertical=dealer.vertical, selectors=dealer.selectors, currency=dealer.currency)
        if found is None:
            return
        others = variant_links(page)
        for url in others if visit.page_number < _STEPS else ():
            yield Visit(url, "detail", visit.section, visit.page_number + 1)
        if others and not can_be_bought(page):  # a page that only leads to its variants offers nothing itself
            return
        if len(found.variants) < 2:
            yield from self.listing(found.raw, found.provenance, visit, response.url)
            return
        for variant in found.variants:
            said = variant | _identity_of_variant(variant, response.url)
            provenance = found.provenance | dict.fromkeys(said, "variant")
            yield from self.listing(found.raw | said, provenance, visit, response.url)


def _identity_of_variant(variant: dict[str, Any], page_url: str) -> dict[str, str]:
    """What tells variants of one page apart: an address of their own, else their article number."""
    identity = {"product_group": canonical_url(page_url)}
    own_url = urljoin(page_url, str(variant.get("url") or page_url))
    number = variant.get("sku") or variant.get("gtin") or variant.get("mpn")
    if canonical_url(own_url) == canonical_url(page_url) and number and "external_id" not in variant:
        identity["external_id"] = str(number)
    return identity


def _page_of_piece(url: str, piece: Fragment) -> Page:
    """A piece of a list as a page of its own."""
    return Page(url, f"<html><body>{piece.html}</body></html>".encode("utf-8", "replace"), encoding="utf-8")


def page_of(response: Response) -> Page:
    """A response as the extractor takes it. Raises `UnreadablePage` for what is no page of text."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    encoding = response.encoding if isinstance(response, TextResponse) else None
    try:
        return Page(response.url, response.body, content_type=kind or None, encoding=encoding)
    except NotAPage as error:
        raise UnreadablePage(str(error)) from None

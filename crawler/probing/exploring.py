"""Looks for a site's lists of stock: the likeliest links first, each judged by what its own links lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from crawler.extraction.detail import read_detail
from crawler.extraction.listing_page import Link, ListingPage, read_listing_page
from crawler.extraction.page import Page
from crawler.probing.addresses import is_below, shape, without_query
from crawler.probing.links import Lead, best, lead, leads_of, other_languages
from crawler.probing.site import Site
from inventory.listing import Vertical
from pipelines.parsing.urls import canonical_url

Kind = Literal["list", "detail", "landing", "other"]

RESERVE: Final = 14
"""Requests kept for the ways from page to page and for details."""
_PRICED: Final = 0.3
"""Lists on which so many links have a price beside them lead to things on offer."""
_UNLIKELY: Final = 0.4
_MAX_LANGUAGES: Final = 3
_MAX_NAMED: Final = 5000
"""So many addresses of a sitemap are looked at for sections, and so many of them kept."""
_MAX_LEADS: Final = 300
_OFTEN: Final = 3
_KIN: Final = 2
_BELOW_BONUS: Final = 1.5
_KIN_BONUS: Final = 1.5


@dataclass(slots=True)
class ListSeen:
    """A list of stock that was looked at. `items`: addresses of the things on its first page."""

    url: str
    name: str
    items: dict[str, Link] = field(default_factory=dict)
    next_url: str | None = None
    total: int | None = None
    language: int = 0

    @property
    def count(self) -> int | None:
        """How many things it has, where it says so or shows all of them."""
        if self.next_url is None:
            return len(self.items)
        return self.total if self.total and self.total > len(self.items) else None


@dataclass(slots=True)
class Explored:
    """Lists found, empty ones, leads that were not followed, and what pages were by the form of their address."""

    lists: list[ListSeen] = field(default_factory=list)
    empty: list[Lead] = field(default_factory=list)
    unasked: list[Lead] = field(default_factory=list)
    entrances: list[str] = field(default_factory=list)
    """Front pages in other languages."""
    shapes: dict[str, Counter[Kind]] = field(default_factory=dict)

    def only(self, url: str, kind: Kind) -> bool:
        """Whether all addresses of this form that were looked at were of one kind."""
        seen = self.shapes.get(shape(url))
        return seen is not None and set(seen) == {kind}


def _forget_numbers_of_the_whole_site(lists: list[ListSeen]) -> None:
    """A number that stands on many lists alike ("10,000 machines") counts none of them."""
    often = Counter(seen.total for seen in lists if seen.total and seen.total != len(seen.items))
    for seen in lists:
        if seen.total is not None and often[seen.total] >= _OFTEN:
            seen.total = None


class Explorer:
    """Follows leads from the entrances until none is likely or the budget is used up."""

    def __init__(self, site: Site, home: Page, vertical: Vertical | None) -> None:
        self._site = site
        self._home = home
        self._vertical = vertical
        self._waiting: dict[str, Lead] = {}
        self._done: set[str] = {canonical_url(home.url)}
        self._languages: dict[str, int] = {}
        self.found = Explored()

    async def explore(self, sitemap: Iterable[str]) -> Explored:
        """Look at the home page, its other languages, and what they and the sitemap lead to."""
        await self._judge_page(self._home, Lead(self._home.url, "", 0.0))
        self._add(leads_of(self._home, self._home.url))
        for number, url in enumerate(other_languages(self._home)[:_MAX_LANGUAGES], 1):
            page = await self._site.page(url)
            self._done.add(url)
            if page is not None:
                self.found.entrances.append(canonical_url(page.url))
                new = [entry for entry in leads_of(page, self._home.url) if entry.url not in self._waiting]
                self._languages |= {entry.url: number for entry in new}
                self._add(new)
        named = best(lead(url, "") for url in list(sitemap)[:_MAX_NAMED])
        self._add(entry for entry in named[:_MAX_LEADS] if entry.likely >= 1.0)
        while self._waiting and self._site.left > RESERVE:
            following = best(map(self._with_kin, self._waiting.values()))[0]
            if following.likely < _UNLIKELY and (self.found.lists or following.likely < 0):
                break
            del self._waiting[following.url]
            await self._look(following)
        known = {seen.url for seen in self.found.lists}
        leads = best(map(self._with_kin, self._waiting.values()))
        likely = [entry for entry in leads if entry.likely >= _UNLIKELY and not self.found.only(entry.url, "detail")]
        self.found.unasked = [entry for entry in likely if without_query(entry.url) not in known]
        _forget_numbers_of_the_whole_site(self.found.lists)
        return self.found

    def _with_kin(self, entry: Lead) -> Lead:
        """A lead whose address has the form of lists that were found is likely one, whatever it is called."""
        if entry.likely <= -1 or not self.found.only(entry.url, "list"):
            return entry
        kin = self.found.shapes[shape(entry.url)]["list"]
        return entry if kin < _KIN else replace(entry, likely=entry.likely + _KIN_BONUS)

    def _add(self, leads: Iterable[Lead]) -> None:
        for entry in leads:
            if entry.url in self._done or self.found.only(entry.url, "detail"):
                continue
            known = self._waiting.get(entry.url)
            if known is None or entry.likely > known.likely:
                self._waiting[entry.url] = entry

    async def _look(self, entry: Lead) -> None:
        self._done.add(entry.url)
        bare = without_query(entry.url)
        is_facet = bare != entry.url and any(seen.url == bare for seen in self.found.lists)
        if is_facet or self.found.only(entry.url, "detail"):
            return
        page = await self._site.page(entry.url)
        if page is None:
            return
        landed = canonical_url(page.url)
        if landed != entry.url:
            if landed in self._done:
                return
            self._done.add(landed)
        await self._judge_page(page, entry)

    async def _judge_page(self, page: Page, entry: Lead) -> None:
        """Note what the page is; from lists and landing pages more leads follow."""
        kind, listing = self._kind(page)
        if kind == "list":
            kind = await self._kind_of_links(listing.links)
        if page is not self._home:
            self._note(page, kind)
        if kind == "list":
            items = {canonical_url(link.url): link for link in listing.links}
            seen = ListSeen(canonical_url(page.url), entry.name, items, listing.next_url, listing.total)
            seen.language = self._languages.get(entry.url, 0)
            self.found.lists.append(seen)
        elif kind == "landing":
            self._add(self._nearer(link, page) for link in listing.links)
        elif kind == "other" and not listing.links and entry.likely >= 2:
            self.found.empty.append(entry)
        if kind != "detail" and page is not self._home:
            known = {canonical_url(link.url) for link in listing.links}
            more = [found for found in leads_of(page, self._home.url, above=entry.url) if found.url not in known]
            if kind != "list":
                more = [self._below(found, entry) for found in more]
            self._add(found for found in more if found.likely >= 1.0)

    def _below(self, found: Lead, entry: Lead) -> Lead:
        """What lies below a page that is no list itself may be its parts."""
        below = found.likely > -1 and is_below(found.url, entry.url)
        return replace(found, likely=found.likely + _BELOW_BONUS) if below else found

    def _nearer(self, link: Link, page: Page) -> Lead:
        """A link of a landing page: what stands there is meant to be followed."""
        found = lead(canonical_url(link.url), link.text, above=canonical_url(page.url))
        return replace(found, likely=found.likely + _BELOW_BONUS) if found.likely > -1 else found

    def _kind(self, page: Page) -> tuple[Kind, ListingPage]:
        listing = read_listing_page(page, detail_links=None, next_page=None)
        may_be_detail = listing.next_url is None and listing.total is None and page is not self._home
        if may_be_detail and read_detail(page, vertical=self._vertical) is not None:
            return "detail", listing
        return ("list" if listing.links else "other"), listing

    async def _kind_of_links(self, links: list[Link]) -> Kind:
        """`list` where the links lead to things, `landing` where they lead to lists."""
        if sum(link.price_text is not None for link in links) >= _PRICED * len(links):
            return "list"
        if self.found.only(links[0].url, "detail"):
            return "list"
        if self.found.only(links[0].url, "list"):
            return "landing"
        votes: Counter[Kind] = Counter()
        for link in (links[0], links[len(links) // 2], links[-1]):
            page = await self._site.page(link.url) if self._site.left > RESERVE else None
            if page is None:
                continue
            kind, listing = self._kind(page)
            if kind == "list" and not any(other.price_text for other in listing.links):
                kind = "landing" if listing.total is None and listing.next_url is None else "list"
            self._note(page, kind)
            votes[kind] += 1
            if votes["detail"]:
                return "list"
            if votes["list"] + votes["landing"] == 2:
                break
        return "landing" if votes["list"] + votes["landing"] else "other"

    def _note(self, page: Page, kind: Kind) -> None:
        if kind != "other":
            self.found.shapes.setdefault(shape(canonical_url(page.url)), Counter())[kind] += 1

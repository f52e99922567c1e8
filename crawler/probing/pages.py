"""A site of pages: its lists of stock as sections, how they go on, or its sitemap where it has no lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from crawler.dealers.declaration import ANY_SECTION
from crawler.extraction.detail import read_detail
from crawler.extraction.page import Page
from crawler.probing.addresses import shape
from crawler.probing.categories import vertical_of_words
from crawler.probing.choosing import choose_sections
from crawler.probing.draft import Draft, SectionFound
from crawler.probing.exploring import Explorer
from crawler.probing.site import Site
from crawler.probing.walking import how_pages_follow
from inventory.listing import Vertical
from pipelines.parsing.urls import canonical_url

_TRIED_FORMS: Final = 4
_LEAST: Final = 3
"""A form of address that fewer pages of a sitemap have is not that of its stock."""


async def find_pages(
    site: Site, home: Page, vertical: Vertical | None, sitemaps: Mapping[str, list[str]]
) -> Draft | None:
    """The dealer file of a site that is read page by page; None where neither lists nor things were found."""
    named = [canonical_url(url) for urls in sitemaps.values() for url in urls]
    explored = await Explorer(site, home, vertical).explore(named)
    if not explored.lists:
        return await _by_sitemap(site, vertical, sitemaps)
    draft = Draft("schema_org", f"{len(explored.lists)} lists with links to pages of one thing")
    draft.words = [text for seen in explored.lists for text in (seen.name, *_titles(seen.items))]
    draft.vertical = vertical or vertical_of_words(draft.words)
    choice = choose_sections(explored, canonical_url(home.url), draft.vertical, named)
    draft.sections, draft.listings = choice.sections, choice.listings
    chosen = {section.url for section in choice.sections}
    walking = await how_pages_follow(site, [seen for seen in explored.lists if seen.url in chosen])
    totals = {seen.url: seen.total for seen in explored.lists if seen.url in walking.templates}
    for section in draft.sections:
        if total := totals.get(section.url):
            draft.listings = (draft.listings or 0) + total - (section.count or 0)
            section.count = total
        section.url = walking.templates.get(section.url, section.url)
    draft.undecided = [*choice.undecided, *walking.undecided]
    draft.notes = [walking.says, *_left_out(choice.left_out)]
    return draft


def _titles(items: Mapping[str, object]) -> list[str]:
    return [text for link in list(items.values())[:10] if (text := getattr(link, "text", ""))]


def _left_out(reasons: Mapping[str, str]) -> list[str]:
    return [f"left out {urlsplit(url).path}: {why}" for url, why in list(reasons.items())[:20]]


async def _by_sitemap(site: Site, vertical: Vertical | None, sitemaps: Mapping[str, list[str]]) -> Draft | None:
    """The sitemap as the section, where addresses of one form in it are pages of one thing."""
    forms: Counter[tuple[str, str]] = Counter((file, shape(url)) for file, urls in sitemaps.items() for url in urls)
    for (file, form), count in forms.most_common(_TRIED_FORMS):
        urls = [url for url in sitemaps[file] if shape(url) == form]
        titles = []
        for url in (urls[len(urls) // 2], urls[-1]):
            page = await site.page(url)
            found = read_detail(page, vertical=vertical) if page is not None else None
            if found is not None:
                titles.append(str(found.raw.get("title") or ""))
        if titles and count >= _LEAST:
            draft = Draft("schema_org", f"{urlsplit(file).path} names {count} pages of one thing; no lists were found")
            draft.sections = [SectionFound(file, ANY_SECTION, "a sitemap", count)]
            draft.walk = {"detail_urls": form_pattern(urls)}
            draft.listings, draft.words = count, titles
            return draft
    return None


def form_pattern(urls: list[str]) -> str:
    """A regular expression for addresses of one form: the folders that all of them have, then so many of any name."""
    split = [[part for part in urlsplit(url).path.split("/") if part] for url in urls]
    length = len(split[0])
    common = 0
    while common < length - 1 and len({tuple(parts[: common + 1]) for parts in split}) == 1:
        common += 1
    folders = "".join(f"/{re.escape(part)}" for part in split[0][:common])
    ending = split[0][-1].rpartition(".")[2] if "." in split[0][-1][-6:] else ""
    last = rf"[^/?]+\.{re.escape(ending)}" if ending else "[^/?]+"
    middle = "/[^/?]+" * (length - common - 1)
    return f"^https?://[^/]+{folders}{middle}/{last}/?$"

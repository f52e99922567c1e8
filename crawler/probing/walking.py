"""How the pages of a list follow each other: by links that the reader finds, or by a number in the address."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from crawler.dealers.declaration import ANY_SECTION, Dealer
from crawler.platforms.base import UnreadablePage
from crawler.platforms.schema_org import SchemaOrg
from crawler.platforms.visit import Visit
from crawler.probing.addresses import shape
from crawler.probing.exploring import ListSeen
from crawler.probing.site import Site

_TEMPLATES: Final = ("?page={page}", "/page/{page}/", "?p={page}", "?seite={page}", "?pagina={page}", "?pg={page}")
_USUAL_PAGE: Final = 10
"""Lists of one length from here on look cut off."""


@dataclass(slots=True)
class Walking:
    """`says`: a sentence for people. `templates`: list → address with `{page}`, where links do not lead on."""

    says: str
    templates: dict[str, str] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)


async def how_pages_follow(site: Site, lists: list[ListSeen]) -> Walking:
    """Follow one link to a second page; where lists look cut off and name no next page, try the usual addresses."""
    walking = Walking("no list has a second page")
    for seen in sorted((entry for entry in lists if entry.next_url), key=lambda entry: -len(entry.items)):
        assert seen.next_url is not None
        shown = await _items_at(site, seen.next_url)
        if shown is not None:
            new = shown - seen.items.keys()
            walking.says = f"a link leads to the next page: {_tail(seen.next_url)} shows {len(new)} more"
            if not new:
                walking.undecided.append(f"the next page of {seen.url} shows nothing new: name it in [walk] next_page")
        break
    for seen in _cut_off(lists)[:2]:
        template = await _template_of(site, seen)
        if template is not None:
            same = [entry for entry in lists if entry.next_url is None and shape(entry.url) == shape(seen.url)]
            walking.templates = {entry.url: _append(entry.url, template) for entry in same}
            walking.says = f"pages are counted in the address: {template}"
            await _check_end(site, seen, template, walking)
            break
        if seen.total and seen.total > len(seen.items):
            walking.undecided.append(
                f"{seen.url} says it has {seen.total} and shows {len(seen.items)}; how to come to the others was not "
                "found: write the address with {page}, or [walk] next_page"
            )
    return walking


def _cut_off(lists: list[ListSeen]) -> list[ListSeen]:
    """Lists without a next page that say they have more, or that are as long as others to the last thing."""
    alone = [entry for entry in lists if entry.next_url is None and entry.items]
    lengths = Counter(len(entry.items) for entry in alone)
    longest = max(lengths, default=0)
    full = longest if longest >= _USUAL_PAGE and lengths[longest] >= 2 else -1
    return [e for e in alone if (e.total or 0) > len(e.items) or (len(e.items) == full and e.total != len(e.items))]


async def _check_end(site: Site, seen: ListSeen, template: str, walking: Walking) -> None:
    """A crawl counts up to a page that is empty; what comes beyond the last page must not be a page again."""
    beyond = _append(seen.url, template).replace("{page}", "999")
    shown = await _items_at(site, beyond)
    if shown:
        walking.undecided.append(f"{beyond} shows things too: set [walk] max_pages, or the count never ends")
    elif shown is None and site.failure(beyond) is not None:
        walking.undecided.append(f"{beyond} answers with an error, which a crawl takes for a failure of the section")


async def _items_at(site: Site, url: str) -> set[str] | None:
    """Addresses of things that a crawl would find there; None where it cannot be read."""
    answer = await site.get(url)
    if answer is None:
        return None
    dealer = Dealer(
        name="walking", title="", vertical="equipment", platform="schema_org", url=url, sections={ANY_SECTION: (url,)}
    )
    try:
        found = list(SchemaOrg(dealer).read_section(answer.response, Visit(url, "section", ANY_SECTION)))
    except UnreadablePage:
        return None
    return {entry.url for entry in found if isinstance(entry, Visit) and entry.kind == "detail"}


async def _template_of(site: Site, seen: ListSeen) -> str | None:
    for template in _TEMPLATES:
        shown = await _items_at(site, _append(seen.url, template).replace("{page}", "2"))
        if shown and len(shown - seen.items.keys()) >= max(1, len(shown) // 2):
            return template
    return None


def _append(url: str, template: str) -> str:
    if template.startswith("?"):
        return f"{url}&{template[1:]}" if urlsplit(url).query else f"{url}{template}"
    return url.rstrip("/") + template


def _tail(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")

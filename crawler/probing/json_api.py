"""Stock that arrives by JSON: found by the addresses in a page's scripts, described so that `json_api` can walk it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.dealers.declaration import ANY_SECTION
from crawler.extraction.page import Page
from crawler.probing.draft import Draft, SectionFound
from crawler.probing.json_stock import JsonStock, find_stock
from crawler.probing.script_addresses import addresses_in, detail_templates, inline_scripts, script_sources
from crawler.probing.site import Site

MAX_TRIED: Final = 8
_PAGE_PARAMETERS: Final = ("page", "p", "pageNumber")
_NUMBERED_PAGE: Final = frozenset(name.lower() for name in (*_PAGE_PARAMETERS, "pg", "page_num", "pageno"))


async def find_json_api(site: Site, home: Page) -> Draft | None:
    """The dealer file of a site whose scripts fetch its stock; None where none of their addresses gives any."""
    texts = inline_scripts(home.root)
    for url in script_sources(home.url, home.root):
        answer = await site.get(url)
        if answer is not None:
            texts.append(answer.body.decode(answer.encoding or "utf-8", "replace"))
    best: tuple[str, JsonStock] | None = None
    for candidate in addresses_in(home.url, texts)[:MAX_TRIED]:
        stock = find_stock(await site.json(candidate.url.replace("{page}", "1")))
        if stock is not None and (best is None or _worth(stock) > _worth(best[1])):
            best = candidate.url, stock
            if len(stock.records) >= 3:
                break
    return None if best is None else await _described(site, home, *best, texts)


def _worth(stock: JsonStock) -> int:
    return (stock.total or len(stock.records)) * len(stock.map.fields)


async def _described(site: Site, home: Page, url: str, stock: JsonStock, texts: list[str]) -> Draft:
    draft = Draft("json_api", f"scripts fetch {url}: {len(stock.records)} records with {_some(stock.map.fields)}")
    draft.items = {"path": stock.path} if stock.path else {}
    draft.map = dict(stock.map.fields)
    template = await _paged(site, url, stock, draft)
    if "url" not in draft.map:
        await _add_url(site, home, stock, texts, draft)
    if stock.map.unknown:
        draft.notes.append(f"keys that nothing was made of: {', '.join(stock.map.unknown[:20])}")
    host = urlsplit(url).netloc
    draft.hosts = [host] if host != urlsplit(home.url).netloc else []
    draft.listings = stock.total or (len(stock.records) if "{page}" not in template else None)
    draft.sections = [SectionFound(template, ANY_SECTION, "fetched by the site's scripts", draft.listings)]
    for name in ("category", "title"):
        if path := draft.map.get(name):
            draft.words += [str(record[path]) for record in stock.records[:100] if path in record]
    return draft


async def _paged(site: Site, url: str, stock: JsonStock, draft: Draft) -> str:
    """The address or its `{page}` template, checked by asking for the second page."""
    first = stock.records[0] if stock.records else None
    if stock.next_path:
        draft.items["next"] = stock.next_path
        if not stock.next_value or not stock.next_value.isdecimal():
            return url
    more = stock.total is None or stock.total > len(stock.records) or (stock.pages or 1) > 1
    if not more:
        return url.replace("?page={page}", "") if stock.next_path is None and stock.total else url
    templates = [url] if "{page}" in url else [_with_page(url, name) for name in _PAGE_PARAMETERS]
    for template in templates:
        second = find_stock(await site.json(template.replace("{page}", "2")))
        if second is not None and second.records and second.records[0] != first:
            return template
    if stock.next_path is None and (stock.total or 0) > len(stock.records):
        draft.undecided.append(
            f"the address gives {len(stock.records)} of {stock.total} records and how the next ones are asked for was "
            "not found: look at the browser's network panel for it, and write it with {page} or as [items] next"
        )
    return url


async def _add_url(site: Site, home: Page, stock: JsonStock, texts: Iterable[str], draft: Draft) -> None:
    """The page of a record for people, by a template of the scripts that leads to a page."""
    keys = [key for key, value in stock.records[0].items() if isinstance(value, str | int)]
    for template in detail_templates(texts, keys)[:3]:
        filled = template.format_map({key: stock.records[0][key] for key in keys})
        if await site.page(urljoin(home.url, filled)) is not None:
            draft.map = {"url": template} | draft.map
            return
    draft.undecided.append("no address of a record's page was found: add url to [map] if there is one")


def _with_page(url: str, name: str) -> str:
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in _NUMBERED_PAGE]
    query = "&".join(filter(None, (urlencode(kept), f"{name}={{page}}")))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _some(names: Iterable[Any]) -> str:
    return ", ".join([str(name) for name in names][:6])

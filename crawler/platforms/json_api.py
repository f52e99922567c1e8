"""A paged JSON address, described by a JMESPath map in the dealer's file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urljoin

import jmespath
import orjson
from scrapy.http import Response

from crawler.platforms.base import CutShort, Found, Platform
from crawler.platforms.records import find_items, mapped, read_json
from crawler.platforms.visit import Visit

_PLACES: Final = re.compile(r"\{(page|offset|cursor)\}")
_CURSOR: Final = re.compile(r"(?:(?<=\?)[^?&=]*=\{cursor\}&?|&[^?&=]*=\{cursor\})")

_ADDRESS: Final = re.compile(r"https?://")


class JsonApi(Platform):
    """Stock that arrives by JSON, as behind most single-page apps and "load more" buttons.

    Choose it where the browser's network panel shows a request whose answer is the stock. Set `[sections]` to its
    address; `[items] path` to the array; and `[map]` our field = JMESPath within an item (or a template such as
    `/machine/{id}` over its keys). How pages follow each other stands in the address:

    `{page}` counts up from 1 (from `[items] first_page`, such as 0), `{offset}` by the items that came before.
    `{cursor}` is what `[items] next` found in the answer before; its parameter is left out of the first request.
    `[items] next` may also be the next page's address, its number, or a mere true ("there are more").
    `[items] pages` finds how many pages there are; without it and `next` an empty page ends the walk, and so does one
    that begins like the page before it.

    Only GET; a GraphQL address takes its query as a parameter.

    Example::

        [sections]
        all = "/api/stock?page={page}"
        [items]
        path = "results"
        pages = "meta.totalPages"
        [map]
        external_id = "id"
        price = "price.amount"
        url = "/machine/{id}"
    """

    def entrances(self, sections: Iterable[str]) -> Iterator[Visit]:
        """The first page of each section."""
        for section in sections:
            for url in self.dealer.sections[section]:
                known = {"template": url} if _PLACES.search(url) else {}
                first = _filled(_CURSOR.sub("", url).rstrip("?"), self.dealer.items.first_page, 0, "")
                yield Visit(urljoin(self.dealer.url, first), "section", section, known=known)

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """Every item of the page, and the next page."""
        document = read_json(response.body)
        items = find_items(document, self.dealer.items.path)
        yield from self.each(items, partial(self._item, visit=visit))
        if visit.page_number >= self.dealer.walk.max_pages:
            return
        following = list(self._following(document, visit, items, response.url)) if items else []
        pages = _said(self.dealer.items.pages, document)
        if not following and _is_number(pages) and visit.page_number < int(pages):
            yield CutShort(f"it says {pages} pages, and page {visit.page_number} is empty or the one before it again")
        yield from following

    def _item(self, item: Any, visit: Visit) -> Iterator[Found]:
        if isinstance(item, dict):
            raw, provenance = mapped(item, self.dealer.map, by_path=True)
            yield from self.listing(raw, provenance, visit, self.dealer.url)

    def _following(self, document: object, visit: Visit, items: list[Any], here: str) -> Iterator[Visit]:
        """The next page, unless the answer says that there is none or it is the same page again."""
        known = visit.known
        template = known.get("template")
        following = _said(self.dealer.items.next, document)
        pages = _said(self.dealer.items.pages, document)
        if self.dealer.items.next and following in (None, "", False):
            return
        if _is_number(pages) and visit.page_number >= int(pages):
            return
        begins = _fingerprint(items[0])
        if begins == known.get("begins") or (not template and not self.dealer.items.next):
            return
        offset = known.get("offset", 0) + len(items)
        url = self._next_url(following, template, visit.page_number, offset, here)
        if url and url != here:
            more = known | {"begins": begins} | ({"offset": offset} if "{offset}" in (template or "") else {})
            yield Visit(url, "section", visit.section, visit.page_number + 1, more)

    def _next_url(self, following: Any, template: str | None, page_number: int, offset: int, here: str) -> str | None:
        if template is None:
            return None if following is True else urljoin(here, str(following))
        number = page_number + self.dealer.items.first_page
        if following is None or following is True:
            return urljoin(self.dealer.url, _filled(template, number, offset, ""))
        if "{cursor}" in template and not _ADDRESS.match(str(following)):
            return urljoin(self.dealer.url, _filled(template, number, offset, str(following)))
        if _is_number(following):
            return urljoin(self.dealer.url, _filled(template, int(following), int(following), ""))
        return urljoin(here, str(following))


def _filled(template: str, page: int, offset: int, cursor: str) -> str:
    values = {"page": str(page), "offset": str(offset), "cursor": quote(cursor, safe="")}
    return _PLACES.sub(lambda found: values[found[1]], template)


def _fingerprint(item: Any) -> str:
    """Eight bytes by which an item is known again; of one that is nested beyond measure, of its kind."""
    try:
        said = orjson.dumps(item)
    except orjson.JSONEncodeError:
        said = orjson.dumps(list(item))
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def _said(path: str | None, document: object) -> Any:
    try:
        return jmespath.search(path, document) if path else None
    except jmespath.exceptions.JMESPathError:  # a function met a value of another kind
        return None


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | str) and not isinstance(value, bool) and len(str(value)) < 10 and str(value).isdecimal()
    )

"""Shops on WooCommerce: the public Store API, page by page, variations by their parents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from scrapy.http import Response

from crawler.dealers.errors import did_you_mean
from crawler.platforms.base import CutShort, Found, Platform, UnreadablePage
from crawler.platforms.records import find_records, read_json
from crawler.platforms.visit import Visit
from crawler.platforms.woocommerce_product import SOURCES, of_parent, product_fields

PAGE_SIZE: Final = 100
"""The most that the Store API gives on one page."""

STORE_API: Final = "/wp-json/wc/store/v1/products"
PARENTS: Final = 20
"""Products whose variations are asked for at once: what is known of them travels with the request."""

WHOLE_SHOP: Final = frozenset({"", "shop", "store", "products", "all"})
"""Last parts of an address that stand for no category."""

_API: Final = re.compile(r"/wc/store/(?:v\d+/)?products\b")
_PAGING: Final = frozenset({"page", "per_page", "order", "orderby"})
_REFUSALS: Final = {
    400: "the shop's API does not take the question",
    401: "the shop's API is closed to the public",
    403: "the shop's API is closed to the public",
    404: "the shop has no Store API: its WooCommerce is too old, or the API is switched off",
}
_INSTEAD: Final = 'set platform = "schema_org" with the listing pages as sections'


class WooCommerce(Platform):
    """Reads the Store API (`/wp-json/wc/store/v1/products`), which any WooCommerce ≥ 6.9 shop answers without a key.

    Choose it where that address answers. Set `[sections]` to the whole shop (`all = "/"`) or to categories by their
    page (`dog-food = "/product-category/food/"`). Categories are asked for by their slug; where an older shop finds
    nothing by it, its id is looked up in `/products/categories` first, and a slug that is not there is an error. An
    address of the API itself is taken as it stands: of an older version (`/wp-json/wc/store/products`), without
    pretty addresses (`/?rest_route=/wc/store/v1/products`), with an id (`…/products?category=22`).

    Prices come in minor units with their currency. `X-WP-TotalPages` ends the walk, else an empty page. Variations
    are asked for with one request for up to 20 products and become listings of one `product_group`. A product that
    has variations but shows none is one listing with the lowest price of its range.

    Source: the Store API's documentation and schema, plugins/woocommerce/src/StoreApi of woocommerce/woocommerce.
    """

    def request_meta(self, visit: Visit) -> dict[str, Any]:
        """Refusals are read too: the API says in JSON why it does not answer."""
        return {"handle_httpstatus_list": [400, 401, 403, 404]}

    def entrances(self, sections: Iterable[str]) -> Iterator[Visit]:
        """The first page of each section."""
        for section in sections:
            for url in self.dealer.sections[section]:
                template, slug = _template_of(url)
                known = {"template": template} | ({"slug": slug} if slug else {})
                yield Visit(self.page_url(template, 1), "section", section, known=known)

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """A listing for each simple product, visits for the variations of the others, and the next page."""
        known = visit.known
        records = self._records(response)
        if "wanted" in known:
            yield self._by_number(records, visit)
            return
        if not records and visit.page_number == 1 and known.get("slug"):
            yield self._ask_for_category(visit)
            return
        if "parents" in known:
            yield from self.each(records, partial(self._variation, visit=visit))
        else:
            yield from self.each(records, partial(self._product, visit=visit))
            yield from self._variations(records, visit)
        more = _more_follow(response, visit, len(records))
        if more and not records:
            yield CutShort(f"page {visit.page_number} is empty, and the shop says that more follow")
        yield from self.next_page(visit, count=len(records) if more else 0)

    def _records(self, response: Response) -> list[dict[str, Any]]:
        """The objects of an answer. Raises `UnreadablePage` with what the shop says of itself."""
        if response.status < 400 and response.body.lstrip()[:1] != b"<":
            return find_records(read_json(response.body), None)
        try:
            said = read_json(response.body)
        except UnreadablePage:
            said = None
        code = str(said.get("code"))[:80] if isinstance(said, dict) else "a page of HTML"
        reason = _REFUSALS.get(response.status, "the shop's API is not there for the public")
        raise UnreadablePage(f"answers {response.status} ({code}): {reason}; {_INSTEAD}")

    # Categories

    def _ask_for_category(self, visit: Visit) -> Visit:
        """Where a slug finds nothing, the shop may be older and know only numbers, or have no such category."""
        slug, template = visit.known["slug"], visit.known["template"]
        url = self.page_url(f"{template.partition('?')[0]}/categories?hide_empty=false&slug={slug}", 1)
        return Visit(url, "section", visit.section, known={"wanted": slug, "template": template})

    def _by_number(self, categories: list[dict[str, Any]], visit: Visit) -> Visit:
        slug, template = visit.known["wanted"], visit.known["template"]
        numbers = {unquote(str(entry.get("slug"))): entry.get("id") for entry in categories}
        number = numbers.get(unquote(slug))
        if number is None:
            raise UnreadablePage(f"the shop has no category {unquote(slug)!r}{did_you_mean(unquote(slug), numbers)}")
        template = template.replace(f"category={slug}", f"category={number}")
        return Visit(self.page_url(template, 1), "section", visit.section, known={"template": template})

    # Products

    def _product(self, product: dict[str, Any], visit: Visit) -> Iterator[Found]:
        if not _variation_ids(product):
            yield from self._listing(product, {}, visit)

    def _variation(self, product: dict[str, Any], visit: Visit) -> Iterator[Found]:
        """A variation names its parent; in older versions only the parent names its variations."""
        known, number = visit.known, str(product.get("parent") or "")
        parent = known["parents"].get(number) or known["parents"].get(known["of"].get(str(product.get("id"))))
        yield from self._listing(product, parent or {}, visit)

    def _listing(self, product: dict[str, Any], parent: dict[str, Any], visit: Visit) -> Iterator[Found]:
        said, from_range = product_fields(product, parent)
        sources = SOURCES | ({"price": "prices.price_range.min_amount"} if from_range else {})
        provenance = {name: f"woocommerce {sources.get(name, name)}" for name in said}
        yield from self.listing(said, provenance, visit, self.dealer.url)

    def _variations(self, products: list[dict[str, Any]], visit: Visit) -> Iterator[Visit]:
        """As many products to a request as have their variations on one page."""
        batch: list[dict[str, Any]] = []
        count = 0
        for product in products:
            size = len(_variation_ids(product))
            if size:
                if batch and (count + size > PAGE_SIZE or len(batch) == PARENTS):
                    yield self._visit_variations(batch, visit)
                    batch, count = [], 0
                batch.append(product)
                count += size
        if batch:
            yield self._visit_variations(batch, visit)

    def _visit_variations(self, products: list[dict[str, Any]], visit: Visit) -> Visit:
        path, _, query = visit.known["template"].partition("?")
        route = dict(parse_qsl(query)).get("rest_route")  # the API's address in a shop without pretty ones
        rest = f"rest_route={quote(route)}&" if route else ""
        numbers = ",".join(str(product["id"]) for product in products)
        ask = f"type=variation&parent={numbers}&per_page={PAGE_SIZE}&page={{page}}&orderby=id&order=asc"
        template = f"{path}?{rest}{ask}"
        known = {
            "template": template,
            "parents": {str(product["id"]): of_parent(product) for product in products},
            "of": {number: str(product["id"]) for product in products for number in _variation_ids(product)},
        }
        return Visit(self.page_url(template, 1), "section", visit.section, known=known)


def _template_of(url: str) -> tuple[str, str | None]:
    """A section's address as a template of the Store API, and the slug of the category that it asks for."""
    paged = f"per_page={PAGE_SIZE}&page={{page}}&orderby=id&order=asc"
    if _API.search(unquote(url)):
        if "{page}" in url:
            return url, None
        path, _, query = url.partition("?")
        own = [
            (name, value) for name, value in parse_qsl(query) if name not in ("page", "per_page", "order", "orderby")
        ]
        return f"{path}?{urlencode(own, safe='/,')}{'&' if own else ''}{paged}", None
    last = ([part for part in urlsplit(url).path.split("/") if part] or [""])[-1]
    if last in WHOLE_SHOP:
        return f"{STORE_API}?{paged}", None
    slug = quote(unquote(last))
    return f"{STORE_API}?{paged}&category={slug}", slug


def _variation_ids(product: dict[str, Any]) -> list[str]:
    entries = product.get("variations") if product.get("id") else None
    if not isinstance(entries, list):
        return []
    found = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries]
    return [str(number) for number in found if number]


def _more_follow(response: Response, visit: Visit, count: int) -> bool:
    """Whether there is a next page: as the shop counts them, else after any product, or a full page of variations."""
    pages = (response.headers.get("X-WP-TotalPages") or b"").decode("latin-1")
    if pages.isdecimal() and len(pages) < 10:
        return visit.page_number < int(pages)
    return count == PAGE_SIZE if "parents" in visit.known else count > 0

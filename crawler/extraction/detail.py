"""A page about one thing → its fields, each with where it came from; `None` for a page that offers no one thing.

Sources in the order of trust: the dealer's own selectors, JSON-LD, microdata, meta elements, embedded JSON,
specification tables and labelled text, and last the scored search for the main price. Each is asked only while
something is missing that it could say. (Embedded JSON is asked after JSON-LD: it costs more and its names are free.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crawler.extraction import page_kind
from crawler.extraction.breadcrumbs import read_breadcrumbs
from crawler.extraction.identifiers import choose_sku
from crawler.extraction.json_ld import read_json_ld
from crawler.extraction.main_price import main_price, price_candidates
from crawler.extraction.microdata import read_microdata
from crawler.extraction.opengraph import read_meta, shared_description
from crawler.extraction.own_selectors import read_selectors
from crawler.extraction.page import Page
from crawler.extraction.price_terms import settle_price
from crawler.extraction.reading import MAX_IMAGES, Reading
from crawler.extraction.specification import read_labels, read_tables
from crawler.extraction.stock import has_buy_button, read_stock
from crawler.extraction.subject import Subject
from crawler.extraction.visible import Visible
from pipelines.parsing.urls import absolute_url

_BY_TABLE: Final = ("make", "model", "year", "hours", "serial_number", "location", "sku", "brand")


@dataclass(slots=True)
class Extracted:
    """What a page said of the thing it offers.

    `raw`: field name of `Listing` → text (or JSON scalar), plus `specs` [[name, value], …], `breadcrumbs`, `images`.
    `provenance`: field → where it stood. `variants`: the `raw` of each variant, with what differs.
    """

    raw: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    variants: list[dict[str, Any]] = field(default_factory=list)


def read_detail(
    page: Page,
    *,
    vertical: str | None = None,
    selectors: Mapping[str, str] | None = None,
    currency: str | None = None,
) -> Extracted | None:
    """Read the page's one thing. `selectors`: field → CSS, which always win; `currency`: where the page names none."""
    subject = Subject(page.url, page.root)
    own = read_selectors(page, selectors or {})
    if page_kind.is_error_page(subject) and not own.raw:
        return None
    linked = read_json_ld(subject)
    micro, micro_list = read_microdata(subject)
    meta, og_type = read_meta(subject)
    visible = Visible(subject)
    found = Reading()
    found.take(own)
    for source in (linked.product, micro):
        if source is not None:
            found.take(source)
    evidence = page_kind.Evidence(linked, micro, micro_list, og_type, "price" in meta.raw, embedded=False)
    by_data = page_kind.offers_by_data(evidence) or bool(own.raw)
    if by_data:
        found.take(meta)
    if subject.is_home and not (linked.product and linked.certain and "price" in found.raw):
        return None
    read_tables(visible, found)
    structured_sku = found.raw.get("sku"), found.provenance.get("sku")
    seen = Reading()
    read_labels(visible, seen)
    labelled_price = seen.raw.get("price"), seen.provenance.get("price")
    seen.drop("price")
    found.take(seen)
    if "price" not in found.raw:
        candidates = price_candidates(visible, currency)
        price = main_price(candidates)
        if not by_data and not page_kind.offers_by_sight(
            subject, found, price, candidates, evidence, buy_button=has_buy_button(visible)
        ):
            return None
        if price is not None:
            found.put("price", price.text, f"main price ({price.why})")
        elif labelled_price[0]:
            found.put("price", labelled_price[0], labelled_price[1] or "text")
    elif not by_data:
        return None
    read_stock(visible, found)
    choose_sku(subject, visible, found, seen, structured_sku)
    settle_price(visible, found, currency)
    _add_words(subject, found)
    return Extracted(
        _raw(page, subject, found, linked.breadcrumbs or read_breadcrumbs(subject)), found.provenance, found.variants
    )


def _add_words(subject: Subject, found: Reading) -> None:
    """Title and description where the data said none."""
    found.put("title", subject.heading_text, "heading")
    found.put("title", subject.meta.get("og:title"), "meta og:title")
    found.put("title", subject.title, "title")
    description = shared_description(subject)
    if description:
        found.put("description", *description)
    if "price" in found.raw and "availability" not in found.raw:
        found.put("availability", "InStock", "offered with a price")


def _raw(page: Page, subject: Subject, found: Reading, breadcrumbs: list[str]) -> dict[str, Any]:
    raw = dict(found.raw)
    images = [*raw.pop("images", []), *([raw.pop("image")] if "image" in raw else [])]
    links = [link for image in images if (link := absolute_url(page.url, str(image)))]
    if links:
        raw["images"] = list(dict.fromkeys(links))[:MAX_IMAGES]
    found.provenance.pop("image", None)
    if breadcrumbs:
        raw["breadcrumbs"] = breadcrumbs
    if found.specs:
        raw["specs"] = found.specs
    return raw

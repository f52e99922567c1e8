"""A page about one thing → its fields, each with where it came from; `None` for a page that offers no one thing.

Sources in the order of trust: the dealer's own selectors, JSON-LD, microdata, meta elements, embedded JSON,
specification tables and labelled text, and last the scored search for the main price. Each is asked only while
something is missing that it could say. (Embedded JSON is asked after JSON-LD: it costs more and its names are free.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.extraction import page_kind
from crawler.extraction.breadcrumbs import read_breadcrumbs
from crawler.extraction.embedded_json import only_sku, read_embedded
from crawler.extraction.identifiers import Code, choose_sku
from crawler.extraction.json_ld import Linked, read_json_ld
from crawler.extraction.machine_data import read_machine_data
from crawler.extraction.machine_page import complete_machine
from crawler.extraction.machine_price import machine_price
from crawler.extraction.main_price import main_price, price_candidates
from crawler.extraction.microdata import read_microdata
from crawler.extraction.opengraph import read_meta, shared_description
from crawler.extraction.own_selectors import read_selectors
from crawler.extraction.page import Page
from crawler.extraction.pictures import read_pictures
from crawler.extraction.price_candidate import Candidate
from crawler.extraction.price_terms import add_price, is_doubtful, settle_price
from crawler.extraction.prose import read_prose
from crawler.extraction.prose_price import sentence_price
from crawler.extraction.reading import MAX_IMAGES, Reading
from crawler.extraction.script_data import attribute_values, may_hold_attribute_values, script_values
from crawler.extraction.specification import Seen, read_seen
from crawler.extraction.stock import Stock, read_stock
from crawler.extraction.stock_count import read_stock_count
from crawler.extraction.subject import Subject
from crawler.extraction.url_id import id_in_url
from crawler.extraction.visible import Visible
from pipelines.inference.title import read_title
from pipelines.parsing.urls import absolute_url


@dataclass(slots=True)
class Extracted:
    """What a page said of the thing it offers.

    `raw`: field name of `Listing` → text (or JSON scalar), plus `specs` [[name, value], …], `breadcrumbs`, `images`.
    `provenance`: field → where it stood. `variants`: the `raw` of each variant, with what differs.
    """

    raw: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    variants: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Sources:
    """What each source said of the page, and its parts that several steps look at."""

    subject: Subject
    visible: Visible
    linked: Linked
    found: Reading
    claims: list[Reading]
    """The structured sources that name a price."""
    evidence: page_kind.Evidence
    by_data: bool


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
    if (page_kind.is_error_page(subject) or page_kind.says_no_offer(subject)) and not own.raw:
        return None
    sources = _read_data(page, subject, own, vertical)
    found, visible = sources.found, sources.visible
    if subject.is_home and not (sources.linked.product and sources.linked.certain and "price" in found.raw):
        return None
    seen = read_seen(visible)
    stock = Stock(visible)
    if not sources.by_data and (vertical == "equipment" or (vertical is None and _may_be_machine(subject, seen))):
        read_prose(visible, seen.reading, seen.codes)
    candidates: list[Candidate] = []
    if "price" not in found.raw or is_doubtful(sources.claims) or not sources.by_data or vertical == "equipment":
        candidates = price_candidates(visible, currency)
    price, asked = main_price(candidates), None
    if price is None and seen.price is None and "price" not in found.raw and vertical == "equipment":
        seen.price = asked = sentence_price(visible)
        price = machine_price(visible, candidates, seen.reading) if asked is None else None
    if not sources.by_data and not page_kind.offers_by_sight(
        subject, visible, seen, price, candidates, sources.evidence, stock=stock
    ):
        return None
    found.take(seen.reading)
    if sources.by_data and (vertical == "equipment" or _is_machine(found)):
        read_prose(visible, found, seen.codes)
    if asked is not None:
        found.put("price", *asked)
    price_at = add_price(found, sources.claims, price, candidates, seen.price)
    _add_codes(subject, found, seen.codes)
    choose_sku(subject, visible, found, seen.codes, by_address=vertical != "equipment")
    read_stock(stock, found)
    read_stock_count(visible, found)
    settle_price(visible, found, currency, price_at)
    _complete(subject, found, vertical)
    if vertical == "equipment":
        complete_machine(subject, visible, found, price_at)
    return Extracted(_raw(page, subject, sources), found.provenance, found.variants)


def _may_be_machine(subject: Subject, seen: Seen) -> bool:
    """Whether a page that nobody has told us of is worth reading for a machine's facts."""
    known = seen.reading.raw
    return not known.keys().isdisjoint(("year", "hours", "serial_number")) or bool(read_title(subject.title).make)


def _is_machine(found: Reading) -> bool:
    """Whether what is known so far is known of machines only."""
    return "hours" in found.raw or "serial_number" in found.raw or not found.lacks("make", "year")


def _read_data(page: Page, subject: Subject, own: Reading, vertical: str | None) -> _Sources:
    """The page's data: JSON-LD, microdata, meta elements, and embedded JSON while something is missing."""
    linked = read_json_ld(subject)
    micro, micro_list = read_microdata(subject)
    meta, og_type = read_meta(subject)
    found = Reading()
    found.take(own)
    for source in (linked.product, micro):
        if source is not None:
            found.take(source)
    evidence = page_kind.Evidence(linked, micro, micro_list, og_type, "price" in meta.raw)
    by_data = page_kind.offers_by_data(evidence) or bool(own.raw)
    if by_data:
        found.take(meta)
    if not (linked.is_prose or linked.is_list or subject.is_home):
        by_data |= _read_scripts(page, subject, found, vertical)
    claims = [s for s in (linked.product, micro, meta) if s is not None and "price" in s.raw]
    claims = [] if "price" in own.raw else claims
    return _Sources(subject, Visible(subject), linked, found, claims, evidence, by_data)


def _read_scripts(page: Page, subject: Subject, found: Reading, vertical: str | None) -> bool:
    """What the page's scripts carry, while something is missing that they could say. Whether they offer the thing."""
    no_number = "sku" not in found.raw and id_in_url(subject.canonical) is None
    as_machine = vertical == "equipment" and found.lacks("price", "make", "model", "year", "hours", "serial_number")
    as_product = "price" not in found.raw or no_number
    if not as_machine and not as_product:
        return False
    values = list(script_values(subject, thoroughly=vertical == "equipment"))
    machine = None
    if vertical != "dog" and (as_machine or "price" not in found.raw):
        machine = read_machine_data(subject, values) or (
            read_machine_data(subject, attribute_values(subject))
            if as_machine and may_hold_attribute_values(page)
            else None
        )
    product = read_embedded(subject, values) if machine is None and as_product else None
    if machine is not None:
        found.take(machine)
    elif product is not None:
        found.take(product)
    return machine is not None or (product is not None and "price" in product.raw)


def _add_codes(subject: Subject, found: Reading, labelled: list[Code]) -> None:
    """The scripts' SKU, where neither data nor labels nor the address name one."""
    if "sku" not in found.raw and not labelled and id_in_url(subject.canonical) is None:
        found.put("sku", only_sku(subject), "script sku")


def _complete(subject: Subject, found: Reading, vertical: str | None) -> None:
    """Title and description where the data said none; make and brand stand for each other."""
    found.put("title", subject.heading_text, "heading")
    found.put("title", subject.meta.get("og:title"), "meta og:title")
    found.put("title", subject.title, "title")
    description = shared_description(subject)
    if description:
        found.put("description", *description)
    if "make" in found.raw:
        found.put("brand", found.raw["make"], found.provenance["make"])
    elif vertical == "equipment" and "brand" in found.raw:
        found.put("make", found.raw["brand"], found.provenance["brand"])
    if "price" in found.raw and "availability" not in found.raw:
        found.put("availability", "InStock", "offered with a price")


def _raw(page: Page, subject: Subject, sources: _Sources) -> dict[str, Any]:
    found = sources.found
    raw = dict(found.raw)
    images = [*raw.pop("images", []), *([raw.pop("image")] if "image" in raw else [])]
    if not images and (images := read_pictures(subject, sources.visible)):
        found.provenance["images"] = "pictures beside the heading"
    links = [link for image in images if (link := absolute_url(page.url, str(image)))]
    if links:
        raw["images"] = list(dict.fromkeys(links))[:MAX_IMAGES]
    found.provenance.pop("image", None)
    if breadcrumbs := _breadcrumbs(page, sources):
        raw["breadcrumbs"] = breadcrumbs
    if found.specs:
        raw["specs"] = found.specs
    return raw


def _breadcrumbs(page: Page, sources: _Sources) -> list[str]:
    """The data's trail, else the one that is seen; the source says first whether there is one to look for."""
    if sources.linked.breadcrumbs or b"readcrumb" not in page.body:
        return sources.linked.breadcrumbs
    return read_breadcrumbs(sources.subject)

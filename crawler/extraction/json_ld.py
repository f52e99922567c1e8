"""schema.org in JSON-LD: which product the page is about, and what it says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from crawler.extraction.json_ld_references import References, is_reference
from crawler.extraction.reading import MAX_VARIANTS, Reading
from crawler.extraction.schema_product import read_product, type_names
from crawler.extraction.strict_json import objects, parse_json
from crawler.extraction.subject import Subject

PRODUCT_TYPES: Final = frozenset(
    [
        "product",
        "productgroup",
        "productmodel",
        "individualproduct",
        "someproducts",
        "vehicle",
        "car",
        "motorcycle",
        "busorcoach",
        "book",
        "event",
        "musicevent",
        "theaterevent",
        "course",
        "game",
        "videogame",
        "movie",
        "musicalbum",
        "softwareapplication",
    ]
)
"""Types of things offered. Those other than products count only with an offer."""
_ALWAYS: Final = frozenset(
    ["product", "productgroup", "productmodel", "individualproduct", "someproducts", "vehicle", "car"]
)
_ELSEWHERE: Final = (
    "isrelatedto", "issimilarto", "isaccessoryorsparepartfor", "isconsumablefor", "itemreviewed", "isvariantof",
    "hasvariant", "itemlistelement", "hasoffercatalog", "makesoffer", "review", "mentions", "subevent",
)  # fmt: skip
"""Properties that lead from the page's thing to other things."""
_PROSE: Final = frozenset(
    ["article", "newsarticle", "blogposting", "blog", "faqpage", "recipe", "aboutpage", "contactpage"]
)
_LISTS: Final = frozenset(["collectionpage", "searchresultspage", "offercatalog"])


@dataclass(slots=True)
class Linked:
    """What the JSON-LD of a page says: the product, and whether the page is a list or prose."""

    product: Reading | None = None
    breadcrumbs: list[str] = field(default_factory=list)
    is_list: bool = False
    is_prose: bool = False
    certain: bool = False
    """Whether the product is surely the page's subject (its only one, or alike in name or address)."""


def read_json_ld(subject: Subject) -> Linked:
    """Read all JSON-LD of the page. Broken scripts are skipped."""
    linked = Linked()
    products: list[dict[str, Any]] = []
    listed = 0
    nodes = list(_nodes(subject))
    references = References(nodes)
    for node, path in nodes:
        types = type_names(node)
        if "breadcrumblist" in types and not linked.breadcrumbs:
            linked.breadcrumbs = _breadcrumbs(node)
        linked.is_prose |= bool(types & _PROSE)
        linked.is_list |= bool(types & _LISTS)
        if types & PRODUCT_TYPES and (types & _ALWAYS or "offers" in node) and not is_reference(node):
            if any(f".{name}" in f".{path.lower()}" for name in _ELSEWHERE):
                listed += "itemlistelement" in path.lower()
            else:
                products.append(references.whole(node))
    chosen = _choose(products, subject)
    linked.is_list |= (listed > 1 and not chosen) or (len(products) > 1 and not chosen)
    if chosen:
        linked.product = _read_all(chosen, subject)
        linked.certain = subject.likeness(_name(chosen[0]), _url(chosen[0])) >= 0.5 or not subject.heading_text
    return linked


def _nodes(subject: Subject) -> Iterator[tuple[dict[str, Any], str]]:
    for script in [s for s in subject.scripts if "ld+json" in s.type][:60]:
        yield from objects(parse_json(script.text))


def _choose(products: list[dict[str, Any]], subject: Subject) -> list[dict[str, Any]]:
    """The page's product: one node, or the nodes of its variants; none where the page lists several things."""
    products = products[:2000]
    if len(products) <= 1:
        if products and subject.heading_text and subject.likeness(_name(products[0]), _url(products[0])) < 0.2:
            return products if subject.likeness(_name(products[0])) > 0 or not subject.is_home else []
        return products
    scored = [(subject.likeness(_name(p), _url(p)), p) for p in products]
    best = max(score for score, _ in scored)
    if best < 0.5:
        return []
    alike = [p for score, p in scored if score >= best - 1e-9]
    names = {_name(p) for p in alike}
    if len(names) > 1:  # several with as good a name: the one with most of its words in the heading
        alike = [max(alike, key=lambda p: len(_name(p) or ""))]
        if len(names) > 4:
            return []
    return alike


def _read_all(chosen: list[dict[str, Any]], subject: Subject) -> Reading:
    """The first node, completed by the others of the same product; several of them, or `hasVariant`, are variants."""
    first = _best_variant(chosen, subject)
    chosen = chosen[:MAX_VARIANTS]
    reading = read_product(first, "json-ld")
    for other in chosen:
        if other is not first and _same_thing(reading, other):
            reading.take(read_product(other, "json-ld"))
    nodes = [v for v in _as_list(first.get("hasVariant")) if isinstance(v, dict)] or (chosen if len(chosen) > 1 else [])
    variants = [read_product(node, "json-ld variant").raw for node in nodes[:MAX_VARIANTS]]
    if len({(v.get("sku"), v.get("gtin")) for v in variants}) > 1:
        reading.variants = variants
        for name in ("price", "currency", "availability"):
            prices = [v[name] for v in variants if name in v]
            if prices:
                reading.put(name, prices[0], f"json-ld hasVariant {name}")
    return reading


def _best_variant(chosen: list[dict[str, Any]], subject: Subject) -> dict[str, Any]:
    for node in chosen:
        if subject.likeness(None, _url(node)) == 1.0:
            return node
    of_one_name = len({_name(node) for node in chosen}) == 1
    return max(chosen, key=lambda n: ("offers" in n, len(n) if of_one_name else 0))


def _same_thing(reading: Reading, other: dict[str, Any]) -> bool:
    sku = reading.raw.get("sku")
    return sku is None or other.get("sku") in (None, sku)


def _breadcrumbs(node: dict[str, Any]) -> list[str]:
    items = [i for i in _as_list(node.get("itemListElement")) if isinstance(i, dict)][:20]
    found: list[str] = []
    for item in items:
        inner = item.get("item")
        name = item.get("name") or (inner.get("name") if isinstance(inner, dict) else None)
        if isinstance(name, str) and name.strip():
            found.append(" ".join(name.split())[:200])
    return found


def _name(node: dict[str, Any]) -> str | None:
    name = node.get("name")
    return name if isinstance(name, str) else None


def _url(node: dict[str, Any]) -> str | None:
    for value in (node.get("url"), node.get("@id")):
        if isinstance(value, str) and value.startswith(("http", "/")):
            return value
    return None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]

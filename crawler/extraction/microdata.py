"""schema.org in microdata: the items of a page brought into the form of JSON-LD nodes.

One query finds all `itemprop` elements; nothing else of the tree is walked. Properties that stand outside any item
(common in hand-made templates) are kept as loose ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from crawler.extraction.json_ld import PRODUCT_TYPES
from crawler.extraction.query import strings
from crawler.extraction.reading import Reading
from crawler.extraction.schema_product import read_product
from crawler.extraction.subject import Subject, text_of

_PROPERTIES: Final = strings("//*/@itemprop")
"""A fifth of the time of `//*[@itemprop]`, which asks each element by itself."""
_MAX: Final = 5000
_MAX_PIECES: Final = 400
"""Texts of one property: properties may stand inside of each other."""
_LOOSE: Final = frozenset(
    ["price", "pricecurrency", "availability", "sku", "brand", "gtin13", "gtin", "mpn", "productid", "itemcondition"]
)
_MANY: Final = frozenset(["image", "additionalproperty", "offers", "hasvariant"])


@dataclass(slots=True)
class _Item:
    """One item while it is put together."""

    type: str
    element: etree._Element
    properties: dict[str, Any] = field(default_factory=dict)
    owned: bool = False


def read_microdata(subject: Subject) -> tuple[Reading | None, bool]:
    """The product in the page's microdata, and whether the page is a list of several products."""
    elements = [name.getparent() for name in _PROPERTIES(subject.root)[:_MAX]]
    if not elements:
        return None, False
    items, loose = _items(elements)
    products = [i for i in items.values() if i.type in PRODUCT_TYPES and not i.owned]
    chosen = _choose(products, subject)
    if chosen is None:
        if len(products) > 1:
            return None, True
        chosen = _loose_product(items, loose)
    if chosen is None:
        return None, False
    reading = read_product(chosen, "microdata")
    for name in ("price", "pricecurrency", "availability", "sku", "brand"):
        if name in loose and name != "pricecurrency" and len(loose[name]) == 1:
            reading.take(read_product({name: loose[name][0]}, "microdata loose"))
    return reading, False


def _items(elements: list[etree._Element]) -> tuple[dict[etree._Element, _Item], dict[str, list[Any]]]:
    """All items by their element, each property with its owner, and the loose properties."""
    items: dict[etree._Element, _Item] = {}
    loose: dict[str, list[Any]] = {}
    for element in elements:
        owner = _owner(element, items)
        value: Any
        if element.get("itemscope") is not None:
            item = _item(element, items)
            value, item.owned = item.properties, owner is not None
            item.properties.setdefault("@type", item.type)
            if item.type == "offer" and not item.properties.get("@text"):
                item.properties["@text"] = ""
        else:
            value = _value(element)
        for name in (element.get("itemprop") or "").split()[:4]:
            key = name.rsplit("/", 1)[-1].lower()
            if owner is None:
                if key in _LOOSE:
                    loose.setdefault(key, []).append(value)
                continue
            _add(owner.properties, key, value)
    return items, loose


def _add(properties: dict[str, Any], key: str, value: Any) -> None:
    if key not in properties or properties[key] in ("", None):
        properties[key] = [value] if key in _MANY else value
    elif key in _MANY and len(properties[key]) < 200:
        properties[key].append(value)


def _owner(element: etree._Element, items: dict[etree._Element, _Item]) -> _Item | None:
    parent = element.getparent()
    for _ in range(60):
        if parent is None:
            return None
        if parent.get("itemscope") is not None:
            return _item(parent, items)
        parent = parent.getparent()
    return None


def _item(element: etree._Element, items: dict[etree._Element, _Item]) -> _Item:
    if element not in items:
        kind = (element.get("itemtype") or "").strip().rstrip("/").rsplit("/", 1)[-1].lower()
        items[element] = _Item(kind, element, {"@type": kind})
    return items[element]


def _value(element: etree._Element) -> str:
    """A property's value by the rules of the HTML standard (microdata, 5.2.4), `content` before all."""
    for name in ("content", "datetime", "data"):
        if (value := element.get(name)) not in (None, ""):
            return str(value)
    if element.tag in ("a", "link", "area"):
        href, text = element.get("href") or "", text_of(element)
        return href if element.tag == "link" or not text else text
    if element.tag in ("img", "source", "iframe", "video"):
        return element.get("src") or element.get("data-src") or ""
    if element.tag in ("meter", "data", "input") and element.get("value"):
        return element.get("value") or ""
    return text_of(element, _MAX_PIECES)[:20_000]


def _choose(products: list[_Item], subject: Subject) -> dict[str, Any] | None:
    if len(products) == 1:
        return None if _is_another_thing(products[0], subject) else products[0].properties
    scored = [(subject.likeness(_name(p), _url(p)), -i, p.properties) for i, p in enumerate(products[:500])]
    if not scored:
        return None
    best = max(scored)
    if best[0] < 0.5:
        return None
    if sum(score == best[0] for score, _, _ in scored) > 3:
        return None
    return best[2]


def _is_another_thing(product: _Item, subject: Subject) -> bool:
    """Whether a page's only product has no word in common with its title and heading: an article names it aside."""
    name = _name(product)
    if not name or not subject.heading_text or not subject.title:
        return False
    return subject.likeness(name, _url(product)) == 0


def _loose_product(items: dict[etree._Element, _Item], loose: dict[str, list[Any]]) -> dict[str, Any] | None:
    """A single offer without a product around it, else loose properties that each stand once."""
    offers = [i.properties for i in items.values() if i.type in ("offer", "aggregateoffer") and not i.owned]
    if len(offers) == 1:
        return {"@type": "product", "offers": offers} | {k: v[0] for k, v in loose.items() if len(v) == 1}
    single = {k: v[0] for k, v in loose.items() if len(v) == 1}
    return {"@type": "product", **single} if single and "price" in single else None


def _name(item: _Item) -> str | None:
    name = item.properties.get("name")
    return name if isinstance(name, str) else None


def _url(item: _Item) -> str | None:
    url = item.properties.get("url")
    return url if isinstance(url, str) else None

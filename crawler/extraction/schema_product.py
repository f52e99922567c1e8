"""One schema.org product as nested dictionaries (JSON-LD, or microdata brought into the same form) → fields.

Property names: https://schema.org/Product, /Offer, /Vehicle, /PriceSpecification. Their case is not trusted.
"""

from __future__ import annotations

from typing import Any, Final

from crawler.extraction.reading import Reading
from pipelines.parsing.availability import AVAILABILITIES, parse_availability
from pipelines.parsing.money import parse_money
from pipelines.wording.field_values import accepted
from pipelines.wording.labels import label_fields

GTINS: Final = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "ean", "upc", "isbn")
_PERIODS: Final = {"HUR": "hour", "DAY": "day", "WEE": "week", "MON": "month"}
"""UN/CEFACT Recommendation 20 codes, as in schema.org's unitCode."""
_LIST_PRICES: Final = ("listprice", "strikethroughprice", "srp", "msrp", "suggestedretailprice")
_PROPERTIES: Final = (
    "color",
    "material",
    "size",
    "pattern",
    "weight",
    "width",
    "height",
    "depth",
    "fuelType",
    "vehicleTransmission",
    "bodyType",
    "driveWheelConfiguration",
    "numberOfDoors",
)


_OF_MACHINES: Final = frozenset({"make", "model", "year", "hours", "serial_number", "location"})


def read_product(node: dict[str, Any], source: str) -> Reading:
    """All fields that a product node and its offers say, with `source` before the property in each provenance."""
    node = _folded(node)
    found = Reading()

    def put(name: str, *properties: str) -> None:
        for key in properties:
            if found.put(name, said(node.get(key.lower())), f"{source} {key}"):
                return

    put("title", "name")
    put("description", "description")
    put("sku", "sku", "productID", "identifier")
    put("gtin", *GTINS)
    put("mpn", "mpn")
    put("brand", "brand")
    put("make", "manufacturer")
    put("model", "model")
    put("year", "vehicleModelDate", "productionDate", "modelDate")
    put("serial_number", "vehicleIdentificationNumber", "serialNumber")
    put("condition", "itemCondition")
    put("category", "category")
    put("location", "itemLocation", "locationCreated")
    if images := _images(node.get("image")):
        found.put("images", images, f"{source} image")
    _put_meter(found, node.get("mileagefromodometer"), source)
    _put_rating(found, _folded(first_dict(node.get("aggregaterating"))), source)
    _put_offers(found, node, source)
    for pair in _as_list(node.get("additionalproperty")):
        if isinstance(pair, dict):
            _put_property(found, said(pair.get("name")), _with_unit(_folded(pair)), source)
    for key in _PROPERTIES:
        found.add_spec(key, said(node.get(key.lower())))
    return found


def _put_property(found: Reading, name: object, value: object, source: str) -> None:
    """A pair of the specification; a machine's facts among them fill their field too."""
    found.add_spec(name, value)
    for field in label_fields(str(name)):
        if field in _OF_MACHINES and (clean := accepted(field, str(value))) is not None:
            found.put(field, clean, f"{source} additionalProperty {name}")


def type_names(node: dict[str, Any]) -> set[str]:
    """The node's types without their namespace, in lower case."""
    types = _as_list(node.get("@type"))
    return {t.rsplit("/", 1)[-1].rsplit(":", 1)[-1].strip().lower() for t in types if isinstance(t, str)}


def said(value: Any) -> str | int | float | None:
    """The text of a property: itself, or the name, value or id of what stands there; of several the first."""
    for _ in range(6):
        if isinstance(value, list):
            value = next((v for v in value if v not in (None, "", {}, [])), None)
        elif isinstance(value, dict):
            folded = _folded(value)
            if "postaladdress" in type_names(value) or "addresslocality" in folded:
                return _address(folded)
            value = next(
                (
                    folded[k]
                    for k in ("name", "address", "value", "@value", "decimalprice", "amount", "@id")
                    if folded.get(k)
                ),
                None,
            )
        else:
            break
    return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def first_dict(value: Any) -> dict[str, Any]:
    """The first object among one or several, else an empty one."""
    return next((v for v in _as_list(value) if isinstance(v, dict)), {})


def _put_offers(found: Reading, node: dict[str, Any], source: str) -> None:
    offers = [_folded(o) for o in _as_list(node.get("offers")) if isinstance(o, dict)][:5000]
    offers = [inner for offer in offers for inner in _inner_offers(offer)] or ([node] if _price_of(node) else [])
    if not offers:
        return
    offer = _main_offer(offers)
    price, key = _price_of(offer) or (None, "")
    if price is not None:
        found.put("price", price, f"{source} offers.{key}")
        found.put("currency", _currency_of(offer), f"{source} offers.priceCurrency")
    for name, keys in (
        ("availability", ("availability",)),
        ("condition", ("itemcondition",)),
        ("sku", ("sku",)),
        ("mpn", ("mpn",)),
        ("gtin", GTINS),
        ("serial_number", ("serialnumber",)),
        ("location", ("availableatorfrom", "itemlocation")),
    ):
        for key in keys:
            found.put(name, said(offer.get(key)), f"{source} offers.{key}")
    _put_stock(found, offers, source)
    _put_price_terms(found, offer, source)


def _inner_offers(offer: dict[str, Any]) -> list[dict[str, Any]]:
    """An AggregateOffer without a low price stands for the offers in it."""
    inner = [_folded(o) for o in _as_list(offer.get("offers")) if isinstance(o, dict)]
    return inner if inner and not _price_of(offer) else [offer]


def _main_offer(offers: list[dict[str, Any]]) -> dict[str, Any]:
    """Of several offers the cheapest that can be had: shops show it as the product's price."""
    priced = [o for o in offers if _price_of(o)] or offers
    buyable = [
        o for o in priced if parse_availability(str(said(o.get("availability")) or "InStock")) == "InStock"
    ] or priced
    same_url = len({o.get("url") if isinstance(o.get("url"), str) else "" for o in buyable}) <= 1
    if len(buyable) == 1 or not same_url:
        return buyable[0]
    amounts = [(parse_money((_price_of(o) or ("", ""))[0], decimal=".").amount, i) for i, o in enumerate(buyable)]
    known = [(a, i) for a, i in amounts if a is not None]
    return buyable[min(known)[1]] if known else buyable[0]


def _put_stock(found: Reading, offers: list[dict[str, Any]], source: str) -> None:
    """In stock if any offer is."""
    said_stock = [parse_availability(str(said(o.get("availability")) or "")) for o in offers]
    known = [s for s in said_stock if s in AVAILABILITIES]
    if len(offers) > 1 and known and "InStock" in known:
        found.drop("availability")
        found.put("availability", "InStock", f"{source} offers.availability")


def _price_of(offer: dict[str, Any]) -> tuple[str | int | float, str] | None:
    """An offer's price that is above zero, and the property that says it."""
    for key in ("price", "lowprice"):
        if _is_price(value := _deep_price(offer.get(key))):
            return value, "lowPrice" if key == "lowprice" else key  # type: ignore[return-value]
    for spec in map(_folded, (s for s in _as_list(offer.get("pricespecification")) if isinstance(s, dict))):
        kind = str(said(spec.get("pricetype")) or "").lower()
        if not any(kind.endswith(name) for name in _LIST_PRICES) and "referencequantity" not in spec:
            for key in ("price", "minprice"):
                if _is_price(value := said(spec.get(key))):
                    return value, "priceSpecification.price"  # type: ignore[return-value]
    return None


def _deep_price(value: Any) -> str | int | float | None:
    """A price that some shops write as an object ({"sales": {"decimalPrice": "3499.00"}})."""
    for _ in range(3):
        if not isinstance(value, dict):
            break
        folded = _folded(value)
        value = next(
            (folded[k] for k in ("decimalprice", "price", "value", "amount", "sales", "current") if folded.get(k)), None
        )
    return said(value)


def _is_price(value: Any) -> bool:
    if value is None:
        return False
    amount = parse_money(value).amount
    return amount is not None and amount > 0


def _currency_of(offer: dict[str, Any]) -> str | None:
    value = said(offer.get("pricecurrency")) or said(offer.get("currency"))
    if value is None:
        for spec in _as_list(offer.get("pricespecification")):
            if isinstance(spec, dict):
                value = value or said(_folded(spec).get("pricecurrency"))
    for key in ("price", "lowprice"):
        inner = offer.get(key)
        if value is None and isinstance(inner, dict):
            value = said(inner.get("currency")) or said(_folded(first_dict(inner.get("sales"))).get("currency"))
    return str(value) if value is not None else None


def _put_price_terms(found: Reading, offer: dict[str, Any], source: str) -> None:
    """List price, tax, and the period of a rent."""
    if "lease" in str(said(offer.get("businessfunction")) or "").lower():
        found.put("offer_type", "rent", f"{source} offers.businessFunction")
    for spec in [offer, *(_folded(s) for s in _as_list(offer.get("pricespecification")) if isinstance(s, dict))]:
        kind = str(said(spec.get("pricetype")) or "").lower()
        if any(kind.endswith(name) for name in _LIST_PRICES):
            found.put("regular_price", said(spec.get("price")), f"{source} offers.priceSpecification")
        included = spec.get("valueaddedtaxincluded")
        if str(included).lower() in ("true", "false"):
            tax = "gross" if str(included).lower() == "true" else "net"
            found.put("price_tax", tax, f"{source} offers.valueAddedTaxIncluded")
        period = _PERIODS.get(str(spec.get("unitcode") or "").upper())
        if period and spec is not offer:
            found.put("price_period", period, f"{source} offers.priceSpecification.unitCode")


def _put_meter(found: Reading, value: Any, source: str) -> None:
    """`mileageFromOdometer` in hours (unitCode HUR) is a machine's meter."""
    if isinstance(value, dict):
        folded = _folded(value)
        unit = f"{folded.get('unitcode') or ''} {folded.get('unittext') or ''}".upper()
        if "HUR" in unit or "HOUR" in unit or unit.strip() == "H":
            found.put("hours", said(folded.get("value")), f"{source} mileageFromOdometer")
    elif isinstance(value, str) and "h" in value.lower():
        found.put("hours", value, f"{source} mileageFromOdometer")


def _put_rating(found: Reading, rating: dict[str, Any], source: str) -> None:
    value, best = said(rating.get("ratingvalue")), said(rating.get("bestrating"))
    if value is not None:
        text = f"{value}/{best}" if best not in (None, "") else str(value)
        found.put("rating", text, f"{source} aggregateRating.ratingValue")
        for key in ("ratingcount", "reviewcount"):
            found.put("rating_count", said(rating.get(key)), f"{source} aggregateRating.{key}")


def _images(value: Any) -> list[str]:
    found = []
    for item in _as_list(value)[:60]:
        url = item if isinstance(item, str) else first_dict(item).get("url") or first_dict(item).get("contentUrl")
        if isinstance(url, str) and url.strip():
            found.append(url.strip())
    return list(dict.fromkeys(found))


def _address(folded: dict[str, Any]) -> str | None:
    parts = [said(folded.get(k)) for k in ("addresslocality", "addressregion", "postalcode", "addresscountry")]
    city, region, postal, country = (str(p).strip() if p is not None else "" for p in parts)
    return ", ".join(p for p in (city, f"{region} {postal}".strip() if region else "", country) if p) or None


def _with_unit(pair: dict[str, Any]) -> str | None:
    value = said(pair.get("value"))
    unit = said(pair.get("unittext")) or said(pair.get("unitcode"))
    return None if value is None else f"{value} {unit}" if unit else str(value)


def _folded(node: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in node.items()}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]

"""One object of a page's data as a machine: keys in many languages (data/json_keys.csv), values in boxes of their own.

`{"hersteller": {"label": "Case"}, "preis": {"netto": 84500, "waehrung": "EUR"}, "standort": {"ort": "Rostock"}}`
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from crawler.extraction.reading import Reading
from crawler.extraction.visible import DATA
from pipelines.parsing.availability import parse_availability
from pipelines.parsing.lexicon import rows
from pipelines.parsing.money import parse_money
from pipelines.wording.field_values import accepted

MACHINE: Final = ("make", "model", "year", "hours", "serial_number", "price", "weight")
_PLAIN: Final = ("title", "make", "model", "year", "hours", "serial_number", "sku", "condition", "category",
                 "availability", "description", "location", "city", "region", "country", "weight", "price",
                 "regular_price", "currency", "price_tax", "tax_included", "on_request", "images")  # fmt: skip
_INSIDE: Final[dict[str, tuple[str, ...]]] = {
    "price": ("price", "price_net", "price_gross", "regular_price", "price_day", "price_week", "price_month",
              "currency", "price_tax", "tax_included", "on_request", "value"),
    "location": ("city", "region", "country", "value"),
    "hours": ("hours", "value", "unit"),
    "weight": ("weight", "value", "unit"),
    "specs": _PLAIN,
}  # fmt: skip
"""What the keys inside a box may mean; inside any other box only `value`."""
_UNITS: Final = ("kg", "lbs", "lb", "tonnes", "eur", "usd", "gbp", "chf", "cad", "aud", "pln")
_DISTANCE: Final = re.compile(r"^(?:km|kilomet|mi\b|mile)", re.IGNORECASE)
_NOT_LETTERS: Final = re.compile(r"[^a-z]")
_PERIODS: Final = (("price_month", "month"), ("price_week", "week"), ("price_day", "day"))


@dataclass(slots=True)
class Record:
    """Field → value as it stood, and field → key path; specification pairs."""

    said: dict[str, Any] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    specs: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def strength(self) -> int:
        """How many of a machine's own facts it says."""
        priced = "price" not in self.said and not self.said.keys().isdisjoint(("price_net", "price_gross"))
        return sum(name in self.said for name in MACHINE) + priced

    @property
    def name(self) -> str:
        """Its title, else maker and model."""
        return str(self.said.get("title") or f"{self.said.get('make', '')} {self.said.get('model', '')}").strip()

    @property
    def is_machine(self) -> bool:
        """Whether it names a thing and says at least three of a machine's facts, not only what any goods have."""
        named = "model" in self.said or "title" in self.said
        own = sum(name in self.said for name in ("year", "hours", "serial_number", "weight"))
        return named and own > 0 and self.strength >= 3


def read_record(node: dict[str, Any]) -> Record:
    """What an object says of a machine; boxes that are about something else (dealer, engine, related) are left out."""
    record = Record()
    _read(record, node, None, "", 0)
    kind = record.said.get("category")
    if "model" not in record.said and isinstance(kind, str) and any(map(str.isdigit, kind)):  # "type": "DX300LC-5"
        record.said["model"], record.where["model"] = record.said.pop("category"), record.where["category"]
    return record


def reading_of(record: Record, source: str) -> Reading:
    """A record as fields of a listing."""
    found = Reading()
    for name in ("title", "make", "model", "year", "serial_number", "sku", "condition", "category", "description",
                 "city", "region", "country", "location", "images"):  # fmt: skip
        if name in record.said:
            value = record.said[name]
            checked = value if name in ("title", "description", "images", "category") else accepted(name, str(value))
            found.put(name, checked, f"{source} {record.where[name]}")
    _put_hours(found, record, source)
    _put_weight(found, record)
    _put_price(found, record, source)
    _put_stock(found, record, source)
    for name, value in record.specs:
        found.add_spec(name, value)
    return found


def meanings_of(key: str) -> tuple[str, ...]:
    """The fields that a key may name; `elsewhere` for a box that is not about the thing."""
    return meanings_and_unit(key)[0]


def _read(record: Record, node: dict[str, Any], box: str | None, path: str, depth: int) -> None:
    for key, value in list(node.items())[:200]:
        meanings, unit = meanings_and_unit(str(key))
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict):
            inner = next((m for m in meanings if m in _INSIDE or m in _PLAIN), None)
            if inner and depth < 3:
                _read(record, value, inner, here, depth + 1)
        elif isinstance(value, list):
            _read_list(record, meanings, value, here)
        elif value not in (None, ""):
            name = _field(meanings, box)
            if name and name not in record.said:
                record.said[name] = value
                record.where[name] = here
                if unit:
                    record.said.setdefault("currency" if len(unit) == 3 and unit != "lbs" else f"{name}_unit", unit)
                    record.where.setdefault("currency", here)


def _read_list(record: Record, meanings: tuple[str, ...], values: list[Any], here: str) -> None:
    if "images" in meanings:
        links = [v if isinstance(v, str) else v.get("url") or v.get("src") for v in values if isinstance(v, str | dict)]
        record.said.setdefault("images", [link for link in links if isinstance(link, str)])
        record.where.setdefault("images", here)
    elif "specs" in meanings:
        for pair in values[:100]:
            if isinstance(pair, dict):
                name = next((pair[k] for k in ("label", "name", "key", "title") if isinstance(pair.get(k), str)), None)
                value = next((pair[k] for k in ("value", "text", "values") if k in pair), None)
                if name and isinstance(value, str | int | float):
                    record.specs.append((name, str(value)))


def _field(meanings: tuple[str, ...], box: str | None) -> str | None:
    """The field that a key names inside a box (or in the object itself)."""
    allowed = _PLAIN if box is None else _INSIDE.get(box, ("value",))
    name = next((m for m in meanings if m in allowed), None)
    if name == "value":
        return box
    return f"{box}_unit" if name == "unit" else name


def _put_hours(found: Reading, record: Record, source: str) -> None:
    if "hours" in record.said and not _DISTANCE.match(str(record.said.get("hours_unit", ""))):
        found.put("hours", accepted("hours", str(record.said["hours"])), f"{source} {record.where['hours']}")


def _put_weight(found: Reading, record: Record) -> None:
    value, unit = record.said.get("weight"), record.said.get("weight_unit", "")
    if isinstance(value, int | float) and not isinstance(value, bool) and unit:
        found.add_spec("Operating weight", f"{value} {unit}")
    elif isinstance(value, str) and (unit or not value.strip().replace(".", "").isdigit()):
        found.add_spec("Operating weight", f"{value} {unit}".strip())


def _put_price(found: Reading, record: Record, source: str) -> None:
    said, where = record.said, record.where
    name = next((n for n in ("price", "price_net", "price_gross") if _is_amount(said.get(n))), None)
    period = None
    if name is None:
        name, period = next(((n, p) for n, p in _PERIODS if _is_amount(said.get(n))), (None, None))
    if name is None or said.get("on_request") is True:
        if said.get("on_request") is True:
            found.put("price_status", "on_request", f"{source} {where['on_request']}")
        return
    found.put("price", said[name], f"{source} {where[name]}")
    found.put("currency", said.get("currency"), f"{source} {where.get('currency', '')}".strip())
    if period:
        found.put("price_period", period, f"{source} {where[name]}")
        found.put("offer_type", "rent", f"{source} {where[name]}")
    if _is_amount(said.get("regular_price")):
        found.put("regular_price", said["regular_price"], f"{source} {where['regular_price']}")
    tax = _tax(said, name)
    if tax:
        found.put("price_tax", tax, f"{source} {where[name]}")


def _tax(said: dict[str, Any], price: str) -> str | None:
    if price in ("price_net", "price_gross"):
        return price.removeprefix("price_")
    if isinstance(said.get("tax_included"), bool):
        return "gross" if said["tax_included"] else "net"
    words = said.get("price_tax")
    if not isinstance(words, str):
        return None
    tax = parse_money(f"1 € {words}").price_tax
    folded = words.strip().casefold().rstrip(".")
    if tax == "unknown" and folded in ("excl", "exkl", "ex", "net", "netto", "ht", "hors taxe"):
        return "net"
    if tax == "unknown" and folded in ("incl", "inkl", "inc", "gross", "brutto", "ttc"):
        return "gross"
    return tax if tax != "unknown" else None


def _put_stock(found: Reading, record: Record, source: str) -> None:
    value = record.said.get("availability")
    if isinstance(value, bool):
        key = record.where["availability"].casefold()
        sold = any(word in key for word in ("sold", "verkauft", "vendu", "venduto", "verkocht", "sprzedan"))
        value = "SoldOut" if sold and value else "InStock" if value or sold else "OutOfStock"
    if isinstance(value, str) and parse_availability(value):
        found.put("availability", value, f"{source} {record.where['availability']}")


def _is_amount(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return value > 0
    return isinstance(value, str) and bool(parse_money(value[:100]).amount)


@cache
def meanings_and_unit(key: str) -> tuple[tuple[str, ...], str]:
    """The fields that a key may name, and the unit it ends in ("weightKg")."""
    plain = unicodedata.normalize("NFKD", key[:60].casefold()).replace("ł", "l")
    plain = _NOT_LETTERS.sub("", plain)
    known = _keys()
    if plain in known:
        return known[plain], next((u for u in _UNITS if plain.endswith(u) and "weight" in known[plain]), "")
    unit = next((u for u in _UNITS if plain.endswith(u) and plain.removesuffix(u) in known), "")
    meanings = known.get(plain.removesuffix(unit), ()) if unit else ()
    return (meanings, unit) if "price" in meanings or "weight" in meanings else ((), "")


@cache
def _keys() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in rows("json_keys.csv", DATA):
        found.setdefault(row["key"], []).append(row["field"])
    return {key: tuple(fields) for key, fields in found.items()}

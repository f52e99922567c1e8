"""One dealer's offer: the record that every part of Yardstick passes on.

A platform, an extractor or an ingest file fills `raw` (what the source said, under our field names) and
`provenance` (where it stood). The pipeline's functions fill the typed fields from it: `clean` parses,
`classify` and `size` infer, `identify` keys. Nothing else writes typed fields, so that a rule that changed
can be run again over stored raw text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

Vertical = Literal["equipment", "dog"]
PriceStatus = Literal["priced", "on_request", "sold"]
OfferType = Literal["sale", "rent", "auction"]
PricePeriod = Literal["once", "hour", "day", "week", "month"]
PriceTax = Literal["net", "gross", "unknown"]
Status = Literal["active", "gone", "sold"]
SizeMethod = Literal["spec", "descriptor", "base model", "rule", "text", "correction", "unknown"]

VERTICALS: Final = ("equipment", "dog")
PRICE_STATUSES: Final = ("priced", "on_request", "sold")
OFFER_TYPES: Final = ("sale", "rent", "auction")
PRICE_PERIODS: Final = ("once", "hour", "day", "week", "month")
PRICE_TAXES: Final = ("net", "gross", "unknown")
STATUSES: Final = ("active", "gone", "sold")


@dataclass(slots=True, kw_only=True)
class Listing:
    """What one dealer offers, as read once.

    `None` means unknown and 0 means zero. Money is a `Decimal` beside `currency` (ISO 4217). A unit of measure
    is in the field's name. Times are aware UTC datetimes.
    """

    dealer: str
    vertical: Vertical
    raw: dict[str, Any] = field(default_factory=dict)
    """The text (or JSON scalar) behind each field, plus `specs` ([[name, value], …]), `breadcrumbs` ([text, …])."""
    provenance: dict[str, str] = field(default_factory=dict)
    """Field → where its value came from, e.g. `json-ld offers.price`."""

    # Who offers it
    external_id: str | None = None
    url: str | None = None
    section: str | None = None

    # What it is
    title: str | None = None
    description: str | None = None
    category: str | None = None
    category_confidence: float | None = None
    make: str | None = None
    model: str | None = None
    base_model: str | None = None
    year: int | None = None
    hours: int | None = None
    serial_number: str | None = None
    brand: str | None = None
    gtin: str | None = None
    sku: str | None = None
    mpn: str | None = None
    product_group: str | None = None
    condition: str | None = None

    # What it costs
    price: Decimal | None = None
    regular_price: Decimal | None = None
    currency: str | None = None
    price_status: PriceStatus | None = None
    offer_type: OfferType = "sale"
    price_period: PricePeriod | None = None
    price_tax: PriceTax = "unknown"
    availability: str | None = None
    quantity: int | None = None
    unit_price_per_kg: Decimal | None = None
    shipping_text: str | None = None

    # Where it stands
    location: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    location_precision: str | None = None

    # How big it is
    size_label: str | None = None
    size_value: float | None = None
    size_basis: str | None = None
    size_min: float | None = None
    size_max: float | None = None
    size_unit: str | None = None
    size_method: SizeMethod | None = None
    size_confidence: float | None = None
    operating_weight_kg: float | None = None
    net_weight_g: float | None = None
    pack_count: int | None = None
    unit_weight_g: float | None = None
    dog_weight_min_kg: float | None = None
    dog_weight_max_kg: float | None = None
    breed_sizes: list[str] | None = None
    life_stage: str | None = None
    food_form: str | None = None

    # What others say, and all the rest
    rating: float | None = None
    rating_count: int | None = None
    images: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)

    inference_version: str | None = None
    """By which rules and tables category and size were inferred (pipelines/inference_version.py)."""

    # Keys of identity (pipelines/identity)
    identity_key: str | None = None
    serial_key: str | None = None
    content_hash: str | None = None

    # The crawl that read it
    crawl_id: int | None = None
    request_token: str | None = None
    observed_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """All fields by name, one level deep (lists and dicts are not copied)."""
        return {name: getattr(self, name) for name in FIELD_NAMES}


FIELD_NAMES: Final = tuple(f.name for f in fields(Listing))
BOOKKEEPING: Final = frozenset(
    {
        "raw",
        "provenance",
        "identity_key",
        "serial_key",
        "content_hash",
        "crawl_id",
        "request_token",
        "observed_at",
        "inference_version",
    }
)
"""Fields about the reading, not about the thing."""

INFERRED: Final = frozenset(
    {
        "category", "category_confidence", "base_model", "size_value", "size_basis", "size_min", "size_max",
        "size_unit", "size_method", "size_confidence", "operating_weight_kg", "net_weight_g", "pack_count",
        "unit_weight_g",
        "dog_weight_min_kg", "dog_weight_max_kg", "breed_sizes", "life_stage", "food_form", "unit_price_per_kg",
    }
)  # fmt: skip
"""Fields that inference writes, whatever stood there; the source's own words for them stay in `raw`."""

FROM_TITLE: Final = "title"
"""The provenance of a value that inference read from the title (of the title itself: the page's title element)."""

FROM_SPECS: Final = "specs: "
"""The provenance of what inference read from a specification pair starts so, then names its label."""

FROM_DESCRIPTION: Final = "description"
"""The provenance of what inference read from the description."""

FROM_HOURS: Final = "hours"
"""The provenance of a condition that only the hours run tell."""

FROM_MODEL: Final = "model"
"""The provenance of a maker that only the model number tells."""

_MACHINE_FACTS: Final = frozenset({"make", "model", "year", "hours", "serial_number", "condition"})


def text_behind(name: str, where: str) -> str | None:
    """The field whose text inference read a value from, by the value's provenance; None for the source's own word.

    `title`, `specs`, `description`, `hours` or `model`: as long as that is known the value can be read again.
    """
    if where == FROM_TITLE and name != "title":
        return "title"
    if name not in _MACHINE_FACTS:
        return None
    if where.startswith(FROM_SPECS):
        return "specs"
    return where if where in (FROM_DESCRIPTION, FROM_HOURS, FROM_MODEL) and name != where else None

"""Listings as the rules of identity see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from inventory.store.matching import Candidate

START = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING: dict[str, Any] = dict.fromkeys(Candidate.__dataclass_fields__)


def day(number: int) -> datetime:
    """So many days after the first."""
    return START + timedelta(days=number)


def candidate(dealer: str = "acme", number: str = "1", **said: Any) -> Candidate:
    """A listing that says only what is given."""
    known = NOTHING | {
        "listing_id": 0, "name": (dealer, f"id:{number}"), "status": "active", "first_seen": START, "last_seen": START,
        "offer_type": "sale", "price_tax": "unknown", "currency": "USD",
    }  # fmt: skip
    return Candidate(**(known | said))


def machine(dealer: str = "acme", number: str = "1", **said: Any) -> Candidate:
    """A used Cat 320D of 2014 with 6,200 hours for 68,000."""
    known = {
        "vertical": "equipment", "make": "Caterpillar", "model": "320D", "base_model": "320", "year": 2014,
        "hours": 6200, "price": Decimal(68000), "title": "2014 Caterpillar 320D",
    }  # fmt: skip
    return candidate(dealer, number, **(known | said))


def food(dealer: str = "acme", number: str = "1", **said: Any) -> Candidate:
    """Fifteen kilograms of Northpaw, adult, lamb and rice."""
    known = {
        "vertical": "dog", "brand": "Northpaw", "title": "Northpaw Adult Lamb & Rice Dry Dog Food 15kg",
        "net_weight_g": 15000.0, "price": Decimal("89.90"), "currency": "AUD", "life_stage": "adult",
    }  # fmt: skip
    return candidate(dealer, number, **(known | said))

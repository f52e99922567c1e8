"""Skyline Access: a single-page app. The shell holds nothing; the stock comes from `/api/stock`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from demo.offers import MachineOffer, Offer, machine_offers, machine_truth, money
from demo.pages.html import JSON, Page
from demo.site import Site, page_number, page_of
from demo.stock.load import CATEGORY_NAMES

PER_PAGE: Final = 20
SHELL: Final = (Path(__file__).parent / "skyline_shell.html").read_bytes()
SCRIPT: Final = (Path(__file__).parent / "skyline_app.js").read_bytes()


class Skyline(Site):
    name: ClassVar[str] = "skyline"
    title: ClassVar[str] = "Skyline Access & Lift"
    weight: ClassVar[tuple[int, int]] = (10, 10)

    def restock(self) -> None:
        self.offers = dict[str, Offer](machine_offers(self.machines, self.seed, "{}", 70200))

    def _machines(self) -> list[MachineOffer]:
        return [offer for offer in self.offers.values() if isinstance(offer, MachineOffer) and not offer.removed]

    def robots(self, base: str) -> str:
        return "User-agent: *\nCrawl-delay: 0.05\nAllow: /\n"

    def page(self, path: str, query: Mapping[str, str], base: str) -> Page | None:
        parts = path.strip("/").split("/")
        if path == "/app.js":
            return Page((SCRIPT,), "text/javascript; charset=utf-8", modified=self.changed)
        if path in ("/", "/stock", "/contact") or (parts[0] == "machine" and len(parts) == 2):
            # The same shell whatever the address, as such apps do, also for machines that are gone.
            return Page((SHELL,), modified=self.changed)
        if path == "/api/stock":
            return self._json(self._list(page_number(query)), self.changed)
        if parts[:2] == ["api", "stock"] and len(parts) == 3:
            offer = self.offers.get(parts[2])
            if isinstance(offer, MachineOffer) and not offer.removed:
                return self._json(record(offer, full=True), offer.modified)
            return Page((b'{"error":"not found"}',), JSON, 404)
        return None

    def _json(self, data: Any, modified: datetime) -> Page:
        return Page((json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(),), JSON, modified=modified)

    def _list(self, number: int) -> dict[str, Any]:
        live = self.listed(self._machines())
        last = -(-len(live) // PER_PAGE)
        return {
            "items": [record(offer) for offer in page_of(live, number, PER_PAGE)],
            "page": number,
            "perPage": PER_PAGE,
            "pages": last,
            "total": len(live),
            "next": f"/api/stock?page={number + 1}" if number < last else None,
        }

    def truth(self, base: str) -> list[dict[str, Any]]:
        return [
            machine_truth(
                offer,
                f"{base}/machine/{offer.id}",
                headline(offer),
                operating_weight_kg=offer.machine.operating_weight_kg,
            )
            for offer in self._machines()
        ]

    def paths(self) -> Iterator[str]:
        yield from ("/", "/app.js")
        yield from (f"/api/stock?page={number}" for number in range(1, -(-len(self._machines()) // PER_PAGE) + 1))
        yield from (f"/api/stock/{offer.id}" for offer in self._machines())


def headline(offer: MachineOffer) -> str:
    machine = offer.machine
    make = {"Caterpillar": "CAT"}.get(machine.make, machine.make)
    return f"{make} {machine.model} {CATEGORY_NAMES[machine.category].singular_en}, {machine.year}"


def record(offer: MachineOffer, full: bool = False) -> dict[str, Any]:
    """One machine as the API gives it; `full` adds what only the detail view shows."""
    machine = offer.machine
    price: dict[str, Any] = {
        "amount": None,
        "currency": machine.currency,
        "onRequest": offer.price_status == "on_request",
    }
    if offer.price_status == "priced":
        price |= {"amount": money(offer.price), "per": None if machine.price_period == "once" else machine.price_period}
        if offer.regular_price:
            price["was"] = money(offer.regular_price)
    data: dict[str, Any] = {
        "id": int(offer.id),
        "headline": headline(offer),
        "manufacturer": machine.make,
        "modelName": machine.model,
        "type": CATEGORY_NAMES[machine.category].singular_en,
        "yearOfManufacture": machine.year,
        "usage": None if machine.hours is None else {"value": machine.hours, "unit": "h"},
        "serial": machine.serial_number,
        "price": price,
        "dealType": {"sale": "buy", "rent": "rent"}.get(machine.offer_type, machine.offer_type),
        "status": "sold" if offer.price_status == "sold" else "available",
        "isNew": machine.condition == "new",
        "site": {"city": machine.city, "province": machine.region, "country": machine.country},
        "specs": {"weightKg": machine.operating_weight_kg, "powerHp": machine.net_power_hp},
        "photos": [f"/img/{offer.id}-{n}.svg" for n in (1, 2)],
    }
    if machine.capacity:
        key = {"lb": "capacityLb", "ft": "platformHeightFt", "kW": "outputKw", "t": "liftT", "cfm": "cfm"}.get(
            machine.capacity_unit, "capacity"
        )
        data["specs"][key] = machine.capacity
    if full:
        data["text"] = f"Includes {', '.join(machine.features)}. Ask us about delivery across Canada."
        data["options"] = list(machine.features)
    return data

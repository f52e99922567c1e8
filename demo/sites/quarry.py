"""Quarry Iron: an equipment dealer that only publishes feeds (CSV, XML, JSON Lines), with plain pages behind them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from demo.offers import MachineOffer, Offer, machine_offers, machine_truth
from demo.pages.html import Page, e, redirect, text_page
from demo.site import Site
from demo.stock.load import CATEGORY_NAMES

ELEMENTS = {"Stock No": "StockNo", "Yr": "Year"}


class Quarry(Site):
    name: ClassVar[str] = "quarry"
    title: ClassVar[str] = "Quarry Iron"
    weight: ClassVar[tuple[int, int]] = (6, 6)

    def restock(self) -> None:
        self.offers = dict[str, Offer](machine_offers(self.machines, self.seed, "Q{}", 4400))

    def _machines(self) -> list[MachineOffer]:
        return [offer for offer in self.offers.values() if isinstance(offer, MachineOffer) and not offer.removed]

    def page(self, path: str, query: Mapping[str, str], base: str) -> Page | None:
        parts = path.strip("/").split("/")
        if path == "/":
            return self._wrap(HOME, "Mining and quarry equipment")
        if path == "/stock.csv":
            return redirect("/feed/stock.csv", 302)
        if path == "/feed/stock.csv":
            return text_page(self._csv(base), "text/csv; charset=utf-8", self.changed)
        if path == "/feed/stock.xml":
            return text_page(self._xml(base), "application/xml; charset=utf-8", self.changed)
        if path == "/feed/stock.jsonl":
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self._rows(base))
            return text_page(lines, "application/x-ndjson", self.changed)
        if parts[0] == "stock" and len(parts) == 2:
            offer = self.offers.get(parts[1])
            if isinstance(offer, MachineOffer) and not offer.removed:
                body = (
                    f"<h1>{e(headline(offer))}</h1><p>Stock No {offer.id}. Call +1 775 555 0170 for photos and an "
                    "inspection report.</p>"
                )
                page = self._wrap(body, headline(offer))
                page.modified = offer.modified
                return page
        return None

    def _wrap(self, body: str, title: str) -> Page:
        start = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{e(title)} | {self.title}</title>'
            f"{FEED_LINK}"
        )
        return Page(
            (start.encode(), self.ballast.head, f"</head><body>{body}{FOOT}</body></html>".encode()),
            modified=self.changed,
        )

    def _rows(self, base: str) -> list[dict[str, str]]:
        return [row(offer, base) for offer in self.listed(self._machines())]

    def _csv(self, base: str) -> str:
        out = io.StringIO()
        writer = csv.DictWriter(out, fieldnames=COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(self._rows(base))
        return out.getvalue()

    def _xml(self, base: str) -> str:
        machines = []
        for each in self._rows(base):
            fields = "".join(
                f"<{ELEMENTS.get(name, name)}>{escape(value)}</{ELEMENTS.get(name, name)}>"
                for name, value in each.items()
                if name != "Photos"
            )
            photos = "".join(f"<Photo>{escape(url)}</Photo>" for url in each["Photos"].split("|"))
            machines.append(f"  <Machine>{fields}<Photos>{photos}</Photos></Machine>")
        return '<?xml version="1.0" encoding="UTF-8"?>\n<Stock>\n' + "\n".join(machines) + "\n</Stock>\n"

    def truth(self, base: str) -> list[dict[str, Any]]:
        return [
            machine_truth(
                offer,
                f"{base}/stock/{offer.id}",
                headline(offer),
                operating_weight_kg=None,
                regular_price=None,
            )
            for offer in self._machines()
        ]

    def paths(self) -> Iterator[str]:
        yield from ("/", "/feed/stock.csv", "/feed/stock.xml", "/feed/stock.jsonl")
        yield from (f"/stock/{offer.id}" for offer in self._machines())


COLUMNS = (
    "Stock No",
    "Headline",
    "Make",
    "Model",
    "Yr",
    "Meter",
    "Price",
    "Category",
    "Condition",
    "Location",
    "Serial",
    "Status",
    "Comments",
    "URL",
    "Photos",
)
FEED_LINK = '<link rel="alternate" type="text/csv" title="Stock" href="/feed/stock.csv">'
HOME = (
    "<h1>Quarry Iron</h1><p>Excavators, dozers, haul trucks and more in Nevada, California and Arizona.</p><h2>"
    "Our stock</h2><ul>"
    '<li><a href="/feed/stock.csv">Stock list (CSV)</a></li><li><a href="/feed/stock.xml">Stock list (XML)</a></li>'
    '<li><a href="/feed/stock.jsonl">Stock list (JSON Lines)</a></li></ul><p>'
    "Updated every hour. Rentals from $1,200/week.</p>"
)
FOOT = (
    '<footer><a href="/">Home</a> <a href="https://www.example.com/loans">Loans from $399/mo</a>'
    " © Quarry Iron LLC</footer>"
)


def headline(offer: MachineOffer) -> str:
    """Upper case, as yards write, and Caterpillar as CAT in two of three."""
    machine = offer.machine
    make = "CAT" if machine.make == "Caterpillar" and offer.style < 0.66 else machine.make
    return f"{machine.year} {make} {machine.model}".upper()


def row(offer: MachineOffer, base: str) -> dict[str, str]:
    """One line of the feed, in the dealer's own columns."""
    machine = offer.machine
    price = "SOLD" if offer.price_status == "sold" else "Call" if offer.price is None else f"${offer.price:,.0f}"
    if offer.price_status == "priced" and offer.style > 0.9 and offer.price is not None:
        price = f"{offer.price:.2f}"
    meter = "" if machine.hours is None else f"{machine.hours:,} hrs" if offer.style < 0.5 else str(machine.hours)
    return {
        "Stock No": offer.id,
        "Headline": headline(offer),
        "Make": "CAT" if machine.make == "Caterpillar" and offer.style < 0.3 else machine.make,
        "Model": machine.model,
        "Yr": str(machine.year),
        "Meter": meter,
        "Price": price,
        "Category": CATEGORY_NAMES[machine.category].plural_en,
        "Condition": machine.condition.title(),
        "Location": f"{machine.city}, {machine.region}",
        "Serial": machine.serial_number or ("N/A" if offer.style < 0.4 else ""),
        "Status": "Sold" if offer.price_status == "sold" else "Available",
        "Comments": f'{", ".join(machine.features).capitalize()}; "as is, where is"',
        "URL": f"{base}/stock/{offer.id}",
        "Photos": "|".join(f"{base}/img/{offer.id}-{n}.svg" for n in (1, 2)),
    }

"""machines.csv: about 800 offers of four dealers, drawn from the table of real models.

Price level: a dealer asks the new price, less 22 % for being used, less 8.5 % a year, less 4 % per 1,000 hours, with
± 12 % between machines; checked against the medians of public auction results (a dealer asks 15–30 % above them).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from demo.stock.serials import serial_number

THIS_YEAR: Final = 2025

DEALERS: Final[dict[str, dict[str, Any]]] = {
    "ridgeline": {
        "offers": 290,
        "currency": "USD",
        "rate": 1.0,
        "places": [("Tulsa", "OK", "US"), ("Amarillo", "TX", "US"), ("Boise", "ID", "US"), ("Knoxville", "TN", "US")],
        "without": {"site-dumpers", "plate-compactors", "all-terrain-cranes", "wheeled-excavators"},
    },
    "hofmann": {
        "offers": 160,
        "currency": "EUR",
        "rate": 0.92,
        "places": [
            ("Kassel", "Hessen", "DE"),
            ("Ulm", "Baden-Württemberg", "DE"),
            ("Bremen", "Bremen", "DE"),
            ("Linz", "Oberösterreich", "AT"),
        ],
        "only": {
            "excavators", "mini-excavators", "wheeled-excavators", "wheel-loaders", "dozers", "telehandlers",
            "tandem-rollers", "vibratory-rollers", "rollers", "site-dumpers", "plate-compactors", "forklifts",
            "generators", "attachments", "all-terrain-cranes", "asphalt-pavers", "crawler-loaders",
        },
        "without_makes": {"John Deere", "Link-Belt", "SkyTrak", "Generac", "Taylor", "Case", "Kobelco"},
    },
    "skyline": {
        "offers": 150,
        "currency": "CAD",
        "rate": 1.36,
        "places": [
            ("Calgary", "AB", "CA"),
            ("Edmonton", "AB", "CA"),
            ("Mississauga", "ON", "CA"),
            ("Laval", "QC", "CA"),
        ],
        "only": {
            "boom-lifts", "scissor-lifts", "telehandlers", "forklifts", "generators", "light-towers", "air-compressors",
            "skid-steer-loaders", "compact-track-loaders", "mini-excavators", "rough-terrain-cranes", "trenchers",
            "excavators", "wheel-loaders",
        },
    },
    "quarry": {
        "offers": 200,
        "currency": "USD",
        "rate": 1.0,
        "places": [("Reno", "NV", "US"), ("Elko", "NV", "US"), ("Bakersfield", "CA", "US"), ("Tucson", "AZ", "US")],
        "only": {
            "excavators", "dozers", "wheel-loaders", "articulated-trucks", "rigid-trucks", "motor-graders", "scrapers",
            "vibratory-rollers", "tandem-rollers", "crawler-loaders", "backhoe-loaders", "crawler-cranes",
            "rough-terrain-cranes", "attachments", "asphalt-pavers", "skip-loaders", "compact-track-loaders",
        },
    },
}  # fmt: skip
PAIRS: Final = (
    ("ridgeline", "quarry", 22),
    ("ridgeline", "skyline", 12),
    ("quarry", "skyline", 4),
    ("hofmann", "quarry", 4),
)
HOURS_A_YEAR: Final = {
    "scissor-lifts": 120, "boom-lifts": 350, "mini-excavators": 380, "attachments": 0, "plate-compactors": 120,
    "articulated-trucks": 1150, "wheel-loaders": 950, "rigid-trucks": 1700, "generators": 700, "dozers": 750,
    "excavators": 800, "tandem-rollers": 300, "all-terrain-cranes": 900, "light-towers": 500,
}  # fmt: skip
# Categories that stand in every yard more often than their share of models.
COMMON: Final = {
    "excavators": 1.3,
    "mini-excavators": 1.5,
    "compact-track-loaders": 1.5,
    "attachments": 0.8,
    "scissor-lifts": 1.3,
}
FEATURES: Final = (
    "enclosed cab", "air conditioning", "quick coupler", "auxiliary hydraulics", "rear view camera", "one owner",
    "heated seat", "new tires", "undercarriage 70%", "GPS ready", "ride control", "auto lube", "full service history",
    "ROPS/FOPS", "work lights", "third valve", "CE certified", "joystick steering",
)  # fmt: skip


def asking_price(new_price: float, age: int, hours: int, condition: str) -> float:
    """What a dealer asks, in the new price's currency, before the haggling of `± 12 %`."""
    if condition == "new":
        return new_price
    return max(new_price * 0.78 * math.exp(-0.085 * age) * math.exp(-0.00004 * hours), new_price * 0.09)


def rounded(price: float) -> int:
    """As dealers write it: full hundreds or five hundreds, nines at the end for cheap things."""
    if price < 10_000:
        return max(round(price / 50) * 50, 150)
    return round(price / 500) * 500 if price < 150_000 else round(price / 2500) * 2500


def _models(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _fits(model: dict[str, str], dealer: dict[str, Any]) -> bool:
    return (
        model["category"] in dealer.get("only", {model["category"]})
        and model["category"] not in dealer.get("without", ())
        and model["make"] not in dealer.get("without_makes", ())
    )


def _machine(model: dict[str, str], rng: Random) -> dict[str, Any]:
    """The thing itself: what stays the same whoever offers it."""
    year = rng.randint(int(model["first_year"]), int(model["last_year"]))
    year = max(year, min(int(model["last_year"]), rng.choice((2008, 2011, 2013, 2015))))
    age = max(THIS_YEAR - year, 0)
    condition = "new" if year >= 2023 and rng.random() < 0.5 else "used"
    per_year = HOURS_A_YEAR.get(model["category"], 600)
    hours: int | None = int(per_year * max(age, 0.5) * rng.uniform(0.45, 1.25)) + rng.randint(3, 90)
    if condition == "new":
        hours = rng.choice((0, 2, 4, 7, 11))
    return {
        "make": model["make"],
        "model": model["model"],
        "category": model["category"],
        "year": year,
        "hours": hours if per_year else None,  # attachments have no meter
        "condition": condition,
        "operating_weight_kg": model["operating_weight_kg"],
        "net_power_hp": model["net_power_hp"],
        "capacity": model["capacity"],
        "capacity_unit": model["capacity_unit"],
        "serial_number": serial_number(model["make"], model["model"], year, rng),
        "new_price": float(model["new_price_usd"]),
    }


def _offer(unit: str, machine: dict[str, Any], name: str, rng: Random, *, for_sale: bool = False) -> dict[str, Any]:
    """One dealer's offer of a machine: price, place, and how it is offered (`for_sale`: priced and for sale only)."""
    dealer = DEALERS[name]
    hours = machine["hours"] or 0
    value = asking_price(machine["new_price"], THIS_YEAR - machine["year"], hours, machine["condition"])
    price: int | None = rounded(value * dealer["rate"] * rng.uniform(0.88, 1.12))
    assert price is not None
    status, offer_type, period, regular = "priced", "sale", "once", ""
    dice = 1.0 if for_sale else rng.random()
    if dice < 0.07:
        status, price = "on_request", None
    elif dice < 0.09:
        status = "sold"
    elif dice < 0.16:
        regular = str(rounded(price * rng.uniform(1.05, 1.15)))
    elif name in ("hofmann", "skyline") and dice < 0.26 and machine["condition"] == "used":
        offer_type, period = "rent", rng.choice(("day", "day", "week", "month"))
        share = {"day": 0.0035, "week": 0.012, "month": 0.035}[period]
        price = max(round(machine["new_price"] * dealer["rate"] * share / 5) * 5, 25)
    elif name == "hofmann" and dice < 0.31:
        offer_type, price = "auction", rounded(price * 0.45)
    city, region, country = rng.choice(dealer["places"])
    features = rng.sample(FEATURES, rng.randint(2, 5))
    return {
        "unit": unit,
        "dealer": name,
        **{key: value for key, value in machine.items() if key != "new_price"},
        "price": "" if price is None else price,
        "regular_price": regular,
        "currency": dealer["currency"],
        "price_status": status,
        "offer_type": offer_type,
        "price_period": period,
        "city": city,
        "region": region,
        "country": country,
        "features": "; ".join(features),
    }


def machine_rows(models_csv: Path) -> Iterator[dict[str, Any]]:
    """All rows of machines.csv; rows of one `unit` are the same machine at two dealers."""
    rng = Random("machines 1")
    models = _models(models_csv)
    number = 0
    open_offers = {name: dealer["offers"] for name, dealer in DEALERS.items()}

    def draw(*names: str) -> dict[str, Any]:
        fitting = [model for model in models if all(_fits(model, DEALERS[name]) for name in names)]
        if len(names) > 1:  # a bucket without a serial number cannot be known again
            fitting = [model for model in fitting if model["category"] != "attachments"]
        weights = [COMMON.get(model["category"], 1.0) for model in fitting]
        return _machine(rng.choices(fitting, weights)[0], rng)

    for first, second, count in PAIRS:
        for index in range(count):
            number += 1
            machine = draw(first, second)
            # Of five pairs one lacks the serial number at the second dealer and one at both.
            if index % 5 == 3:
                machine["serial_number"] = ""
            yield _offer(f"m{number:04}", machine, first, rng, for_sale=True)
            # The second dealer read the meter a little later.
            again = dict(machine)
            if machine["hours"] and machine["condition"] == "used":
                again["hours"] = machine["hours"] + rng.randint(0, max(2, min(45, machine["hours"] // 40)))
            if index % 5 == 1:
                again["serial_number"] = ""
            yield _offer(f"m{number:04}", again, second, rng, for_sale=True)
            open_offers[first] -= 1
            open_offers[second] -= 1
    for name, count in open_offers.items():
        for _ in range(count):
            number += 1
            machine = draw(name)
            if rng.random() < 0.18 or machine["category"] in ("attachments", "plate-compactors"):
                machine["serial_number"] = "" if rng.random() < 0.8 else machine["serial_number"]
            yield _offer(f"m{number:04}", machine, name, rng)

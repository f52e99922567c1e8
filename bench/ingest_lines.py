"""Listings made up for `scrapy ingest`, as JSON Lines on standard output: `python -m bench.ingest_lines 1000000`.

Machines of our own tables of models (inventory/taxonomy/data/machines, demo/stock/models.csv) with years, hours,
prices and places as the demo draws them. Few models are many of all machines, as in dealers' stock: of a million the
first is 12,000, the hundredth 1,500, the thousandth 150, so blocks of twins grow as they do in life. A share of the
machines is offered again by other dealers, in other words. Seeded: the same numbers give the same lines. What is the
same machine stands in `unit`, which `--truth` adds.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

from demo.stock.build_machines import DEALERS, FEATURES, HOURS_A_YEAR, THIS_YEAR, asking_price, rounded
from demo.stock.serials import serial_number

ROOT: Final = Path(__file__).parents[1]
MODELS: Final = ROOT / "demo" / "stock" / "models.csv"
PUBLISHED: Final = ROOT / "inventory" / "taxonomy" / "data" / "machines"

HELD: Final = 20_000
"""Machines that may still be offered again: a second offer comes at most so many machines later."""

DEALER_COUNT: Final = 200
WITH_SERIAL: Final = 0.4
OTHER_NAMES: Final = {"Caterpillar": "CAT", "John Deere": "Deere", "Volvo": "Volvo CE"}
RANK_OFFSET: Final = 15
RANK_POWER: Final = 1.1
"""A model's share falls with its rank as 1 / (rank + offset) ** power (Zipf and Mandelbrot): so do auctions' lots."""
USUAL_AGE: Final = 7
"""Most machines on offer are about so many years old."""
HOUSE_TEXT: Final = (
    "All our machines are checked in our own workshop before they leave the yard. Inspection by appointment, "
    "transport worldwide, financing and part exchange possible. Errors and prior sale excepted. Call {name} for more "
    "photographs, the inspection report and a price with delivery to your site."
)
WITHOUT_METER: Final = frozenset({"attachments"})


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is sold: what it cost new is known or like its category's."""

    make: str
    name: str
    category: str
    new_price_usd: float
    first_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, whoever offers it."""

    unit: int
    model: Model
    year: int
    hours: int | None
    serial_number: str | None
    dealer: int
    price_usd: float


@cache
def models() -> tuple[Model, ...]:
    """Every model of the demo's table, and the published ones at a price of their category's, the popular first."""
    with MODELS.open(encoding="utf-8") as file:
        known = [
            Model(
                row["make"], row["model"], row["category"], float(row["new_price_usd"]),
                int(row["first_year"]), int(row["last_year"]),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    prices: dict[str, list[float]] = {}
    for model in known:
        prices.setdefault(model.category, []).append(model.new_price_usd)
    found = {(model.make, model.name): model for model in known}
    for path in sorted(PUBLISHED.glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                levels = prices.get(row["category"], [120_000.0])
                price = levels[len(found) % len(levels)]
                model = Model(row["make"], row["model"], row["category"], price, 2004, THIS_YEAR - 1)
                if model.make:
                    found.setdefault((model.make, model.name), model)
    popular, others = known, list(found.values())[len(known) :]
    mixed = Random(0)
    mixed.shuffle(popular)
    mixed.shuffle(others)
    return (*popular, *others)


@cache
def _shares() -> tuple[float, ...]:
    """How often each model or one before it is drawn."""
    return tuple(accumulate((rank + RANK_OFFSET) ** -RANK_POWER for rank in range(1, len(models()) + 1)))


def lines(count: int, seed: int, again: float) -> Iterator[dict[str, Any]]:
    """`count` listings; a share of `again` are second offers by another dealer. `unit` says of which machine."""
    rng = Random(seed)
    recent: deque[Machine] = deque(maxlen=HELD)
    for number in range(count):
        if recent and rng.random() < again:
            machine = recent[rng.randrange(len(recent))]
            yield _offer(number, machine, (machine.dealer + rng.randint(1, DEALER_COUNT - 1)) % DEALER_COUNT, rng)
        else:
            machine = _machine(number, rng)
            recent.append(machine)
            yield _offer(number, machine, machine.dealer, rng)


def _machine(number: int, rng: Random) -> Machine:
    [model] = rng.choices(models(), cum_weights=_shares())
    last = max(model.first_year, min(model.last_year, THIS_YEAR))
    year = min(last, int(rng.triangular(model.first_year, last + 1, max(model.first_year, last - USUAL_AGE))))
    age = max(THIS_YEAR - year, 0)
    per_year = HOURS_A_YEAR.get(model.category, 600)
    hours = int(per_year * max(age, 0.5) * rng.uniform(0.45, 1.25)) + rng.randint(3, 90)
    serial = serial_number(model.make, model.name, year, rng) if rng.random() < WITH_SERIAL else None
    price = asking_price(model.new_price_usd, age, hours, "used")
    dealer = rng.randrange(DEALER_COUNT)
    return Machine(number, model, year, None if model.category in WITHOUT_METER else hours, serial, dealer, price)


def _offer(number: int, machine: Machine, dealer: int, rng: Random) -> dict[str, Any]:
    """One dealer's words for a machine. The second dealer read the meter later and writes otherwise."""
    house = list(DEALERS.values())[dealer % len(DEALERS)]
    name, first = f"dealer-{dealer:03}", machine.dealer == dealer
    make = machine.model.make if first else OTHER_NAMES.get(machine.model.make, machine.model.make)
    hours = None if machine.hours is None else machine.hours + (0 if first else rng.randint(0, 40))
    price = rounded(machine.price_usd * house["rate"] * rng.uniform(0.88, 1.12))
    city, region, country = house["places"][number % len(house["places"])]
    title = f"{machine.year} {make} {machine.model.name}"
    record: dict[str, Any] = {
        "dealer": name,
        "vertical": "equipment",
        "external_id": str(number),
        "url": f"https://{name}.example/machines/{number}",
        "title": title if first else f"Used {title} - {hours or 0:,} hrs",
        "price": None if rng.random() < 0.07 else f"{price}" if first else f"{house['currency']} {price:,}",
        "currency": house["currency"],
        "location": f"{city}, {region}, {country}",
        "description": ". ".join([*rng.sample(FEATURES, rng.randint(4, 9)), HOUSE_TEXT.format(name=name)]),
        "images": [f"https://{name}.example/images/{number}-{place}.jpg" for place in range(1, rng.randint(3, 12))],
        "serial_number": machine.serial_number,
    }
    if first:
        record |= {"make": make, "model": machine.model.name, "year": machine.year, "hours": hours}
    return {key: value for key, value in record.items() if value is not None} | {"unit": machine.unit}


def main() -> int:
    """Writes the lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest_lines", description=__doc__)
    parser.add_argument("count", type=int, help="how many listings")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=float, default=0.2, help="share that another dealer offered before")
    parser.add_argument("--truth", action="store_true", help="add `unit`, the machine that a listing offers")
    opts = parser.parse_args()
    for record in lines(opts.count, opts.seed, opts.again):
        if not opts.truth:
            del record["unit"]
        try:
            sys.stdout.buffer.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        except BrokenPipeError:
            sys.stderr.close()
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.foreign_shops.compare WORK/truth.jsonl DEALER`: what a crawl found of what the shop sells."""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from bench.foreign_shops.goods import Good, read_truth
from inventory.engine import writer_engine
from inventory.settings import load_settings
from inventory.tables import dealers, listing_details, listings

NOT_WANTED: Final = "not-dog"
"""What a dog crawl sets apart: food for cats, and the like."""
IN_STOCK: Final = frozenset({"InStock", "LimitedAvailability", "OnlineOnly", "InStoreOnly"})
EXAMPLES: Final = 5

Row = Mapping[str, Any]


def main() -> int:
    """Exit status 1 when nothing was found. The database is DATABASE_URL's."""
    parser = argparse.ArgumentParser(prog="python -m bench.foreign_shops.compare", description=__doc__)
    parser.add_argument("truth", type=Path)
    parser.add_argument("dealer")
    arguments = parser.parse_args()
    truth = [good for good in read_truth(arguments.truth) if good.category != NOT_WANTED]
    engine = writer_engine(load_settings())
    try:
        found = _listings(engine, arguments.dealer)
    except SQLAlchemyError as error:
        sys.stderr.write(f"{engine.url!r} cannot be read: {getattr(error, 'orig', error)}\n")
        return 1
    finally:
        engine.dispose()
    pairs, missed, extra = pair(truth, found)
    _print_fields(pairs)
    print(f"goods {len(truth)}, found {len(pairs)}, missed {len(missed)}; listings that are no such good {len(extra)}")
    for what, urls in (("missed", [good.url for good in missed]), ("extra", [str(row["url"]) for row in extra])):
        for url in urls[:EXAMPLES]:
            print(f"  {what}: {url}")
    return 0 if pairs else 1


def _listings(engine: Engine, dealer: str) -> list[Row]:
    query = (
        select(listings, listing_details.c.provenance, listing_details.c.images)
        .join(dealers, dealers.c.id == listings.c.dealer_id)
        .join(listing_details, listing_details.c.listing_id == listings.c.id, isouter=True)
        .where(dealers.c.name == dealer, listings.c.status == "active")
    )
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row for row in rows if row["category"] != NOT_WANTED]


def pair(truth: Iterable[Good], found: Iterable[Row]) -> tuple[list[tuple[Good, Row]], list[Good], list[Row]]:
    """(goods with their listing, goods without, listings without a good); by address, else by SKU or name."""
    left = {row["id"]: row for row in found}
    waiting = list(truth)
    pairs: list[tuple[Good, Row]] = []
    ways = (
        (lambda good: _path(good.url), lambda row: _path(row["url"] or "")),
        (lambda good: good.sku, lambda row: row["sku"]),
        (lambda good: good.name, lambda row: row["title"]),
    )
    for of_good, of_row in ways:
        by_key: dict[Any, list[Row]] = defaultdict(list)
        for row in left.values():
            by_key[of_row(row)].append(row)
        for good in list(waiting):
            rows = by_key.get(of_good(good))
            if rows:
                row = rows.pop(0)
                pairs.append((good, row))
                waiting.remove(good)
                del left[row["id"]]
    return pairs, waiting, list(left.values())


def expected(good: Good) -> dict[str, Any]:
    """Field → what the listing of this good should say; None where the shop does not say it."""
    facts = good.facts
    hours = facts.get("Hours")
    return {
        "title": good.name,
        "price": good.price,
        "currency": good.currency,
        "availability": good.in_stock,
        "sku": good.sku or None,
        "gtin": good.gtin,
        "brand": good.brand,
        "category": good.category,
        "model": facts.get("Model"),
        "year": int(facts["Year"]) if "Year" in facts else None,
        "hours": int(hours.replace(",", "")) if hours else None,
        "serial_number": facts.get("Serial Number"),
    }


def said(row: Row) -> dict[str, Any]:
    """The same fields of a listing."""
    availability = row["availability"]
    return {
        **{name: row[name] for name in ("title", "price", "currency", "sku", "category")},
        **{name: row[name] for name in ("model", "year", "hours", "serial_number")},
        "gtin": _digits(row["gtin"]),
        "brand": row["brand"] or row["make"],
        "availability": None if availability is None else availability in IN_STOCK,
    }


def _print_fields(pairs: list[tuple[Good, Row]]) -> None:
    table = Table(box=None)
    for column in ("field", "right", "wrong", "missing", "not in the shop", "such as"):
        table.add_column(column, justify="left" if column in ("field", "such as") else "right")
    for name in expected(pairs[0][0]) if pairs else ():
        counts = {"right": 0, "wrong": 0, "missing": 0, "unsaid": 0}
        example = ""
        for good, row in pairs:
            wanted, got = expected(good)[name], said(row)[name]
            verdict = _verdict(wanted, got)
            counts[verdict] += 1
            if verdict in ("wrong", "missing") and not example:
                source = (row["provenance"] or {}).get(name, "")
                example = f"{wanted!s} read as {got!s} ({source}) {_path(row['url'] or '')}"
        if counts["unsaid"] < len(pairs):
            table.add_row(name, *(str(count) for count in counts.values()), example)
    Console(width=200).print(table)


def _verdict(wanted: Any, got: Any) -> str:
    if wanted is None:
        return "unsaid" if got is None else "wrong"
    if got is None:
        return "missing"
    return "right" if _plain(wanted) == _plain(got) else "wrong"


def _plain(value: Any) -> Any:
    return re.sub(r"[\s\-–]+", " ", value).strip().casefold() if isinstance(value, str) else value


def _digits(gtin: str | None) -> str | None:
    """A GTIN-14 is the same number with zeros before it."""
    return gtin.lstrip("0").rjust(13, "0") if gtin else None


def _path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url).rstrip("/")


if __name__ == "__main__":
    sys.exit(main())

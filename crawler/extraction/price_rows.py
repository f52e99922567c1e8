"""Whether tax is in the price, by rows that give it without and with: "Price (excl. tax)", "Price (incl. tax)"."""

from __future__ import annotations

from crawler.extraction.reading import Reading
from pipelines.parsing.money import parse_money


def read_tax_rows(found: Reading) -> None:
    """Fill price_tax from the row whose amount is the price; where both are, nothing is added to it: gross."""
    amount = parse_money(found.raw.get("price")).amount
    if amount is None or "price_tax" in found.raw:
        return
    said: dict[str, str] = {}
    for name, value in found.specs:
        tax = parse_money(name).price_tax
        if tax != "unknown" and parse_money(value).amount == amount:
            said.setdefault(tax, name)
    for tax in ("gross", "net"):
        if tax in said:
            found.put("price_tax", tax, f"row “{said[tax]}”")
            return

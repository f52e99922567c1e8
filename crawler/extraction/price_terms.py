"""What belongs to the price: status, period, tax, regular price, and the currency that the page names elsewhere."""

from __future__ import annotations

from crawler.extraction.reading import Reading
from crawler.extraction.visible import Visible
from pipelines.parsing.currencies import currency_code
from pipelines.parsing.money import parse_money


def settle_price(visible: Visible, found: Reading, currency: str | None) -> None:
    """Fill the fields around the price from its own text; ask for the price's status where no price was found."""
    if "price" in found.raw:
        hint = currency_code(str(found.raw.get("currency") or "")) or currency
        money = parse_money(found.raw["price"], currency=hint)
        where = found.provenance["price"]
        found.put("currency", money.currency, where)
        found.put("price_status", money.price_status, where)
        found.put("offer_type", money.offer_type, where)
        if money.price_period not in (None, "once"):
            found.put("price_period", money.price_period, where)
        if money.price_tax != "unknown":
            found.put("price_tax", money.price_tax, where)
        return
    for node in list(visible.after_heading())[:300]:
        if len(node.text) <= 60 and not visible.is_aside(node.element):
            money = parse_money(node.text)
            if money.price_status in ("on_request", "sold") and money.amount is None:
                found.put("price_status", money.price_status, f"text “{node.text}”")
                return

"""The price among what the sources claim, and what belongs to it: status, period, tax, currency, regular price."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import islice
from typing import Final

from crawler.extraction.main_price import ENOUGH
from crawler.extraction.price_candidate import Candidate, stands_badly
from crawler.extraction.price_rows import read_tax_rows
from crawler.extraction.reading import Reading
from crawler.extraction.regular_price import read_regular_price
from crawler.extraction.texts import Node
from crawler.extraction.visible import Visible
from pipelines.parsing.currencies import currency_code, minor_units
from pipelines.parsing.money import parse_money, status_without_amount

_NEAR: Final = 300
_THREE_PLACES: Final = re.compile(r"^\s*\d{1,3}\.\d{3}\s*$")


def add_price(
    found: Reading,
    claims: list[Reading],
    price: Candidate | None,
    candidates: list[Candidate],
    labelled: tuple[str, str] | None,
) -> Node | None:
    """Settle the price: where the data's sources differ, the one that is seen best on the page; without data the
    page's main price, then a labelled one. Returns where on the page the price stands."""
    amounts = {amount for claim in claims if (amount := _amount(claim)) is not None}
    if len(amounts) > 1:
        best = max((c for c in candidates if c.money.amount in amounts), key=lambda c: c.score, default=None)
        claim = next((c for c in claims if best and _amount(c) == best.money.amount), None)
        if claim is not None and best is not None and best.score > 0:
            found.drop("price")
            found.put("price", claim.raw["price"], f"{claim.provenance['price']}, as seen on the page")
    if "price" not in found.raw and price is not None:
        found.put("price", price.text, f"main price ({price.why})")
    if "price" not in found.raw and labelled is not None and not stands_badly(labelled[0], candidates):
        found.put("price", *labelled)
    _make_plain(found, candidates)
    if "price" not in found.raw:
        return None
    if price is not None and price.text == found.raw["price"]:
        return price.node
    amount = parse_money(found.raw["price"]).amount
    same = max((c for c in candidates if c.money.amount == amount), key=lambda c: c.score, default=None)
    return same.node if same is not None else None


def is_doubtful(claims: list[Reading]) -> bool:
    """Whether the page itself must be looked at to know what its data means: several amounts, or "1.299"."""
    amounts = {amount for claim in claims if (amount := _amount(claim)) is not None}
    return len(amounts) > 1 or any(_THREE_PLACES.match(str(claim.raw["price"])) for claim in claims)


def settle_price(visible: Visible, found: Reading, currency: str | None, node: Node | None) -> None:
    """Fill the fields around the price from its text and the texts beside it; without a price ask for its status.

    `node`: where the price stands on the page, if it was looked for.
    """
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
        read_tax_rows(found)
        if node is not None:
            _read_beside(visible, found, node)
        read_regular_price(visible, found, node)
        return
    if said := status_behind_heading(visible):
        found.put("price_status", *said)


def status_behind_heading(visible: Visible) -> tuple[str, str] | None:
    """What a short text of the page's own thing says instead of a price ("Call for price", "Sold"), and where."""
    for node in islice(visible.after_heading(), _NEAR):
        if node.index >= visible.main_end:
            return None
        if len(node.text) <= 60 and not visible.is_aside(node.element):
            status = status_without_amount(node.text)
            if status is not None:
                return status, f"text “{node.text}”"
    return None


def _read_beside(visible: Visible, found: Reading, node: Node) -> None:
    """Tax and kind of offer in the texts right before and behind the price."""
    beside = [n for n in visible.nodes[max(0, node.index - 2) : node.index + 4] if n is not node and len(n.text) <= 60]
    for other in beside:
        if visible.is_aside(other.element):
            continue
        money = parse_money(other.text)
        where = f"text “{other.text}” beside the price"
        if money.price_tax != "unknown" and abs(other.index - node.index) <= 2:
            found.put("price_tax", money.price_tax, where)
        if money.offer_type == "auction" and other.index < node.index and money.amount is None:
            found.put("offer_type", "auction", where)


def _amount(claim: Reading) -> Decimal | None:
    return parse_money(claim.raw["price"]).amount


def _make_plain(found: Reading, candidates: list[Candidate]) -> None:
    """Data that says "1.299" means 1299, or 1.30: schema.org's decimal sign is the point, yet many shops group with it.

    Currencies of three decimals and pages that show the rounded amount settle for the point.
    """
    text = found.raw.get("price")
    if not isinstance(text, str) or not _THREE_PLACES.match(text) or "json-ld" not in found.provenance["price"]:
        return
    exact = Decimal(text.strip())
    code = currency_code(str(found.raw.get("currency") or ""))
    shown = {c.money.amount for c in candidates if c.score >= ENOUGH - 2}
    if minor_units().get(code or "") == 3 or round(exact, 2) in shown:
        found.raw["price"] = format(round(exact, 3), "f").rstrip("0")

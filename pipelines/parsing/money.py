"""What a price text says: the amount, its currency, and whether it is a sale price at all.

"$450/day", "€ 1.200 / Woche", "Preis auf Anfrage", "Was $100 Now $80", "12.000 € zzgl. MwSt", "SOLD".
Was-prices, deposits, savings, shipping and instalments are never the amount.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Final, Literal

from pipelines.parsing.currencies import currency_expression, is_certain, may_name, minor_units, resolve_currency
from pipelines.parsing.lexicon import fold, patterns, rows
from pipelines.parsing.numbers import Number, ascii_digits, find_numbers

PriceStatus = Literal["priced", "on_request", "sold"]
OfferType = Literal["sale", "rent", "auction"]
PricePeriod = Literal["once", "hour", "day", "week", "month"]
PriceTax = Literal["net", "gross", "unknown"]

_WINDOW: Final = 40
_MAX_CHARS: Final = 1000
_KNOWN: Final = 60
"""Characters up to which a text is remembered: a page's readers ask for the same ones, a site's pages share them."""
_MAX_PROSE: Final = 30
"""Letters beside a number without currency: with more of them the text is prose, not a price."""
_MAX_AMOUNT: Final = Decimal(10) ** 13
_SUPERSCRIPT: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISED_CENTS: Final = re.compile(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹]{2}(?![⁰¹²³⁴⁵⁶⁷⁸⁹])")
_PERCENT: Final = re.compile(r"\(?(?<![\d.,])\d{1,3}(?:[.,]\d{1,2})? ?%\)?")
_COUNTRY_BEFORE: Final = re.compile(r"(?<![^\W\d_])([a-z]{1,3}) ?$")
_COUNTRY_BEHIND: Final = re.compile(r" ?([a-z]{2,3})(?![^\W\d_])")
_SURELY_MONEY: Final = 1000
"""From here on a whole number with "Ft" behind it is a price in forints, and no length in feet."""
_RANGE: Final = re.compile(r" ?(?:-|–|—|to|bis|à|a) ?")
_PERIODS: Final[tuple[PricePeriod, ...]] = ("hour", "day", "week", "month")


@dataclass(frozen=True, slots=True)
class Money:
    """A price text, read. `amount` is `None` where no price is said; 0 is zero."""

    amount: Decimal | None = None
    currency: str | None = None
    price_status: PriceStatus | None = None
    offer_type: OfferType | None = None
    price_period: PricePeriod | None = None
    price_tax: PriceTax = "unknown"
    is_from: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount inside a text: offsets include its currency sign; `token` is that sign, "" without one."""

    value: Decimal
    token: str
    start: int
    end: int


def parse_money(
    text: str | int | float | Decimal | None, *, currency: str | None = None, decimal: str | None = None
) -> Money:
    """Read a price text. `currency` (ISO 4217) decides only what the text leaves open; `decimal` is its decimal sign.

    Numbers are taken as they are. Nothing raises; what cannot be read is `Money()`.
    """
    if text is None or isinstance(text, bool):
        return Money()
    if not isinstance(text, str):
        return _plain(text, currency)
    return _known(text, currency, decimal) if len(text) <= _KNOWN else _read(text, currency, decimal)


@lru_cache(maxsize=8192)
def _known(text: str, currency: str | None, decimal: str | None) -> Money:
    return _read(text, currency, decimal)


def _read(text: str, currency: str | None, decimal: str | None) -> Money:
    folded = _prepare(text)
    amounts = find_amounts(folded, currency=currency, decimal=decimal)
    if len(amounts) == 1 and _is_bare(folded, amounts[0]):
        code = _currency_of(folded, amounts[0], currency)
        return Money(amounts[0].value, code, "priced", price_period="once")
    chosen, period = _choose(folded, amounts)
    status = _status(folded, chosen)
    if status == "on_request":
        chosen = None
    code = _currency_of(folded, chosen, currency)
    near = folded[max(0, chosen.start - _WINDOW) : chosen.end + _WINDOW] if chosen else folded
    return Money(
        amount=chosen.value if chosen else None,
        currency=code,
        price_status=status,
        offer_type=_offer_type(folded, period),
        price_period=period or ("once" if chosen else None),
        price_tax=_tax(near, folded),
        is_from=bool(chosen and _meets("from", folded[max(0, chosen.start - 16) : chosen.start])),
    )


def status_without_amount(text: str) -> PriceStatus | None:
    """ "on_request" or "sold" for a text that says so and names no amount: the quick question for many texts."""
    folded = fold(text, 200)
    if not _meets("on_request", folded) and not _meets("sold", folded):
        return None
    money = parse_money(text)
    return money.price_status if money.amount is None else None


def says_former(folded: str) -> bool:
    """Whether a text that `fold` has been over says that the amount behind it is the price before: "was", "UVP"."""
    return _meets("was", folded) and not _meets("now", folded)


def says_other(folded: str) -> bool:
    """Whether such a text says that the amount behind it is no price of the thing: a saving, a deposit, shipping."""
    return _meets("not_price", folded)


def says_lowest(folded: str) -> bool:
    """Whether such a text ends by saying that the amount behind it is the lowest of several: "from", "as low as"."""
    return _meets("from", folded[-16:])


def _is_bare(folded: str, amount: Amount) -> bool:
    """Whether the text is the amount and nothing else: most prices of a page are, and need no further reading."""
    return not folded[: amount.start].strip() and not folded[amount.end :].strip(" .,*-–—:")


def find_amounts(folded: str, *, currency: str | None = None, decimal: str | None = None) -> list[Amount]:
    """All amounts of a text that `fold` has been over, percentages left out. Those without a currency sign too."""
    found: list[Amount] = []
    for number in find_numbers(folded, decimal=decimal):
        token, start, end, value = _dress(folded, number)
        if value is None or value > _MAX_AMOUNT or _is_no_amount(folded, start, end):
            continue
        if token and decimal is None and minor_units().get(resolve_currency(token, currency) or "") == 3:
            again = find_numbers(folded[number.start : number.end], decimal=".")
            value = again[0].value if again else value
        if token and found and not found[-1].token and _RANGE.fullmatch(folded[found[-1].end : start]):
            found[-1] = replace(found[-1], token=token)  # "1,299 - 1,500 USD"
        found.append(Amount(value, token, start, end))
    return found


def _prepare(text: str) -> str:
    text = text[:_MAX_CHARS]
    text = _RAISED_CENTS.sub(lambda m: "." + m[0].translate(_SUPERSCRIPT), text)
    return ascii_digits(fold(text))


def _plain(number: float | Decimal, currency: str | None) -> Money:
    try:
        amount = Decimal(str(number))
    except InvalidOperation:
        return Money()
    if not amount.is_finite() or amount < 0 or amount > _MAX_AMOUNT:
        return Money()
    return Money(amount=amount, currency=currency, price_status="priced", price_period="once")


@cache
def _beside() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Currency right before a number, right behind it, and a multiplier right behind it."""
    sign = currency_expression()
    words = "|".join(re.escape(w) for w in sorted(_multipliers(), key=len, reverse=True))
    return (
        re.compile(sign + r"[ :]{0,2}$"),
        re.compile(r"(?:[.,:] ?[-–—]{1,2}|[-–—]{1,2})? ?\(?" + sign),
        re.compile(rf" ?({words})(?![^\W\d_])"),
    )


@cache
def _multipliers() -> dict[str, Decimal]:
    return {row["word"]: Decimal(row["value"]) for row in rows("multipliers.csv")}


def _dress(folded: str, number: Number) -> tuple[str, int, int, Decimal | None]:
    """A number with its currency sign, if one stands right beside it: sign, start, end, value."""
    before, behind, multiplier = _beside()
    start, end, value = number.start, number.end, number.value
    times = multiplier.match(folded, end, end + 12)
    if times:
        value, end = value * _multipliers()[times[1]], times.end()
    window = max(0, start - 14)
    sign = before.search(folded[window:start])
    follows = behind.match(folded, end, end + 18)
    if sign and (not follows or is_certain(sign[1])):
        token, start = sign[1], window + sign.start()
        if resolve_currency(token) is None:
            if follows and resolve_currency(follows[1]):
                token = follows[1]  # "$1,200 USD"
            else:
                token, start, end = _with_country(folded, token, start, end)
        return token, start, follows.end() if follows else end, value
    if follows:
        return follows[1], start, follows.end(), value
    if times and times[1] in {"m", "cr"}:  # a length or a credit, without a currency
        return "", start, number.end, number.value
    return "", start, end, value


def _with_country(folded: str, token: str, start: int, end: int) -> tuple[str, int, int]:
    """A sign of several currencies with the country or code that stands apart: "US $5", "USD $5", "$5 US"."""
    before = _COUNTRY_BEFORE.search(folded[max(0, start - 5) : start])
    if before and (len(before[1]) > 1 or start == len(before[0])):  # "a $5 voucher"
        for named in (before[1], before[1] + token):
            if resolve_currency(named) in may_name(token):
                return named, start - len(before[0]), end
    behind = _COUNTRY_BEHIND.match(folded[end : end + 5])
    if behind and resolve_currency(behind[1] + token) in may_name(token):
        return behind[1] + token, start, end + behind.end()
    return token, start, end


def _is_no_amount(folded: str, start: int, end: int) -> bool:
    """Percentages, negative amounts and parts of words ("320d") are none."""
    if folded[end : end + 2].lstrip().startswith("%"):
        return True
    before = folded[max(0, start - 2) : start]
    negative = before.endswith(("-", "−")) and not before[:-1].strip()
    return negative or (before[-1:].isalpha() and folded[start].isdigit())


def _choose(folded: str, amounts: list[Amount]) -> tuple[Amount | None, PricePeriod | None]:
    """The amount that is the price, and the period it is for: one with a currency and for good before all others."""
    prose = sum(map(str.isalpha, folded)) > _MAX_PROSE
    best: tuple[int, Amount, PricePeriod | None] | None = None
    for position, amount in enumerate(amounts):
        before_from = amounts[position - 1].end if position else 0
        next_start = amounts[position + 1].start if position + 1 < len(amounts) else len(folded)
        before = folded[max(before_from, amount.start - _WINDOW) : amount.start]
        after = folded[amount.end : min(next_start, amount.end + _WINDOW)]
        if _is_other_money(before, after, last=position + 1 == len(amounts)) or (prose and not amount.token):
            continue
        period = _period(before, after)
        if period == "month" and _meets("not_price", folded):
            continue
        rank = (2 if amount.token else 0) + (0 if period else 1)
        if best is None or rank > best[0]:
            best = (rank, amount, period)
    return (best[1], best[2]) if best else (None, None)


def _is_other_money(before: str, after: str, *, last: bool) -> bool:
    """A was-price, deposit, saving … by the words in front, or right behind it ("€ 50 deposit")."""
    if _meets("was", before) or _meets("not_price", before):
        return not _meets("now", before)
    behind = _words()["not_price"].match(after.lstrip(" ("))
    return bool(behind and (last or re.search(r"[,;|()]", after)))


def _period(before: str, after: str) -> PricePeriod | None:
    for period in _PERIODS:
        if _meets(period, after) or _meets(period, before):
            return period
    return None


def _status(folded: str, chosen: Amount | None) -> PriceStatus | None:
    asks = _meets("on_request", folded)
    if _meets("sold", folded):
        return "sold"
    if chosen is None or (asks and (not chosen.token or chosen.value == 0)):
        return "on_request" if asks else None
    return "priced"


def _currency_of(folded: str, chosen: Amount | None, hint: str | None) -> str | None:
    if chosen is None:
        return None
    if chosen.token:
        code = resolve_currency(chosen.token, hint)
        if code is None and hint is None and chosen.value >= _SURELY_MONEY and chosen.value % 1 == 0:
            named = set(may_name(chosen.token))
            return named.pop() if len(named) == 1 else None
        return code
    named = {c for c in map(resolve_currency, re.findall(currency_expression(), folded)) if c}
    if len(named) == 1:
        return named.pop()
    return hint if not named else None


def _offer_type(folded: str, period: PricePeriod | None) -> OfferType | None:
    if _meets("auction", folded):
        return "auction"
    return "rent" if period or _meets("rent", folded) else None


def _tax(near: str, folded: str) -> PriceTax:
    for part in (near, folded) if near != folded else (folded,):
        bare = " ".join(_PERCENT.sub(" ", part).split()) if "%" in part else part.strip()
        net, gross = _words()["net"].search(bare), _words()["gross"].search(bare)
        if net and (not gross or net.start() <= gross.start()):
            return "net"
        if gross:
            return "gross"
    return "unknown"


@cache
def _words() -> dict[str, re.Pattern[str]]:
    return patterns("money_words.csv")


def _meets(meaning: str, text: str) -> bool:
    return bool(text) and _words()[meaning].search(text) is not None

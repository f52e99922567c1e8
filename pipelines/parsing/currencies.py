"""Which currency a sign or word names. A sign that several currencies share ("$", "kr") names none by itself."""

from __future__ import annotations

from functools import cache
from typing import Final

from pipelines.parsing.lexicon import branches, fold, rows

_LETTER: Final = r"[^\W\d_]"


@cache
def _tokens() -> dict[str, tuple[str, ...]]:
    """Sign or word (folded) → the currencies it may mean; "-" among them: it may also mean no currency at all."""
    tokens = {fold(row["token"]): tuple(row["codes"].split("|")) for row in rows("currencies.csv")}
    for code in minor_units():
        tokens.setdefault(code.casefold(), (code,))
    return tokens


@cache
def minor_units() -> dict[str, int]:
    """ISO 4217 code → digits after the decimal sign."""
    return {row["code"]: int(row["minor_units"]) for row in rows("iso4217.csv")}


@cache
def currency_expression() -> str:
    """A regular expression for one currency sign or word in folded text, in a group of its own."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for token in _tokens():
        before = rf"(?<!{_LETTER})" if token[0].isalpha() else ""
        after = rf"(?!{_LETTER})" if token[-1].isalpha() else ""
        kinds.setdefault((before, after), []).append(token)
    parts = [before + branches(tokens) + after for (before, after), tokens in sorted(kinds.items(), reverse=True)]
    return "(" + "|".join(parts) + ")"


def resolve_currency(token: str, hint: str | None = None) -> str | None:
    """The code that a sign or word names; where it may be several, `hint` if it is one of them, else `None`."""
    codes = _tokens().get(fold(token), ())
    if len(codes) == 1:
        return codes[0]
    return hint if hint in codes else None


def may_name(token: str) -> tuple[str, ...]:
    """All codes that a sign or word may stand for."""
    return tuple(code for code in _tokens().get(fold(token), ()) if code != "-")


def is_certain(token: str) -> bool:
    """Whether the sign cannot be an ordinary word or unit ("Ft" can)."""
    return "-" not in _tokens().get(fold(token), ("-",))


def currency_code(text: str | None) -> str | None:
    """A currency field's text ("EUR", "eur", "€") as an ISO 4217 code."""
    if not text:
        return None
    folded = fold(text, 40)
    if folded.upper() in minor_units():
        return folded.upper()
    return resolve_currency(folded)

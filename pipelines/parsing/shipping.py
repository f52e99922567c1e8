"""What a page says of shipping: "Versandkostenfrei ab 49 €", "Delivery within 3 days", in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from pipelines.parsing.lexicon import fold, one_space, patterns

MAX_CHARS: Final = 200
MAX_TEXT: Final = 6000
_STEMS: Final = (
    "ship", "deliver", "postage", "collect", "pickup", "pick-up", "freight", "dispatch", "versand", "liefer",
    "abholung", "transport", "livr", "de port", "port offert", "expédi", "retrait", "envío", "envio", "entrega",
    "recogida", "spedizion", "consegna", "ritiro", "verz", "bezorg", "levertijd", "ophalen", "dostaw", "wysy",
    "frete", "doprav", "frakt", "fragt", "gastos de env",
)  # fmt: skip
"""One of them is in every statement: a look for them is quicker than for the statements."""
_END: Final = re.compile(r"[\n•|!]|[.;](?=\s|$)(?<!zzgl\.)(?<!inkl\.)(?<!excl\.)(?<!ca\.)")


def shipping_statement(text: str | None) -> str | None:
    """The clause of a text that states how or for what something is shipped; None where none does."""
    lowered = (text or "")[:MAX_TEXT].lower()
    if not text or not any(stem in lowered for stem in _STEMS):
        return None
    for line in text[:MAX_TEXT].splitlines():
        plain = one_space(line, MAX_TEXT)
        found = _words("statement").search(fold(plain, MAX_TEXT)) if plain else None
        if found is None:
            continue
        starts = [end.end() for end in _END.finditer(plain, 0, found.start())]
        stop = _END.search(plain, found.end())
        clause = plain[starts[-1] if starts else 0 : stop.start() if stop else len(plain)].strip()
        return clause if len(clause) <= MAX_CHARS else plain[found.start() : found.start() + MAX_CHARS].strip()
    return None


def shipping_of_specs(specs: Iterable[Any]) -> str | None:
    """The text of the first row whose name is one for shipping ("Versand | kostenfrei")."""
    for pair in specs:
        if isinstance(pair, Sequence) and len(pair) == 2 and _words("name").fullmatch(fold(str(pair[0]).rstrip(": "))):
            return one_space(str(pair[1]), MAX_CHARS) or None
    return None


@cache
def _words(value: str) -> re.Pattern[str]:
    return patterns("shipping_words.csv")[value]

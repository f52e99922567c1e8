"""What a description says of the pack and of the dog, where title and specification say nothing.

A description also holds feeding tables, other packs and sister products: a weight counts beside the word for a pack
("Sacco da 10 kg", "resealable 28 lb bag"), a dog's weight beside the word for dogs, and only where there is one.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.inference.dog_weight import dog_weight, names_dogs
from pipelines.inference.late_pattern import LatePattern
from pipelines.inference.pack_weight import AMOUNT, UNIT, PackWeight, grams
from pipelines.inference.pack_words import any_of, with_figures
from pipelines.parsing.numbers import has_digit

MAX_CHARS: Final = 2500
MOST_G: Final = 50_000
LEAST_G: Final = 20
HAS_WEIGHT: Final = LatePattern(rf"\d[\s-]*{UNIT}")
HOLDS: Final = any_of("can", "bag", "sort")
PACK_OF: Final = LatePattern(
    rf"(?:(?<![\d.,])(\d{{1,3}})[\s-]*)?(?<!\w){HOLDS}[\s:(]*(?:{any_of('each')}\s*){{0,2}}{AMOUNT}[\s-]*{UNIT}"
)
"""Amount behind the word: "24 pouches of 70 g"."""
OF_PACK: Final = LatePattern(
    rf"(?:(?<![\d.,])(\d{{1,3}})\s*(?:x\s*)?)?(?<![\d.,–-]){AMOUNT}[\s-]*{UNIT}"
    rf"(?:\s*[(/]\s*[\d.,]+\s*[a-z]+\s*\)?)?[\s-]*(?:{any_of('each')}\s)?{HOLDS}"
)
"""Amount in front of it: "resealable 28 lb (12.7 kg) bag"."""
HELD: Final = LatePattern(
    r"(?:contains?|holds?|includes?|comes with|enthält|inhalt|contient|contenu|contiene|contenuto|contenido|contém|"
    r"bevat|inhoud|zawiera|zawartość|obsahuje|содержит|innehåller|indeholder|inneholder|içerir|内容量)\s*:?\s*(?:ca\.\s)?"
    rf"(?<![\d.,])(\d{{1,4}})\s+(?:[^\W\d]{{3,12}}\s)?{any_of('dose', 'piece')}"
)
CLAUSE: Final = re.compile(r"[.;!?](?=\s|$)|\n")


def described_pack(description: str | None) -> PackWeight | None:
    """The pack that a description speaks of first."""
    if not description or not HAS_WEIGHT.search(text := description[:MAX_CHARS]):
        return None
    text = with_figures(text)
    matches = sorted(filter(None, (PACK_OF.search(text), OF_PACK.search(text))), key=lambda found: found.start())
    for match in matches:
        count, unit_g = int(match[1] or 1), round(grams(match[2], match[3]), 1)
        if count > 0 and LEAST_G <= unit_g * count <= MOST_G:
            return PackWeight(round(unit_g * count, 1), count, unit_g, match[0].strip())
    return None


def described_pieces(description: str | None) -> int | None:
    """How many pieces a description says are in the pack: "this carton holds six chews"."""
    found = HELD.search(with_figures(description[:MAX_CHARS])) if description else None
    return int(found[1]) or None if found else None


def described_dogs(text: str | None) -> tuple[float | None, float | None]:
    """The range of weight in kg of the dogs that a description is about; (None, None) where there are several."""
    if not text or not has_digit(text) or not HAS_WEIGHT.search(text):
        return None, None
    closed, opened = set(), set()
    for clause in CLAUSE.split(text[:MAX_CHARS]):
        if has_digit(clause) and names_dogs(clause):
            low, high = dog_weight(clause)
            if low is not None and high is not None:
                closed.add((low, high))
            elif low is not None or high is not None:
                opened.add((low, high))
    for ranges in (closed, opened):
        if ranges:
            return next(iter(ranges)) if len(ranges) == 1 else (None, None)
    return None, None

"""Words for what a pack is made of and how it is counted, in several languages (data/pack_words.csv).

`can` holds wet food, `bag` anything else, a `sort` is a flavour within a pack; a `piece` is counted ("6 Stück"), a
`dose` is a piece of what is eaten one by one ("3 chews"); behind a `set` word stands a count ("case of 12"), an `each`
word stands between a count and the weight of one ("6 Dosen à 400 g"), a `bonus` word says that some of it is free.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.breeds import DATA
from pipelines.inference.late_pattern import LatePattern
from pipelines.parsing.lexicon import branches

COLUMNS: Final = ("kind", "word", "language", "source")
KINDS: Final = frozenset({"can", "bag", "sort", "piece", "dose", "set", "each", "bonus"})
NUMBER_KIND: Final = "number "
CJK: Final = r"\u3040-\u30ff\u3400-\u9fff"
"""Signs of Japanese, which is written without blanks between words."""
ENDS: Final = rf"(?!(?-i:[^\W{CJK}]))"
"""No letter of a script with blanks comes behind. Without regard to case a range of signs takes long to compile."""


def load(path: Path) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Words by kind, and numbers in words. Raises TaxonomyError for an unknown kind or a word twice in a kind."""
    kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
    numbers: dict[str, int] = {}
    for line, row in read_rows(path, COLUMNS):
        kind, word = row["kind"], row["word"]
        if kind.startswith(NUMBER_KIND) and kind.removeprefix(NUMBER_KIND).isdigit():
            numbers[word] = int(kind.removeprefix(NUMBER_KIND))
        elif kind not in kinds:
            raise TaxonomyError(path, line, f"unknown kind {kind!r}")
        elif word in kinds[kind]:
            raise TaxonomyError(path, line, f"the {kind} word {word!r} stands twice")
        else:
            kinds[kind].append(word)
    return kinds, numbers


WORDS, NUMBERS = load(DATA / "pack_words.csv")


@cache
def any_of(*kinds: str) -> str:
    """A pattern for any word of these kinds, for use without regard to case. Whole words, but for Japanese ones."""
    stems = {word for kind in kinds for word in WORDS[kind]}
    unbroken = {word for word in stems if re.search(rf"[{CJK}]", word)}
    parts = [branches(sorted(stems - unbroken)) + ENDS] + [branches(sorted(unbroken))] * bool(unbroken)
    return f"(?:{'|'.join(parts)})"


IN_WORDS: Final = LatePattern(rf"(?<!\w)(?:{branches(sorted(NUMBERS))})(?!\w)")


def with_figures(text: str) -> str:
    """The text with numbers in words as figures: "sechs Dosen" → "6 Dosen".

    "alti" is no "altı", though a pattern without regard to case takes it for that.
    """
    return IN_WORDS.sub(lambda found: str(NUMBERS.get(found[0].lower(), found[0])), text)

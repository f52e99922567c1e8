"""The words of a product's title: what each is (flavour, stage, size, colour, line) and how much it tells.

The weights are fixed: two listings score the same whatever else is stored. A word of no list weighs by its character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from typing import Final, NamedTuple

from pipelines.identity.packs import measures_in
from pipelines.identity.score import DATA, BadWeights
from pipelines.parsing.lexicon import fold, rows

KINDS: Final = frozenset({"flavour", "stage", "size", "colour", "form", "line", "weak", "generic"})
OPTIONAL: Final = ("flavour", "stage", "size", "form")
PLAIN: Final = 1.0
SHORT: Final = (0.3, 0.6)
"""The weights of words of one and two letters ("c/d" is cd, a diet)."""
TOLD: Final = 0.5
"""From this weight a word is worth looking for."""
_LETTERS_BY_SLASH: Final = re.compile(r"(?<!\w)(\w)/(\w)(?!\w)")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?\+?")
_APOSTROPHES: Final = str.maketrans("", "", "'’`´")
_NEAR: Final = 6
"""Words of so many letters are one where a letter is missing or wrong (Dachsund, Dachshund)."""


class Word(NamedTuple):
    """What a word of the list is: `value` is what it stands for, `weight` what it tells (0–1)."""

    kind: str
    value: str
    weight: float


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a title, and those among them that stand for flavours, stages, sizes and colours."""

    all: frozenset[str]
    flavours: frozenset[str]
    stages: frozenset[str]
    sizes: frozenset[str]
    colours: frozenset[str]


@lru_cache(maxsize=65536)
def words_of(title: str) -> Words:
    """The words of a title without its amounts, each in one form ("puppies" and "puppy" are not: both mean a stage)."""
    found = frozenset(split_words(measures_in(unescape(title)).text))
    known = [_list()[word] for word in found if word in _list()]
    by_kind = {kind: frozenset(word.value for word in known if word.kind == kind) for kind in KINDS}
    return Words(found, by_kind["flavour"], by_kind["stage"], by_kind["size"], by_kind["colour"])


def split_words(text: str) -> list[str]:
    """Folded text as words: "Hill's c/d" → hill, cd."""
    plain = _LETTERS_BY_SLASH.sub(r"\1\2", fold(text, 400).translate(_APOSTROPHES))
    return [singular(word) for word in _WORD.findall(plain)]


def singular(word: str) -> str:
    """A word without the plural's s."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def word_weight(word: str) -> float:
    """How much a word tells."""
    known = _list().get(word)
    if known:
        return known.weight
    return PLAIN if len(word) > len(SHORT) or word[0].isdigit() else SHORT[len(word) - 1]


class Common(NamedTuple):
    """What two titles have in common: the weight of the words of both by the weight of all (0–1), and whose words
    tell something that the other does not say: none, one or each."""

    share: float
    own: str


def in_common(some: frozenset[str], others: frozenset[str]) -> Common:
    """Compare the words of two titles; words of one meaning are one word, and a misspelled word counts as its like.

    Kinds that only one of the two names (flavours, dog sizes) do not count: what goes unsaid is scored by itself.
    """
    some, others = _meanings(some), _meanings(others)
    for kind in OPTIONAL:
        if not (_has(some, kind) and _has(others, kind)):
            some, others = _leaving_out(some, kind), _leaving_out(others, kind)
    common = some & others
    left, right = some - common, others - common
    for word in sorted(left):
        like = next((other for other in sorted(right) if _near(word, other)), None)
        if like:
            common, left, right = common | {word}, left - {word}, right - {like}
    shared, rest = (sum(map(word_weight, sorted(words))) for words in (common, left | right))
    own = sum(any(word_weight(word) >= TOLD for word in words) for words in (left, right))
    return Common(shared / (shared + rest) if shared + rest else 0.0, ("none", "one", "each")[own])


def flavours_differ(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether each names a flavour that the other has not, nor a wider or narrower word for it."""
    return bool(some and others) and not (_within(some, others) or _within(others, some))


def _meanings(words: frozenset[str]) -> frozenset[str]:
    """Each word as the first of the list that has its meaning: puppies, growth → puppy."""
    return frozenset(_first_of_meaning().get(word, word) for word in words)


def _has(words: frozenset[str], kind: str) -> bool:
    return any(word in _list() and _list()[word].kind == kind for word in words)


def _leaving_out(words: frozenset[str], kind: str) -> frozenset[str]:
    return frozenset(word for word in words if word not in _list() or _list()[word].kind != kind)


def _within(some: frozenset[str], others: frozenset[str]) -> bool:
    kinds = _flavour_kinds()
    return all(
        one in others or kinds.get(one) in others or any(kinds.get(other) == one for other in others) for one in some
    )


def _near(one: str, other: str) -> bool:
    """Whether two long words are a letter apart, or one is the other's beginning (flavour, flavoured)."""
    if min(len(one), len(other)) < _NEAR or one[0] != other[0] or (one in _list() and other in _list()):
        return False
    shorter, longer = sorted((one, other), key=len)
    if longer.startswith(shorter):
        return len(longer) - len(shorter) <= 3
    if len(longer) - len(shorter) > 1:
        return False
    at = next(i for i in range(len(longer)) if shorter[i : i + 1] != longer[i])
    return shorter[at + (len(longer) == len(shorter)) :] == longer[at + 1 :]


@cache
def _list() -> Mapping[str, Word]:
    found: dict[str, Word] = {}
    for row in rows("product_words.csv", DATA):
        word, weight = row["word"], float(row["weight"])
        if row["kind"] not in KINDS or not 0 < weight <= 1 or word in found or singular(word) != word:
            raise BadWeights(f"product_words.csv: {word!r} stands twice, in the plural, or has no kind or weight")
        found[word] = Word(row["kind"], row["value"] or word, weight)
    return found


@cache
def _first_of_meaning() -> Mapping[str, str]:
    first: dict[tuple[str, str], str] = {}
    return {word: first.setdefault((said.kind, said.value), word) for word, said in _list().items()}


@cache
def _flavour_kinds() -> Mapping[str, str]:
    return {row["flavour"]: row["kind"] for row in rows("flavour_kinds.csv", DATA)}

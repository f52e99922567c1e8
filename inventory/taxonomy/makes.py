"""Makers of machines: the name as the maker writes it, and what dealers write instead (data/makes.csv)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.phrases import Found, PhraseIndex, Word, words
from inventory.taxonomy.tables import DATA, TaxonomyError, read_rows

COLUMNS: Final = ("make", "aliases", "ordinary_word", "also_dealer", "source")
UNHELPFUL: Final = frozenset(
    {"", "nan", "na", "none", "unknown", "other", "various", "misc", "miscellaneous", "not listed"}
)


@dataclass(frozen=True, slots=True)
class Make:
    """A maker. `ordinary_word`: the name is also a common word ("Case"), which counts only near a title's start.
    `also_dealer`: the name may be that of a dealer of the make behind it ("Zeppelin CAT M315D").
    """

    name: str
    aliases: tuple[str, ...]
    ordinary_word: bool
    also_dealer: bool
    source: str


_SIGNS: Final = re.compile(r"[\W_]+")


def squashed(text: str) -> str:
    """Letters and digits in lower case: "P & H" and "P&H" become the same."""
    return _SIGNS.sub("", text.lower())


def load(path: Path) -> Mapping[str, Make]:
    """Read makers by name. Raises TaxonomyError where a name or an alias would stand for two makers."""
    found: dict[str, Make] = {}
    taken: dict[str, str] = {}
    for line, row in read_rows(path, COLUMNS):
        for mark in ("ordinary_word", "also_dealer"):
            if row[mark] not in ("", "yes"):
                raise TaxonomyError(path, line, f"{mark} is {row[mark]!r}, expected yes or nothing")
        aliases = tuple(alias for alias in row["aliases"].split(";") if alias)
        make = Make(row["make"], aliases, row["ordinary_word"] == "yes", row["also_dealer"] == "yes", row["source"])
        for spelling in {squashed(name) for name in (make.name, *aliases)}:
            if taken.get(spelling, make.name) != make.name or make.name in found:
                raise TaxonomyError(path, line, f"{spelling!r} already stands for {taken[spelling]!r}")
            taken[spelling] = make.name
        found[make.name] = make
    return MappingProxyType(found)


MAKES: Final = load(DATA / "makes.csv")
_BY_SPELLING: Final = {squashed(name): make.name for make in MAKES.values() for name in (make.name, *make.aliases)}
_INDEX: Final = PhraseIndex((name, make.name) for make in MAKES.values() for name in (make.name, *make.aliases))


@lru_cache(maxsize=4096)
def canonical_make(text: str | None) -> str | None:
    """The maker's own name for what a dealer wrote: "CAT" → "Caterpillar".

    A maker that is not in the table is kept, in title case if it was all capitals; a non-answer ("n/a") is None.
    """
    plain = squashed(text or "")
    if text is None or plain in UNHELPFUL:
        return None
    known = _BY_SPELLING.get(plain)
    if known is not None:
        return known
    cleaned = " ".join(text.split())
    return cleaned.title() if cleaned.isupper() and len(cleaned) > 4 else cleaned


def find_make(title: str | Sequence[Word]) -> tuple[str, tuple[int, int]] | None:
    """The maker named in a title and its span, or None.

    The first name counts; one that is also an ordinary word only among the first three words.
    """
    found = words(title) if isinstance(title, str) else title
    first: Found | None = None
    for hit in _INDEX.find(found):
        if MAKES[hit.label].ordinary_word and hit.first >= 3:
            continue
        if first is None:
            first = hit
        elif hit.first == first.last + 1 and MAKES[first.label].also_dealer:
            return hit.label, (hit.start, hit.end)
        else:
            break
    return (first.label, (first.start, first.end)) if first is not None else None


def may_name_make(text: str) -> bool:
    """Whether some maker's first word stands in a text: where not, `find_make` finds none in any part of it."""
    return _INDEX.may_be_in(text)

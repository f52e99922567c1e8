"""Labels that name a field in many languages: "Baujahr", "Hours", "Art. Nr." (data/labels.csv)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from pipelines.parsing.lexicon import rows

DATA: Final = Path(__file__).parent / "data"
MEASURES: Final = Path(__file__).parents[1] / "inference" / "data"
_EDGES: Final = " \t\n:：.•·*-–—|#()[]►»>\u200b\u200e\u200f\ufeff"
_IN_BRACKETS: Final = re.compile(r" *[(\[][^()\[\]]{0,30}[)\]]$")
LONGEST: Final = 45
_WORDS: Final = re.compile(r"[^\W_]+|[#№]")
_WORD: Final = re.compile(r"[^\W_]+")
_NUMBER: Final = frozenset(
    {"n", "no", "nr", "nro", "num", "nbr", "number", "nummer", "numero", "numer", "№", "#", "nº", "č", "cislo"}
)
"""Words for "number", which a label may say in any way: "Serial No.", "N° de série", "Seriennummer"."""
_OR: Final = re.compile(r"[/|&]| or | oder | ou | of | o ")
_SPLIT: Final = re.compile(r"[:：=]|#(?= ?\w)")


def label_fields(text: str) -> tuple[str, ...]:
    """The fields that a label may name, in the order of the data file; none for what is no label."""
    return _label_fields(text) if 1 < len(text) <= LONGEST else ()


@lru_cache(maxsize=8192)
def _label_fields(text: str) -> tuple[str, ...]:
    known = _labels()
    folded = text.casefold().strip(_EDGES)
    if folded in known:
        return known[folded]
    if not may_be_label(folded):
        return ()
    if "(" in folded or "[" in folded:
        folded = _IN_BRACKETS.sub("", text.casefold().rstrip(" :：")).strip(_EDGES)
    return known.get(folded) or _by_key(label_words(folded)) or _of_parts(folded)


def _of_parts(folded: str) -> tuple[str, ...]:
    """ "PIN/VIN", "Serien-/Fahrgestellnr.": the fields that all parts name."""
    parts = [part.strip(_EDGES) for part in _OR.split(folded)]
    if len(parts) < 2:
        return ()
    known = [_labels().get(part) or _by_key(label_words(part)) for part in parts if part]
    if not all(known):
        return ()
    return tuple(field for field in known[0] if all(field in fields for fields in known))


def may_be_label(text: str) -> bool:
    """Whether a text starts as labels do: the quick question for many texts."""
    match = _WORD.match(text) or _WORDS.search(text, 0, LONGEST)
    if match is None:
        return False
    word, firsts = match[0].casefold(), _firsts()
    return word in firsts or (not word.isascii() and _plain(word) in firsts)


def label_words(text: str) -> list[str]:
    """A label's words as they are compared: without accents and signs, every word for "number" as "nr"."""
    found: list[str] = []
    for word in _WORDS.findall(_plain(text.casefold())):
        if word in _NUMBER:
            word = "nr"
        elif word.endswith(("nummer", "number")) and len(word) > 8:
            word = word[:-6] + "nr"
        elif word in ("º", "o") and found[-1:] == ["nr"]:
            continue
        if not (word == "nr" and found[-1:] == ["nr"]):
            found.append(word)
    return found


def _by_key(words: list[str]) -> tuple[str, ...]:
    """The fields of a label in another spelling ("Betr.-Std."), or with words that add nothing ("… der Maschine")."""
    keys, fillers = _keys(), _fillers()
    if found := keys.get("".join(words)):
        return found
    start, end = 0, len(words)
    while end - start > 1 and words[end - 1] in fillers:
        end -= 1
        if found := keys.get("".join(words[start:end])):
            return found
    while end - start > 1 and words[start] in fillers:
        start += 1
        if found := keys.get("".join(words[start:end])):
            return found
    return ()


def _plain(text: str) -> str:
    """Without accents: old pages leave them out."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def names_measure(text: str) -> bool:
    """Whether a text is the name of a size that inference reads from specifications: "Operating weight"."""
    if not 2 < len(text) <= LONGEST:
        return False
    return "".join(label_words(_IN_BRACKETS.sub("", text.strip(_EDGES)))) in _measures()


def split_label(text: str) -> tuple[tuple[str, ...], str] | None:
    """A text that holds label and value ("Hours: 5,239") as the label's fields and the value."""
    match = _SPLIT.search(text, 2, LONGEST + 1)
    if match is None:
        return None
    fields = label_fields(text[: match.end()])
    value = text[match.end() :].strip(" :：")
    return (fields, value) if fields and value else None


@cache
def _labels() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in rows("labels.csv", DATA):
        fields = found.setdefault(row["label"].casefold().strip(_EDGES), [])
        if row["field"] not in fields:
            fields.append(row["field"])
    return {label: tuple(fields) for label, fields in found.items()}


@cache
def _keys() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for label, fields in _labels().items():
        key = "".join(label_words(label))
        found[key] = tuple(dict.fromkeys((*found.get(key, ()), *fields)))
    return found


@cache
def _measures() -> frozenset[str]:
    return frozenset("".join(label_words(row["name"])) for row in rows("spec_names.csv", MEASURES))


@cache
def _fillers() -> frozenset[str]:
    return frozenset(_plain(row["word"].casefold()) for row in rows("label_fillers.csv", DATA))


@cache
def _firsts() -> frozenset[str]:
    """The first words of all labels and measures, in any spelling."""
    found = set(_fillers()) | set(_measures()) | set(_keys())
    for label in (*_labels(), *(row["name"] for row in rows("spec_names.csv", MEASURES))):
        if match := _WORDS.search(label.casefold()):
            found |= {match[0], _plain(match[0])}
    for key in _keys():
        if key.endswith("nr"):
            found |= {key[:-2] + "nummer", key[:-2] + "number"}
    return frozenset(found)

"""The size on the label of dog gear: letters (XXS … 5XL, "S/M"), numbers ("Size 3") and "one size"."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from inventory.taxonomy.phrases import Found
from pipelines.inference.dog_words import DOG_WORDS, followed_by
from pipelines.inference.pack_words import CJK
from pipelines.inference.phrase_fields import NONE, Hits

ORDER: Final = ("3XS", "XXS", "XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL", "5XL")
"""Letter sizes from the smallest; a label is one of them or two with a stroke."""
SPELLINGS: Final[dict[str, str]] = {
    "XXXS": "3XS",
    "2XS": "XXS",
    "XXL": "2XL",
    "XXXL": "3XL",
    "XXXXL": "4XL",
    "XXXXXL": "5XL",
}
LETTER: Final = r"(?:[2-5]XL|[23]XS|X{0,3}S|X{0,5}L|M)"
LABEL: Final = re.compile(
    rf"(?:(?<![\w'’&.\"”″-])|(?<=[{CJK}]))({LETTER}(?:\s?[/–-]\s?{LETTER})?)(?![^\W{CJK}]|['’]|\s?&|\.\w|-[^\W\d])"
)
SIDE: Final = re.compile(r"\s*[x×]\s*\d")
"""Behind a letter that stands for a side: "36 L x 23 W"."""
LITRES: Final = re.compile(r"\d\s*$")
MENS: Final = re.compile(r"\b(?:wo)?men['’]?s?\s+$|\bunisex\s+$", re.IGNORECASE)
"""In "Men's M" the owner is measured."""
ONE_SIZE: Final = re.compile(
    r"\b(?:one[\s-]size(?:[\s-]fits[\s-](?:all|most))?|1 size|osfa|einheitsgröße|"
    r"taille unique|talla única|taglia unica)\b",
    re.IGNORECASE,
)
NUMBERED: Final = re.compile(
    r"(?:\b(?:size|größe|groesse|gr\.|taille|talla|taglia|maat|sz|rozmiar|vel\.|velikost|storlek|strl\.?|stl\.?|str\.?|"
    r"størrelse|tamanho|размер|beden)|サイズ)\s*[:#]?\s*(?:nr\.?\s*|no\.?\s*)?(\d{1,2}(?:\.5)?|T\d)"
    r"(?![\w.,]|\s*(?:[x×/]|-\s*\d|kg|g\b|lb|oz|cm|mm|in\b|inch|ml|l\b|\"|”|ct|count|pack))",
    re.IGNORECASE,
)


class LabelAt(NamedTuple):
    """A size and where it stands in a text."""

    label: str
    start: int
    end: int


def labels_in(text: str) -> list[LabelAt]:
    """All sizes of things in a longer text, in letters or words, from left to right."""
    found = [
        LabelAt(size_of_letters(match[1]), *match.span())
        for match in LABEL.finditer(text)
        if not _other_letter(text, match) and not SIDE.match(text, match.end())
    ]
    read = DOG_WORDS.read(text)
    named = (hit for hit in read.get("size_label", NONE) if _of_gear(text, read, hit))
    found += [LabelAt(hit.label, hit.start, hit.end) for hit in named]
    return sorted(found, key=lambda at: at.start)


def size_of_letters(letters: str) -> str:
    """A letter size or two in one spelling."""
    return "/".join(spelled(part) for part in re.split(r"\s?[/–-]\s?", letters))


def letter_size(text: str) -> str | None:
    """The size in letters alone, the last of several."""
    found = [match for match in LABEL.finditer(text) if not _other_letter(text, match)]
    return size_of_letters(found[-1][1]) if found else None


def size_label(text: str, *, is_size: bool = False) -> str | None:
    """The size a title or variant states, as "XS" … "5XL", "S/M", "3" or "one size"; of several the last.

    `is_size`: the text is nothing but a size ("mittel", "3"), as a size option is. "Value size" is none.
    """
    if letters := letter_size(text):
        return letters
    if numbered := NUMBERED.search(text):
        return str(numbered[1]).upper()
    if named := in_words(text, is_size=is_size):
        return named
    if ONE_SIZE.search(text):
        return "one size"
    if is_size and re.fullmatch(r"\s*(\d{1,2}|T\d)\s*", text):
        return text.strip()
    return None


def spelled(letters: str) -> str:
    """One spelling for each letter size: XXL is 2XL."""
    return SPELLINGS.get(letters, letters)


def in_words(text: str, *, is_size: bool) -> str | None:
    """The size in words ("Extra Large", "small/medium"), the last of several; a breed's or a kibble's is none."""
    read = DOG_WORDS.read(text)
    found = [*read.get("size_label", NONE), *(read.get("size_option", NONE) if is_size else ())]
    hits = sorted((hit for hit in found if _of_gear(text, read, hit)), key=lambda hit: hit.first)
    if not hits:
        return None
    two = len(hits) > 1 and hits[-2].label != hits[-1].label
    if two and text[hits[-2].end : hits[-1].start].strip() in {"/", "-"}:
        return f"{hits[-2].label}/{hits[-1].label}"
    return hits[-1].label


def _of_gear(text: str, read: Hits, hit: Found) -> bool:
    """Whether a size word stands for the thing: no dog and no other size joined by "&" comes behind it."""
    return not followed_by("sized_dog", read, hit) and not text[hit.end :].lstrip().startswith("&")


def _other_letter(text: str, match: re.Match[str]) -> bool:
    """Whether the letter is a litre ("1.5 L") or a person's size ("Men's M")."""
    before = text[max(0, match.start() - 12) : match.start()]
    return bool(MENS.search(before)) or (match[1] in ("L", "M") and bool(LITRES.search(before)))

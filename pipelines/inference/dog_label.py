"""What is in a food: the label's list of ingredients and its analysis, as text out of a description.

Headings are the law's words ("Zusammensetzung", "Analytische Bestandteile", "Guaranteed Analysis"; the rows of
data/dog_spec_names.csv for `ingredients` and `analysis`). A section runs to the next heading.
"""

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import Final

from inventory.taxonomy.phrases import words
from pipelines.inference.dog_specs import SPEC_NAMES
from pipelines.inference.late_pattern import LatePattern

MAX_CHARS: Final = 2000
LEAST_CHARS: Final = 8
MAX_HEADINGS: Final = 6
MAX_TEXT: Final = 20_000
HEADINGS: Final = {
    field: sorted((name for name, known in SPEC_NAMES.items() if known == field), key=len, reverse=True)
    for field in ("ingredients", "analysis")
}
SIGNS: Final = r"[\s/'’.-]{1,3}"
HEADING: Final = {
    field: LatePattern(
        r"(?:^|[\n.;:)!]|\s{2})[\s*•–-]{0,4}"
        r"(?:(?:full|list of|our|the|key|active)\s)?"
        rf"(?:{'|'.join(SIGNS.join(map(re.escape, name)) for name in names)})"
        r"\s{0,3}(?:\([^)\n]{0,40}\)\s{0,3})?(?::|\n|\s[–-]\s)"
    )
    for field, names in HEADINGS.items()
}
OTHER: Final = "|".join(
    SIGNS.join(map(re.escape, name))
    for name, known in sorted(SPEC_NAMES.items(), reverse=True)
    if known == "other_section"
)
NEXT: Final = LatePattern(
    rf"\n\s{{0,3}}[*•]?\s{{0,3}}(?:[^\n:]{{0,30}}\b)?(?:{OTHER})\b[^\n:]{{0,40}}(?=\n|:)"
    r"|(?:\n|(?<=[.%)!])\s)\s{0,3}(?-i:[A-ZÄÖÜÉÈÀ])[^\n:.,;%()]{2,48}:(?!\d)"
)
"""A heading behind the section: a line of its own with a known word, or any few words with a colon."""
SENTENCE: Final = re.compile(r"(?<=[.!?])\s(?=[^\W\d_a-zà-ÿ])")
LISTED: Final = re.compile(r"[,;%:]|\d")
"""What a sentence of a list has; "Not for cats." behind it is none of it."""
NUTRIENT: Final = re.compile(
    r"protein|prot[ée]in|fett|fat\b|gras|grasa|grass[io]|fib|faser|asche|ash\b|cendre|ceniza|ceneri|moist|feucht|humid|umid|"
    r"vitamin|calcium|phosph|omega|kcal|eiwit|vocht|celstof|bílkov|tuk|białko|tłuszcz",
    re.IGNORECASE,
)


def label_texts(text: str | None) -> dict[str, str]:
    """`ingredients` and `analysis` of a description, where it has such sections; each at most 2,000 characters."""
    if not text or not any(sign in text for sign in ":\n"):
        return {}
    text = "\n".join(filter(None, map(str.strip, text[:MAX_TEXT].splitlines())))
    found = {}
    for field, heading in HEADING.items():
        for match in islice(heading.finditer(text), MAX_HEADINGS):
            if (again := heading.match(text, match.end() - 1)) is not None:  # "Ingredients:\nCOMPOSITION\n…"
                match = again
            section = section_at(text, match.end(), HEADING["analysis" if field == "ingredients" else "ingredients"])
            if is_label(field, section):
                found[field] = section
                break
    return found


def section_at(text: str, start: int, other: LatePattern) -> str:
    """The text from `start` to the next heading, on one line."""
    rest = text[start : start + MAX_CHARS].lstrip()
    ends = [match.start() for match in (other.search(rest), next_heading(rest)) if match is not None]
    section = " ".join(rest[: min(ends, default=len(rest))].split())
    first, *others = SENTENCE.split(section)
    kept = [first, *takewhile(LISTED.search, others)]
    return " ".join(kept).strip(" .•*-–")


def next_heading(rest: str) -> re.Match[str] | None:
    """The first heading that is none of a nutrient ("Crude protein:" belongs to the analysis)."""
    return next((match for match in NEXT.finditer(rest) if not NUTRIENT.search(match[0])), None)


def is_label(field: str, section: str) -> bool:
    """Whether a section is what its heading says: figures of nutrients, or a list."""
    if len(section) < LEAST_CHARS or tuple(word.text for word in words(section)) in SPEC_NAMES:
        return False
    if field == "analysis":
        return "%" in section and NUTRIENT.search(section) is not None
    return "," in section or ";" in section or "%" in section or len(section.split()) <= 6

"""What has been read of a page so far: the first source to say something keeps the word."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from pipelines.parsing.lexicon import fold, rows
from pipelines.parsing.text import clean_text

LONG_TEXT: Final = 20_000
MAX_TEXT: Final = 500
MAX_SPECS: Final = 200
MAX_IMAGES: Final = 30
MAX_VARIANTS: Final = 200
DATA: Final = Path(__file__).parent / "data"


_NAMES: Final = frozenset({"brand", "make"})
_PLACEHOLDER: Final = re.compile(r"^(?:\$\w+|\{\{.*|<%.*|undefined|null|none|n/?a|nan|-+)$", re.IGNORECASE)
"""Templates that were not filled in, and words for nothing."""


@dataclass(slots=True)
class Reading:
    """Field → text (`raw`), field → where it stood (`provenance`), and the fields that are lists."""

    raw: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    specs: list[list[str]] = field(default_factory=list)
    variants: list[dict[str, Any]] = field(default_factory=list)

    def put(self, name: str, value: Any, where: str) -> bool:
        """Note a value unless the field is known or nothing is left of the value after cleaning."""
        if value is None or name in self.raw:
            return False
        clean = clean_value(name, value)
        if clean is None or (isinstance(clean, str) and _PLACEHOLDER.match(clean)):
            return False
        if name in _NAMES and isinstance(clean, str):
            clean = plain_name(clean)
            if fold(clean) in _no_names():
                return False
        self.raw[name] = clean
        self.provenance[name] = where
        return True

    def drop(self, name: str) -> None:
        """Forget a field."""
        self.raw.pop(name, None)
        self.provenance.pop(name, None)

    def add_spec(self, name: object, value: object) -> None:
        """One more pair of the specification, unless it is there already."""
        if name is None or value is None:
            return
        clean_name, clean = clean_value("spec", name), clean_value("spec", value)
        if clean_name and clean and len(self.specs) < MAX_SPECS:
            pair = [str(clean_name).rstrip(" :："), str(clean)]
            if pair not in self.specs:
                self.specs.append(pair)

    def take(self, other: Reading) -> None:
        """Everything of another reading that is not known yet."""
        for name, value in other.raw.items():
            if name not in self.raw:
                self.raw[name] = value
                self.provenance[name] = other.provenance[name]
        known = {tuple(pair) for pair in self.specs}
        self.specs += [pair for pair in other.specs if tuple(pair) not in known]
        del self.specs[MAX_SPECS:]
        self.variants = self.variants or other.variants

    def lacks(self, *names: str) -> bool:
        """Whether any of the fields is unknown."""
        return any(name not in self.raw for name in names)


@cache
def _no_names() -> frozenset[str]:
    """What lists of makers and brands call those that they do not name."""
    return frozenset(fold(row["word"]) for row in rows("no_name_words.csv", DATA))


def plain_name(text: str) -> str:
    """A maker's or brand's name without the words around it: "More of the brand: X", "X | Shop"."""
    name = text.split(" | ")[0].rsplit(": ", 1)[-1].strip()
    return name or text


def clean_value(name: str, value: Any) -> Any | None:
    """Text as clean text, lists of texts item by item, numbers and truth values as they are."""
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return clean_text(value, LONG_TEXT, lines=True) if name == "description" else clean_text(value, MAX_TEXT)
    if isinstance(value, list):
        items = [clean for item in value[: MAX_IMAGES * 2] if (clean := clean_value(name, item)) is not None]
        return items or None
    return None

"""New, used, refurbished or damaged."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from pipelines.parsing.lexicon import fold, patterns

Condition = Literal["new", "used", "refurbished", "damaged"]
_MAX_TEXT: Final = 1500
_NAMED: Final = re.compile(
    r"(?:(?<!\w)(?:condition|zustand|état|estado|condizioni?|staat|conditie|stan|skick|stand|tilstand|stav|"
    r"состояние|durumu?)"
    r"|状態)\s?[:=–-]\s?([^.;\n]{2,40})"
)
_NEW: Final = re.compile(
    r"(?<!\w)(?:brand new in|new (?:with|in) (?:tags?|box|packaging)|bnwt|bnib|unworn|neu mit etikett|neu in ovp|"
    r"neu und unbenutzt|"
    r"neuf avec étiquettes?|nuevo con etiquetas?|nuovo con (?:etichett|cartellin)\w|nieuw met (?:label|kaartje)|"
    r"nowy z metką|"
    r"nowe z metką|novo com etiqueta|ny med (?:etikett|lapp|mærke)|nové s visačkou|новый с биркой)(?!\w)|新品未使用"
)
_USED: Final = re.compile(
    r"(?<!\w)(?:second[ -]?hand|gently used|lightly used|pre-?(?:owned|loved)|used (?:once|twice|a few times|"
    r"only)|barely used|"
    r"gebraucht(?:e[rsn]?)?|wenig benutzt|d['’]occasion|seconde main|peu servi|de segunda mano|poco usad[oa]|"
    r"di seconda mano|"
    r"usat[oa] poco|tweedehands|weinig gebruikt|begagna[dt]e?|używan[yae]|mało używan[yae]|segunda mão|použit[ýáé]|"
    r"б/у|ikinci el)(?!\w)|中古"
)
_ORDER: Final[tuple[Condition, ...]] = ("damaged", "refurbished", "used", "new")


def parse_condition(text: str | None) -> Condition | None:
    """The condition a condition field names: "https://schema.org/UsedCondition", "Gebraucht", "like new" (used).

    A word within a longer phrase does not count ("never used" is new); of several the one furthest from new is taken.
    """
    return _condition(text[:200]) if text else None


@lru_cache(maxsize=2048)
def _condition(text: str) -> Condition | None:
    folded = fold(text, 200).rstrip("/").rsplit("schema.org/", 1)[-1]
    found: list[tuple[int, int, str]] = []
    for meaning, pattern in patterns("condition.csv").items():
        found += [(match.start(), match.end(), meaning) for match in pattern.finditer(folded)]
    meant = {meaning for start, end, meaning in found if not _within_another(start, end, found)}
    return next((meaning for meaning in _ORDER if meaning in meant), None)


def spoken_condition(title: str | None, description: str | None) -> tuple[Condition, str] | None:
    """The condition that a title or a description speaks of, and which of them.

    "New" in a title is a new recipe or New Zealand, so only what is not new counts there; a description says it behind
    a word for condition, or that a thing is new with its tags.
    """
    said = parse_condition(title)
    if said is not None and said != "new":
        return said, "title"
    text = fold(description, _MAX_TEXT) if description else ""
    if (named := _NAMED.search(text)) and (said := parse_condition(named[1])):
        return said, "description"
    both = f"{fold(title, 300)} {text}" if title else text
    if (new := _NEW.search(both)) is not None:
        return "new", "title" if title and new.start() < len(fold(title, 300)) else "description"
    return ("used", "description") if _USED.search(text) else None


def _within_another(start: int, end: int, found: list[tuple[int, int, str]]) -> bool:
    """Whether a longer phrase covers this one."""
    return any(first <= start and end <= last and last - first > end - start for first, last, _ in found)

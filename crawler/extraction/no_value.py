"""What stands behind a label and is not its value: a button, a link that asks for something, signs only."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from crawler.extraction.visible import DATA
from pipelines.parsing.lexicon import fold, rows, word_pattern

_TELLING: Final = frozenset("+-−✓✔☑√✅✗✘❌★☆")
"""Signs that do say something: the thing has it or not, or how good it is."""


@lru_cache(maxsize=20_000)
def is_no_value(value: str) -> bool:
    """Whether a value starts with what a reader is asked to do ("Write a review"), or has neither letter nor digit."""
    if not any(sign.isalnum() or sign in _TELLING for sign in value):
        return True
    folded = fold(value, 80)
    action = _actions().match(folded)  # one word alone may be a value's first: "Print: floral"
    return action is not None and (" " in action[0] or action[0] == folded)


@cache
def _actions() -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows("action_words.csv", DATA))

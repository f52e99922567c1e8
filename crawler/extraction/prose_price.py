"""The asking price where it stands only in a sentence: "… and costs 72,800 € plus VAT. Financing from 1,390 € a month."

A sentence counts that asks ("costs", "vraagprijs") and speaks of nothing else: no rate, no deposit, no other machine.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from crawler.extraction.visible import DATA, Visible
from pipelines.parsing.lexicon import fold, rows, word_pattern
from pipelines.parsing.money import parse_money, status_without_amount

_MAX_TEXTS: Final = 60
_LEAST: Final = 300
"""Amounts below it are no machine's price in a sentence."""
_BEHIND_CUE: Final = 60
_END: Final = re.compile(r"(?<=[^\W\d_)])[.!?;]\s+|(?<=[\d€$£%])[.!?;]\s+(?=[^\W\d_])")


def sentence_price(visible: Visible) -> tuple[str, str] | None:
    """The text of the price and where it stood; None where no sentence, or two that differ, ask one."""
    asked: dict[object, str] = {}
    for sentence in _sentences(visible):
        folded = fold(sentence, 400)
        cue = _words("asks").search(folded)
        if cue is None or _words("other").search(folded):
            continue
        stretch = sentence[cue.end() : cue.end() + _BEHIND_CUE] if len(folded) == len(sentence) else folded[cue.end() :]
        money = parse_money(stretch[:_BEHIND_CUE])
        if money.amount is not None and money.currency is not None and money.amount >= _LEAST:
            asked.setdefault(money.amount, stretch.strip(" :"))
    if len(asked) != 1:
        return None
    text = next(iter(asked.values()))
    return text, f"sentence “{text[:40]}”"


def sentence_on_request(visible: Visible) -> bool:
    """Whether a sentence says that the price is to be asked for."""
    return any(len(s) <= 60 and status_without_amount(s) == "on_request" for s in _sentences(visible))


def _sentences(visible: Visible) -> list[str]:
    start = visible.heading_at
    if start is None:
        return []
    nodes = visible.nodes[start + 1 : min(start + 1 + _MAX_TEXTS, visible.main_end)]
    texts = [n.text[:3000] for n in nodes if len(n.text) > 30 and not visible.is_aside(n.element)]
    return [sentence.strip() for text in texts for sentence in _END.split(text)]


@cache
def _words(value: str) -> re.Pattern[str]:
    return word_pattern(r["word"] for r in rows("prose_price_words.csv", DATA) if r["value"] == value)

"""Fellegi and Sunter's score: how much likelier an agreement is on one thing than on two, in bits, from a data file.

m is how often listings of one thing agree so, u how often listings of two things do; log2(m / u) is the weight.
Fellegi and Sunter, A Theory for Record Linkage, JASA 64 (1969).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from inventory.store.matching import Judgement, Verdict
from pipelines.parsing.lexicon import rows

DATA: Final = Path(__file__).parent / "data"
SUBJECTS: Final = ("machine", "product")
SAME: Final = {"machine": 0.75, "product": 0.6}
MAYBE: Final = {"machine": 0.35, "product": 0.2}
"""From which probability two listings are one thing, and from which a person may look at them."""
TIED_BITS: Final = {"machine": 1.6, "product": 0.75}
"""A second candidate of one dealer within so many bits of the best is as good as it (a data set's ties: docs)."""
_MOST_BITS: Final = 19.0


class BadWeights(ValueError):
    """The file of weights says something that cannot be."""


@dataclass(slots=True)
class Evidence:
    """What was compared: field → level, and the sum of their weights in bits."""

    subject: str
    bits: float = 0.0
    levels: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, level: str, bits: float | None = None) -> None:
        """Count an agreement; its weight is the file's unless given. Raises `BadWeights` for an unknown level."""
        self.bits += weight(self.subject, name, level) if bits is None else bits
        self.levels[name] = level

    def judged(self, at_most: Verdict = "same", **more: object) -> Judgement:
        """The verdict, with the levels that were not unknown as evidence; what is different needs none."""
        score = round(probability(self.bits), 6)
        if score < MAYBE[self.subject] or at_most == "different":
            return Judgement("different", self.subject, score)
        verdict: Verdict = "same" if score >= SAME[self.subject] and at_most == "same" else "maybe"
        said = {name: level for name, level in self.levels.items() if level not in ("unknown", "both unsaid")}
        return Judgement(verdict, self.subject, score, {**said, **more})


def weight(subject: str, name: str, level: str) -> float:
    """The bits of one agreement. Raises `BadWeights` where the file has none."""
    try:
        return _weights()[subject, name][level]
    except KeyError:
        raise BadWeights(f"match_weights.csv has no {subject} {name} {level!r}") from None


def weight_along(subject: str, name: str, share: float) -> float:
    """The bits of an agreement that comes by degrees, on straight lines between the levels of the file."""
    points = _points(subject, name)
    low = points[0]
    for high in points[1:]:
        if share <= high[0]:
            return low[1] + (high[1] - low[1]) * (share - low[0]) / (high[0] - low[0])
        low = high
    return low[1]


def probability(bits: float) -> float:
    """Bits of odds as a probability."""
    return 1 / (1 + 2 ** -max(-_MOST_BITS, min(_MOST_BITS, bits)))


def bits_of(score: float) -> float:
    """A probability as bits of odds."""
    bounded = min(max(score, 1e-9), 1 - 1e-9)
    return math.log2(bounded / (1 - bounded))


@cache
def _weights() -> Mapping[tuple[str, str], Mapping[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows("match_weights.csv", DATA):
        where = f"match_weights.csv {row['subject']} {row['field']} {row['level']!r}"
        m, u = float(row["m"]), float(row["u"])
        if row["subject"] not in SUBJECTS or not (0 < m <= 1 and 0 < u <= 1) or not row["source"]:
            raise BadWeights(f"{where}: m and u are shares above 0, of a machine or a product, with a source")
        levels = found.setdefault((row["subject"], row["field"]), {})
        if row["level"] in levels:
            raise BadWeights(f"{where} stands twice")
        levels[row["level"]] = math.log2(m / u)
    return found


@cache
def _points(subject: str, name: str) -> tuple[tuple[float, float], ...]:
    return tuple(sorted((float(level), bits) for level, bits in _weights()[subject, name].items()))

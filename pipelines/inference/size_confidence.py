"""How sure a size class is: the share of votes, corrected for what they rest on, so that 0.8 means right in 8 of 10."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from inventory.taxonomy.size_classes import SizeClass

if TYPE_CHECKING:
    from pipelines.inference.model_size import Vote

WEIGHTS: Final = (-1.37, 0.56, 0.79, 0.68, 1.71, 0.02, 1.05, -0.52)
"""For `evidence`, fitted on answers for models left out (bench/training/size_confidence.py prints them)."""
SPLIT: Final = 0.3
"""Where makers share a number and the make is unknown, the votes are split, whatever else speaks for the winner."""
WELL_INSIDE: Final = 0.1
"""A size this far (in log) from both edges of its class cannot be more inside."""


def evidence(found: Sequence[Vote], chosen: SizeClass, share: float, size: float | None) -> tuple[float, ...]:
    """What the confidence in a class is reckoned from: bias, log odds of the share, distance of the size from the
    class's edges, the class's width, whether a published size agrees or disagrees, auction classes for and against."""
    share = min(max(share, 0.02), 0.98)
    edges = [edge for edge in (chosen.lower, chosen.upper) if edge]
    margin = min((abs(math.log(size / edge)) for edge in edges), default=WELL_INSIDE) if size else WELL_INSIDE
    width = math.log(chosen.upper / chosen.lower) if chosen.upper and chosen.lower else 0.3
    published = [vote.size for vote in found if vote.method != "rule" and vote.size is not None]
    classes = [vote.size_class for vote in found if vote.auction and vote.size_class is not None]
    agreeing = sum(known == chosen for known in classes)
    return (
        1.0,
        math.log(share / (1 - share)),
        min(margin, WELL_INSIDE) * 10,
        min(width, 0.5) * 2,
        float(any(known in chosen for known in published)),
        float(any(known not in chosen for known in published)),
        min(agreeing, 3) / 3,
        float(agreeing < len(classes)),
    )


def confidence(found: Sequence[Vote], chosen: SizeClass, share: float, size: float | None) -> float:
    """The chance that a class is right, by its evidence."""
    total = sum(w * x for w, x in zip(WEIGHTS, evidence(found, chosen, share, size), strict=True))
    return min(1 / (1 + math.exp(-total)), share + SPLIT)

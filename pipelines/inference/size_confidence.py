"""How sure a size class is: the share of votes, corrected for what they rest on, so that 0.8 means right in 8 of 10.

An answer that the evidence bears out in fewer than about 95 of 100 models never seen says less than 0.8, however
likely it is: between a chance of 0.8 and `ENOUGH` it says `AT_MOST`. So 0.8 and more can be relied on, at the price
of some modesty below (expected calibration error about 0.05 in place of 0.01). Labels that are wrong themselves
(see bench/training/size_confidence.py) bound what can be reached at about 0.97.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from inventory.taxonomy.machines import family
from inventory.taxonomy.size_classes import SizeClass, classes_of

if TYPE_CHECKING:
    from pipelines.inference.model_size import Vote

WEIGHTS: Final = (-0.58, 0.48, 1.78, 0.06, 0.87, -0.38, 0.58, -0.34, 1.42, -0.76, 0.02, 0.17, -0.04, -0.17)
FAMILIES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "backhoe-loaders": 0.03,
        "dozers": 0.62,
        "excavators": -0.65,
        "motor-graders": -0.01,
        "skid-steer-loaders": -0.65,
        "wheel-loaders": 0.06,
    }
)
"""For `evidence` and a family's offset, fitted on answers for models left out (bench/training/size_confidence.py)."""
ENOUGH: Final = 0.92
AT_MOST: Final = 0.799
SPLIT: Final = 0.3
"""Where makers share a number and the make is unknown, the votes are split, whatever else speaks for the winner."""
WELL_INSIDE: Final = 0.1
"""A size this far (in log) from both edges of its class cannot be more inside."""


def evidence(
    category: str, found: Sequence[Vote], chosen: SizeClass, share: float, size: float | None
) -> tuple[float, ...]:
    """What the confidence in a class is reckoned from, besides the family.

    Bias; log odds of the share; whether the published size of the variant most alike agrees, and how alike it is;
    how far the size lies from the class's edges; rules or relatives for, against, or none; auction classes for and
    against; the weight of all votes; the class's width and place; several makers under the number; no size at all.
    """
    share = min(max(share, 0.02), 0.98)
    edges = [edge for edge in (chosen.lower, chosen.upper) if edge]
    margin = min((abs(math.log(size / edge)) for edge in edges), default=WELL_INSIDE) if size else WELL_INSIDE
    width = math.log(chosen.upper / chosen.lower) if chosen.upper and chosen.lower else 0.5
    published = [vote for vote in found if vote.method != "rule" and vote.size is not None]
    best = max(published, key=lambda vote: vote.likeness, default=None)
    ruled = [supports(vote, chosen) for vote in found if vote.method == "rule"]
    auctioned = [vote.size_class == chosen for vote in found if vote.auction]
    classes = classes_of(category)
    return (
        1.0,
        math.log(share / (1 - share)),
        float(best is not None and supports(best, chosen)),
        min(best.likeness, 1.0) if best is not None else 0.0,
        min(margin, WELL_INSIDE) * 10,
        float(any(ruled)),
        float(not all(ruled)),
        float(not ruled),
        min(sum(auctioned), 3) / 3,
        float(not all(auctioned)),
        math.log(sum(vote.weight for vote in found) + 0.01),
        min(width, 0.5) * 2,
        classes.index(chosen) / len(classes),
        float(len({vote.make for vote in published}) > 1) + float(size is None),
    )


def supports(vote: Vote, chosen: SizeClass) -> bool:
    """Whether a vote is for the class."""
    return vote.size_class == chosen if vote.size is None else vote.size in chosen


def chance(category: str, clues: Sequence[float]) -> float:
    """The chance that a class is right, by its evidence."""
    total = sum(w * x for w, x in zip(WEIGHTS, clues, strict=True)) + FAMILIES.get(family(category), 0.0)
    return 1 / (1 + math.exp(-total))


def said(category: str, likely: float) -> float:
    """The confidence that is given for a chance. No labelled machine ever tested the other families."""
    return likely if likely >= ENOUGH and family(category) in FAMILIES else min(likely, AT_MOST)


def confidence(category: str, found: Sequence[Vote], chosen: SizeClass, share: float, size: float | None) -> float:
    """How sure a class is, 0 to 1."""
    likely = chance(category, evidence(category, found, chosen, share, size))
    if all(vote.method == "rule" for vote in found):  # nothing is known of the number itself
        likely = min(likely, AT_MOST)
    return said(category, min(likely, share + SPLIT))

"""The net weight of a dog product, from whichever of its texts says it, and how sure that is.

The order is that of trust: the variant that is sold, a row or feed column that says "net", the title, a row that says
only "weight", the description; a shipping weight, which is gross, only where nothing else is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from inventory.listing import SizeMethod
from pipelines.inference.dog_described import described_pack
from pipelines.inference.dog_specs import Said
from pipelines.inference.pack_weight import PackWeight, pack_count, pack_weight

AGREE: Final = 0.03
"""Weights that differ by less are one: "30 lb / 13.6 kg" is rounded."""
IN_DESCRIPTION: Final = re.compile(
    r"(?:net (?:weight|wt)|nettogewicht|füllmenge|inhalt|poids net|contenance|peso net[ot]o?|contenuto|inhoud)"
    r"\s*\.?\s*[:=]?\s*([^\n;]{2,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NetWeight:
    """What the pack holds, whether a row or a text said so, how sure that is (0 to 1), and the words themselves."""

    pack: PackWeight
    method: SizeMethod
    confidence: float
    source: str


def net_weight(
    title: str, variant: str, specs: Mapping[str, Said], description: str | None, *, pieces_in_bag: bool
) -> NetWeight | None:
    """The net weight, None where nothing says it. A pack count beside a weight of one multiplies it."""
    by_variant = pack_weight(variant, pieces_in_bag=pieces_in_bag) if variant else None
    if by_variant is not None:
        return NetWeight(by_variant, "text", 0.96, f"variant: {by_variant.text}")
    by_title = _of_title(title, variant, specs, pieces_in_bag)
    stated = _of_row(specs.get("net_weight"), pieces_in_bag)
    if stated is not None and by_title is not None:
        return _both(stated, by_title, specs["net_weight"].where)
    if stated is not None:
        return NetWeight(_counted(stated, variant, title, specs), "spec", 0.93, _source(specs["net_weight"]))
    if by_title is not None:
        return NetWeight(by_title, "text", 0.95, f"title: {by_title.text}")
    if (plain := _of_row(specs.get("weight"), pieces_in_bag)) is not None:
        return NetWeight(_counted(plain, variant, title, specs), "spec", 0.8, _source(specs["weight"]))
    for match in IN_DESCRIPTION.finditer(description or ""):
        if (said := pack_weight(match[1], pieces_in_bag=pieces_in_bag)) is not None:
            return NetWeight(said, "text", 0.7, f"description: {match[0].strip()}")
    if (pack := described_pack(description)) is not None:
        return NetWeight(pack, "text", 0.65, f"description: {pack.text[:60]}")
    if (gross := _of_row(specs.get("gross_weight"), True)) is not None:
        return NetWeight(gross, "spec", 0.35, f"{_source(specs['gross_weight'])} (gross)")
    return None


def _of_title(title: str, variant: str, specs: Mapping[str, Said], pieces_in_bag: bool) -> PackWeight | None:
    """The title's weight; a mere "Pack of 4" as variant, or a retailer's multipack in a feed, multiplies it."""
    by_title = pack_weight(title, pieces_in_bag=pieces_in_bag)
    if by_title is None or by_title.pack_count > 1:
        return by_title
    return _counted(by_title, "" if variant in title else variant, "", specs)


def _counted(pack: PackWeight, variant: str, title: str, specs: Mapping[str, Said]) -> PackWeight:
    """A weight of one, times the packs that something else states."""
    if pack.pack_count > 1:
        return pack
    said = specs.get("pack_count")
    counts = (pack_count(variant) if variant else None, pack_count(said.text) if said else None)
    count = next((count for count in counts if count), None) or (_in_words(title) if title else 1)
    return pack.times(count) if count > 1 else pack


def _in_words(title: str) -> int:
    """A count that a title states beside no weight: "Wet food, case of 12"."""
    return 1 if not (count := pack_count(title)) else count


def _of_row(said: Said | None, pieces_in_bag: bool) -> PackWeight | None:
    """The weight in a row; "0" and a volume are none, a bare number too."""
    return pack_weight(said.text, pieces_in_bag=pieces_in_bag) if said else None


def _both(stated: PackWeight, by_title: PackWeight, where: str) -> NetWeight:
    """A row and the title together: the same weight, the weight of one, or two that differ."""
    if close(stated.net_weight_g, by_title.net_weight_g):
        return NetWeight(replace(by_title, net_weight_g=stated.net_weight_g), "spec", 0.98, f"{where}: {stated.text}")
    if close(stated.net_weight_g, by_title.unit_weight_g):
        return NetWeight(by_title, "spec", 0.9, f"{where}: {stated.text}; title: {by_title.text}")
    return NetWeight(stated, "spec", 0.7, f"{where}: {stated.text}")


def _source(said: Said) -> str:
    return f"{said.where}: {said.text[:60]}"


def close(first: float, second: float) -> bool:
    """Whether two weights are the same within 3 %."""
    return abs(first - second) <= AGREE * max(first, second)

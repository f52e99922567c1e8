"""How many packs or pieces a dog product holds that states no weight beside the count."""

from __future__ import annotations

from typing import Final

from pipelines.inference.dog_age import piece_count
from pipelines.inference.dog_described import described_pieces
from pipelines.inference.dog_texts import Texts
from pipelines.inference.pack_weight import COUNT, PACK, pack_count

COUNTED: Final = frozenset({"dog-treats", "dog-health"})
"""What is given by the piece."""


def stated_packs(texts: Texts) -> int | None:
    """Packs beside no weight ("Pack of 6", "12-pack"), and pieces of what is given by the piece ("3 chews")."""
    said = texts.specs.get("pack_count")
    if texts.kind == "not-dog":
        return None
    if found := PACK.search(texts.both):
        return int(found[1]) or None
    if texts.kind in COUNTED and (pieces := piece_count(texts.both)):
        return pieces
    if (found := COUNT.search(texts.both)) and texts.kind is not None:
        return int(found[1]) or None
    if said and (count := pack_count(said.text)):
        return count
    return described_pieces(texts.description) if texts.kind == "dog-health" else None

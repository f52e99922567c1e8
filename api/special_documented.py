"""How the OpenAPI document describes special filters (`api.special_filters`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.places.circle import FARTHEST_KM
from api.search.words import MOST_CHARACTERS
from api.special_filters import HEAVIEST_KG, MOST_BREEDS

_TEXTS: Final[Mapping[str, tuple[str, dict[str, Any], Any]]] = {
    "q": (
        'Words that all are in the title, make, model, brand, category, size, city or a number of it; `"long reach"` '
        "side by side, `-used` not there. Endings do not matter; makers have all their names, and models may be "
        "written apart or together. Without `sort` the newest 1,000 matches are ranked and `truncated` "
        "says whether there are more; with `sort` the list has all of them",
        # Narrower than what is taken: a text without a letter or figure holds no word, and is refused.
        {"type": "string", "maxLength": MOST_CHARACTERS, "pattern": r"^[A-Za-z0-9][^\u0000]*$"},
        "cat 320d l",
    ),
    "near": (
        "`latitude,longitude` in degrees, or a town (`Tulsa, OK`): what lies within `within_km` of it, nearest first, "
        "with `distance_km`. `without_position` in the answer counts the rows of which no position is known",
        {"type": "string", "minLength": 3, "maxLength": 100},
        None,
    ),
    "within_km": (
        "How far from `near`, in kilometres",
        {"type": "number", "minimum": 0, "maximum": FARTHEST_KM},
        None,
    ),
    "seen_within": (
        "Last seen not longer ago than this: a number and m, h, d or w. All pages of a list look back from its first",
        {"type": "string", "pattern": "^[1-9][0-9]{0,4}[mhdw]$"},
        "24h",
    ),
    "fits_dog_kg": (
        "Products for dogs of this weight; those that name no weight are not among them",
        {"type": "number", "minimum": 0, "maximum": HEAVIEST_KG},
        12,
    ),
}
_BREED: Final[dict[str, Any]] = {
    "name": "breed",
    "in": "query",
    "description": "Products for dogs of a weight that adults of this breed have (several: of any of them)",
    "schema": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "maxItems": MOST_BREEDS,
    },
    "style": "form",
    "explode": False,
    "example": ["beagle"],
}


def special_parameter(name: str) -> dict[str, Any]:
    """The parameter as OpenAPI has it."""
    if name == "breed":
        return _BREED
    description, schema, example = _TEXTS[name]
    made: dict[str, Any] = {"name": name, "in": "query", "description": description, "schema": schema}
    return made if example is None else made | {"example": example}

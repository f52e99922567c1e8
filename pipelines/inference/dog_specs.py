"""What a dog product's specification rows, feed columns and tags say, by what they are about.

Names of rows in seven languages stand in data/dog_spec_names.csv. A feed's column ("net_weight", "shipping_weight_g")
is read as a row of that name. A parcel's weight and measures are told apart from the product's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from inventory.taxonomy.phrases import words
from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.breeds import DATA

COLUMNS: Final = ("field", "name", "language", "source")
FIELDS: Final = frozenset(
    {
        "net_weight", "unit_price", "weight", "gross_weight", "pack_count", "dog_weight", "suitable_for", "breed_size",
        "life_stage", "food_form", "size_label", "dimensions", "package_dimensions", "volume", "ingredients",
        "analysis", "other_section",
    }
)  # fmt: skip
UNITS_IN_NAMES: Final = frozenset(
    {"kg", "g", "lb", "lbs", "oz", "cm", "mm", "in", "inches", "ml", "l", "months", "years"}
)
OWN_COLUMNS: Final = frozenset({"title", "description", "specs", "tags", "size", "breadcrumbs", "images", "price"})
"""Raw fields that are read elsewhere."""
OF_PARCEL: Final = re.compile(
    r"pack(?:age|aging|ed)|shipping|parcel|verpackung|versand|colis|emball|paquete|env[ií]o", re.IGNORECASE
)
MAX_SPECS: Final = 200
MAX_NAME: Final = 80
MAX_TEXT: Final = 300
"""Characters of a row that may state a size; lists of ingredients are longer."""
LISTS: Final = frozenset({"ingredients", "analysis"})


class Said(NamedTuple):
    """A row's text and where it stood ("spec Net weight", "field net_weight", "tag life-stage")."""

    text: str
    where: str


def load(path: Path) -> Mapping[tuple[str, ...], str]:
    """Words of a row's name → field. Raises TaxonomyError for an unknown field or a name that means two."""
    found: dict[tuple[str, ...], str] = {}
    for line, row in read_rows(path, COLUMNS):
        key = tuple(word.text for word in words(row["name"]))
        if row["field"] not in FIELDS:
            raise TaxonomyError(path, line, f"unknown field {row['field']!r}")
        if key in found:
            raise TaxonomyError(path, line, f"the name {row['name']!r} stands twice")
        found[key] = row["field"]
    return MappingProxyType(found)


SPEC_NAMES: Final = load(DATA / "dog_spec_names.csv")


def read_dog_specs(raw: Mapping[str, Any]) -> tuple[dict[str, Said], list[Said]]:
    """Field → the first row that states it, and the rows of no known name, whose name is kept in front of the text."""
    found: dict[str, Said] = {}
    others: list[Said] = []
    for name, text, kind in pairs(raw):
        field, unit = field_of(name[:MAX_NAME])
        text = text if field in LISTS else text[:MAX_TEXT]
        if field is None:
            if not OF_PARCEL.search(name):
                others.append(Said(f"{name[:MAX_NAME]}: {text}", f"{kind} {name[:MAX_NAME]}"))
        elif field not in found and not (field == "life_stage" and is_of_people(name, text)):
            found[field] = Said(
                f"{text} {unit}" if unit and text.replace(".", "").isdigit() else text, f"{kind} {name}"
            )
    return found, others


def field_of(name: str) -> tuple[str | None, str | None]:
    """What a row is about, and the unit that its name ends with ("Weight (kg)")."""
    parts = tuple(word.text for word in words(name))
    if field := SPEC_NAMES.get(parts):
        return field, None
    if len(parts) > 1 and parts[-1] in UNITS_IN_NAMES:
        return SPEC_NAMES.get(parts[:-1]), parts[-1]
    return None, None


def is_of_people(name: str, text: str) -> bool:
    """Whether an age is the buyer's: a Google feed says "age_group: adult" of everything (support answer 6324463)."""
    return name.replace("_", " ").lower() == "age group" and text.strip().lower() in {"adult", "kids"}


def pairs(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(name, text, "field" | "spec" | "tag") of everything that has a name, a source's own columns first."""
    for name, value in raw.items():
        if name not in OWN_COLUMNS and (text := one_text(value)):
            yield name, text, "field"
    specs = raw.get("specs")
    for pair in specs[:MAX_SPECS] if isinstance(specs, list) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2 and (text := one_text(pair[1])):
            yield str(pair[0]), text, "spec"
    for tag in tags(raw):
        name, colon, text = tag.partition(":")
        if colon and text.strip():
            yield name, text.strip(), "tag"


def tags(raw: Mapping[str, Any]) -> list[str]:
    """A shop's own words for a product, one by one."""
    said = raw.get("tags")
    entries = said if isinstance(said, list) else str(said or "").split(",")
    return [str(entry).strip() for entry in entries[:MAX_SPECS] if str(entry).strip()]


def one_text(value: Any) -> str:
    """A scalar or a list of scalars as text, anything else as nothing."""
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value if isinstance(entry, str | int | float))
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

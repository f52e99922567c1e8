"""What a crate's length says, table by table: 24 inches is S here and XS there (data/crate_sizes.csv).

Published tables disagree, so none is taken for the listing's own size label: each reading keeps its source.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.breeds import DATA
from pipelines.inference.dog_weight import KG_PER_LB

COLUMNS: Final = ("length_min_in", "length_max_in", "size_label", "dog_weight_min_lb", "dog_weight_max_lb", "source")
CM_PER_IN: Final = 2.54
SLACK_IN: Final = 1.0
"""Crates sold as 24 inches measure 23 to 25."""


class CrateRow(NamedTuple):
    """One line of one published table."""

    length_min_in: float
    length_max_in: float
    size_label: str | None
    dog_weight_min_kg: float | None
    dog_weight_max_kg: float | None
    source: str


def load(path: Path) -> tuple[CrateRow, ...]:
    """The rows of all tables. Raises TaxonomyError for what is no number or a range upside down."""
    rows = []
    for line, row in read_rows(path, COLUMNS):
        try:
            shortest, longest = float(row["length_min_in"]), float(row["length_max_in"])
            low, high = (float(row[name]) * KG_PER_LB if row[name] else None for name in COLUMNS[3:5])
        except ValueError as error:
            raise TaxonomyError(path, line, str(error)) from error
        if shortest > longest or (low is not None and high is not None and low >= high):
            raise TaxonomyError(path, line, "a range is upside down")
        rows.append(CrateRow(shortest, longest, row["size_label"] or None, low, high, row["source"]))
    return tuple(rows)


CRATES: Final = load(DATA / "crate_sizes.csv")


def crate_readings(length_cm: float) -> list[dict[str, Any]]:
    """What each published table says of a crate of that length: size_label, dog_weight_min_kg, _max_kg, source."""
    inches = length_cm / CM_PER_IN
    found = []
    for row in CRATES:
        if row.length_min_in - SLACK_IN <= inches <= row.length_max_in + SLACK_IN:
            said = {
                "size_label": row.size_label,
                "dog_weight_min_kg": row.dog_weight_min_kg and round(row.dog_weight_min_kg, 2),
                "dog_weight_max_kg": row.dog_weight_max_kg and round(row.dog_weight_max_kg, 2),
                "source": row.source,
            }
            found.append({name: value for name, value in said.items() if value is not None})
    return found

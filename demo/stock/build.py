"""Writes `machines.csv` and `dog_products.csv` from the tables of facts beside it.

    python -m demo.stock.build

Deterministic: the same tables give the same files, byte for byte. Run it after a table changed, and commit both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from demo.stock.build_dog import dog_rows
from demo.stock.build_machines import machine_rows

HERE = Path(__file__).parent


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows (all with the keys of the first) and return how many there were."""
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def main() -> None:
    print("machines", write_csv(HERE / "machines.csv", machine_rows(HERE / "models.csv")))
    print("dog products", write_csv(HERE / "dog_products.csv", dog_rows(HERE / "dog_lines.csv")))


if __name__ == "__main__":
    main()

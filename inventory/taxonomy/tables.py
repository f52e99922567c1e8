"""Reading the taxonomy's CSV files, so that a wrong row is refused at load with file, line and reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

DATA = Path(__file__).parent / "data"


class TaxonomyError(ValueError):
    """A row of a data file is wrong; the message names file, line and reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name} line {line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) of a CSV file; `columns` must be its header, in order.

    Raises TaxonomyError for another header, a row with too few or too many cells, or an empty `source`.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        if header != list(columns):
            raise TaxonomyError(path, 1, f"columns are {header}, expected {list(columns)}")
        for cells in reader:
            if len(cells) != len(header):
                raise TaxonomyError(path, reader.line_num, f"{len(cells)} cells, expected {len(header)}")
            row = dict(zip(header, cells, strict=True))
            if not row.get("source", "-").strip():
                raise TaxonomyError(path, reader.line_num, "no source")
            yield reader.line_num, row

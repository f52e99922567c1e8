"""Where snapshots lie, and what each says of itself. Needs no Arrow: the API lists and serves them by this."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from inventory.listing import VERTICALS

SUFFIX: Final = ".parquet"
KEY: Final = "yardstick"
"""Of the file's own metadata; its value is JSON that begins with `MARK`."""
MARK: Final = '{"yardstick_snapshot": 1'
_MAGIC: Final = b"PAR1"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot on the disk. `data_as_of`: when the newest whole healthy crawl in it ended."""

    vertical: str
    rows: int
    bytes: int
    written_at: datetime
    data_as_of: datetime | None
    licence: str | None


def snapshot_file(folder: Path, vertical: str) -> Path:
    """The file of a vertical's snapshot."""
    return folder / f"{vertical}{SUFFIX}"


def snapshots(folder: Path | None) -> list[Snapshot]:
    """What lies there, in the order of the verticals. A file that is none of ours is passed over."""
    found: list[Snapshot] = []
    for vertical in VERTICALS if folder is not None else ():
        assert folder is not None
        try:
            with snapshot_file(folder, vertical).open("rb") as file:
                said = said_by(file.fileno())
                size = os.fstat(file.fileno()).st_size
        except OSError:
            continue
        if said is not None and said["vertical"] == vertical:
            as_of = said["data_as_of"]
            found.append(
                Snapshot(
                    vertical,
                    said["rows"],
                    size,
                    datetime.fromisoformat(said["written_at"]),
                    None if as_of is None else datetime.fromisoformat(as_of),
                    said["licence"],
                )
            )
    return found


def about(vertical: str, rows: int, written_at: datetime, data_as_of: datetime | None, licence: str | None) -> str:
    """What a snapshot says of itself in its metadata: JSON that `said_by` finds."""
    return json.dumps(
        {
            "yardstick_snapshot": 1,
            "vertical": vertical,
            "rows": rows,
            "written_at": written_at.astimezone(UTC).isoformat(),
            "data_as_of": None if data_as_of is None else data_as_of.astimezone(UTC).isoformat(),
            "licence": licence,
        }
    )


def said_by(descriptor: int) -> dict[str, Any] | None:
    """What an open Parquet file says of itself: our JSON in its footer. None where it is no snapshot, or torn."""
    size = os.fstat(descriptor).st_size
    end = os.pread(descriptor, 8, max(size - 8, 0))
    if size < 12 or end[4:] != _MAGIC:
        return None
    length = int.from_bytes(end[:4], "little")
    footer = os.pread(descriptor, length, size - 8 - length) if length < size - 8 else b""
    _, mark, rest = footer.partition(MARK.encode())
    if not mark:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(MARK + rest.decode("utf-8", "replace"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None

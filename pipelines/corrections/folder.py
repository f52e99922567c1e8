"""The files of corrections that somebody named: a file, or all of a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pipelines.corrections.reading import CorrectionFile, read_file

MAX_FILE_BYTES: Final = 64 * 1024 * 1024


class NoFile(ValueError):
    """A path cannot be followed; the message names it and says what to do."""


def files_at(paths: Iterable[str]) -> list[CorrectionFile]:
    """The files at these paths, each once, in the order of their names. Raises `NoFile`."""
    found: dict[str, Path] = {}
    for path in (Path(text) for text in paths):
        if not path.exists():
            raise NoFile(f"{path}: no such file or folder")
        inside = sorted(path.glob("*.csv")) if path.is_dir() else [path]
        if not inside:
            raise NoFile(f"{path}: no *.csv in this folder")
        for file in inside:
            if found.setdefault(file.name, file).resolve() != file.resolve():
                raise NoFile(f"{file}: a file is known by its name, and {found[file.name]} has the same: rename one")
    return [read_file(name, _content(file)) for name, file in sorted(found.items())]


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise NoFile(f"{file}: larger than {MAX_FILE_BYTES // 1024 // 1024} MB, which no person wrote")
        return file.read_bytes()
    except OSError as error:
        raise NoFile(f"{file}: cannot be read: {error.strerror}") from None

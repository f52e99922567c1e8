"""The page's machine among all objects that the page carries as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crawler.extraction.carried import Carried
from crawler.extraction.machine_record import Record, reading_of
from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject, words_of

_LIKE: Final = 0.6
"""An object whose name shares so much with title or heading may be the page's thing, wherever it stands."""
_SURE: Final = 4
"""An object that stands alone and says so many facts is it, whatever its name."""


def read_machine_data(subject: Subject, values: Iterable[tuple[Carried, str]]) -> Reading | None:
    """The machine that the page is about; None where none is, or where several could be."""
    best: tuple[tuple[bool, bool, float, int], Record, str] | None = None
    for carried, source in values:
        for record, path, alone in carried.machines:
            like = _likeness(record, subject)
            if like < _LIKE and not (alone and record.strength >= _SURE):
                continue
            rank = (alone and like >= _LIKE, alone, like, record.strength)
            if best is None or rank > best[0]:
                best = (rank, record, f"{source} {path}".strip())
    return reading_of(best[1], best[2]) if best else None


def _likeness(record: Record, subject: Subject) -> float:
    """By its name in title, heading or address."""
    name = record.name
    in_address = words_of(name) and words_of(name) <= words_of(subject.url_text.replace("-", " ").replace("/", " "))
    return max(subject.likeness(name), float(bool(in_address)))

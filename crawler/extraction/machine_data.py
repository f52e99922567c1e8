"""The page's machine among all objects that the page carries as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from crawler.extraction.machine_record import Record, meanings_of, read_record, reading_of
from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject, words_of

_MAX_NODES: Final = 50_000
_MAX_DEPTH: Final = 20
_LIKE: Final = 0.6
"""An object whose name shares so much with title or heading may be the page's thing, wherever it stands."""
_SURE: Final = 4
"""An object that stands alone and says so many facts is it, whatever its name."""


def read_machine_data(subject: Subject, values: Iterable[tuple[Any, str]]) -> Reading | None:
    """The machine that the page is about; None where none is, or where several could be."""
    best: tuple[tuple[bool, bool, float, int], Record, str] | None = None
    for value, source in values:
        for node, path, alone in _objects(value):
            record = read_record(node)
            if not record.is_machine:
                continue
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


def _objects(value: Any) -> Iterator[tuple[dict[str, Any], str, bool]]:
    """Every object with its path and whether it stands alone: not one of several in a list, nor in a box of others."""
    stack: list[tuple[Any, str, bool, int]] = [(value, "", True, 0)]
    seen = 0
    while stack and seen < _MAX_NODES:
        node, path, alone, depth = stack.pop()
        seen += 1
        if depth > _MAX_DEPTH:
            continue
        if isinstance(node, dict):
            yield node, path, alone
            for key, inner in reversed(node.items()):
                if isinstance(inner, dict | list) and "elsewhere" not in meanings_of(str(key)):
                    stack.append((inner, f"{path}.{key}" if path else str(key), alone, depth + 1))
        elif isinstance(node, list):
            several = sum(isinstance(inner, dict) for inner in node) > 1
            inners = [inner for inner in reversed(node[:2000]) if isinstance(inner, dict | list)]
            stack.extend((inner, path, alone and not several, depth + 1) for inner in inners)

"""`sort=-price,year`: the order of a list, always made unique by the id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.columns import ApiColumn
from api.problems import ParameterError, suggest

MOST_KEYS: Final = 5


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. Nulls stand last, whichever the direction."""

    column: ApiColumn
    descending: bool

    def __str__(self) -> str:
        return ("-" if self.descending else "") + self.column.name


def parse_sort(
    columns: Mapping[str, ApiColumn], text: str, identity: Sequence[str]
) -> tuple[Key, ...] | ParameterError:
    """The keys of the order, ending in `identity`. The tiebreak runs as the last key does, so that an index serves
    both."""
    keys: list[Key] = []
    for part in text.split(","):
        name = part.strip().removeprefix("-")
        column = columns.get(name)
        if column is None or not column.sortable:
            known = [known.name for known in columns.values() if known.sortable]
            return ParameterError("sort", f"{name!r} is not a column to sort by", suggest(name, known))
        if any(key.column is column for key in keys):
            return ParameterError("sort", f"{name!r} is given twice")
        keys.append(Key(column, part.strip().startswith("-")))
    if len(keys) > MOST_KEYS:
        return ParameterError("sort", f"has {len(keys)} columns; at most {MOST_KEYS}")
    return unique(tuple(keys), [columns[name] for name in identity])


def unique(keys: tuple[Key, ...], identity: Sequence[ApiColumn]) -> tuple[Key, ...]:
    """The keys up to all of `identity`, of which what is missing is added; behind it nothing decides any more."""
    missing = list(identity)
    for position, key in enumerate(keys):
        missing = [column for column in missing if column is not key.column]
        if not missing:
            return keys[: position + 1]
    return (*keys, *(Key(column, keys[-1].descending) for column in missing))

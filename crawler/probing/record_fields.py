"""The values of records by their path: nested objects opened, names taken apart into words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pipelines.parsing.lexicon import fold

MAX_RECORDS: Final = 200
MAX_PATHS: Final = 400
_DEPTH: Final = 3
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD: Final = re.compile(r"[^\W_]+")
_EMPTY: Final = frozenset({"value", "amount", "name", "text", "title", "label", "url", "src", "href", "display"})
"""Names that say nothing by themselves: `price.amount` is a price, `usage.value` a usage."""


@dataclass(slots=True)
class Values:
    """What stands at one path of the records. `names`: what the path may be called, the most telling first."""

    path: str
    names: tuple[str, ...]
    found: list[Any] = field(default_factory=list)
    records: int = 0

    @property
    def share(self) -> float:
        """How many of the records say something here."""
        return len(self.found) / self.records if self.records else 0.0


def values_by_path(records: Iterable[Mapping[str, Any]], *, columns: bool) -> list[Values]:
    """Every path that a record has. `columns`: names are those of columns and not opened (csv, tsv, xml)."""
    found: dict[str, Values] = {}
    count = 0
    for record in records:
        count += 1
        if count > MAX_RECORDS:
            count -= 1
            break
        for path, parts, value in _open(record, (), columns=columns):
            if path not in found and len(found) < MAX_PATHS:
                found[path] = Values(path, _names(parts))
            if path in found and value not in (None, "", [], {}):
                found[path].found.append(value)
    for values in found.values():
        values.records = count
    return list(found.values())


def _open(
    value: Mapping[str, Any], above: tuple[str, ...], *, columns: bool
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    for key, inner in value.items():
        parts = (*above, str(key))
        if columns:
            yield str(key), parts, inner
        elif isinstance(inner, dict) and len(parts) < _DEPTH:
            yield from _open(inner, parts, columns=False)
        else:
            path = ".".join(part if _PLAIN.fullmatch(part) else _quoted(part) for part in parts)
            address = _address_in(inner)
            yield (f"{path}[].{address}", parts, inner) if address else (path, parts, inner)


def _address_in(value: Any) -> str | None:
    """The key under which a list of objects, such as images, names its addresses."""
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return None
    return next(
        (k for k in ("url", "src", "href", "large", "original", "path") if isinstance(value[0].get(k), str)), None
    )


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _names(parts: tuple[str, ...]) -> tuple[str, ...]:
    words = [plain_name(part) for part in parts]
    names = [words[-1]]
    if len(words) > 1:
        whole = f"{words[-2]} {words[-1]}"
        names = [whole, words[-2]] if words[-1] in _EMPTY else [whole, words[-1]]
    return tuple(names)


def plain_name(name: str) -> str:
    """A key as words: `yearOfManufacture`, `Year_of-Manufacture` and `g:year` are told apart by their words only."""
    name = name.rpartition("}")[2].removeprefix("g:")
    return " ".join(_WORD.findall(fold(_CAMEL.sub(" ", name)))) or name

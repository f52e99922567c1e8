"""A value that a page carries for its scripts, and the machines in it, looked for when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from crawler.extraction.machine_record import Record, meanings_of, read_record

_MAX_NODES: Final = 50_000
_MAX_DEPTH: Final = 20


@dataclass(frozen=True, eq=False)
class Carried:
    """JSON as it was parsed. Scripts of one site stand in all of its pages, and pages share what was found in them."""

    value: Any

    @cached_property
    def machines(self) -> list[tuple[Record, str, bool]]:
        """Each object that is a machine with its path, and whether it stands alone: not one of several in a list."""
        found = ((read_record(node), path, alone) for node, path, alone in _objects(self.value))
        return [(record, path, alone) for record, path, alone in found if record.is_machine]


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

"""JSON-LD nodes that say only where the rest stands: `{"@id": "#brand"}`, and products inside of their offers."""

from __future__ import annotations

from typing import Any, Final

from crawler.extraction.schema_product import type_names

_REFERRING: Final = frozenset({"brand", "manufacturer", "offers", "aggregateRating", "image", "hasVariant"})
_NAMING: Final = frozenset({"@id", "@type"})


class References:
    """The nodes of a page's JSON-LD by their `@id`, and the offers that a product stands in."""

    def __init__(self, nodes: list[tuple[dict[str, Any], str]]) -> None:
        self._by_id: dict[str, dict[str, Any]] = {}
        self._offers: dict[int, dict[str, Any]] = {}
        for node, path in nodes:
            name = node.get("@id")
            if isinstance(name, str) and not is_reference(node):
                self._by_id.setdefault(name, node)
            inner = node.get("itemOffered")
            if isinstance(inner, dict) and "offers" not in path and type_names(node) & {"offer", "aggregateoffer"}:
                self._offers[id(inner)] = {key: value for key, value in node.items() if key != "itemOffered"}

    def whole(self, node: dict[str, Any]) -> dict[str, Any]:
        """A product with the nodes that it refers to in their place, and with the offer around it as its own."""
        found = {key: self._resolved(value) if key in _REFERRING else value for key, value in node.items()}
        if "offers" not in found and id(node) in self._offers:
            found["offers"] = self._offers[id(node)]
        return found

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(item) for item in value[:200]]
        if isinstance(value, dict) and is_reference(value):
            name = value.get("@id")
            return self._by_id.get(name, value) if isinstance(name, str) else value
        return value


def is_reference(node: dict[str, Any]) -> bool:
    """Whether a node says nothing but which other node is meant."""
    return "@id" in node and node.keys() <= _NAMING

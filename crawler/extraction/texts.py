"""The texts of a page in reading order, each with the element around it: one walk over the tree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

_UNREAD: Final = (
    "script", "style", "noscript", "template", "textarea", "svg", "iframe", "object", "nav", "footer", "select",
)  # fmt: skip
"""Elements whose text is not seen, or is about the site and not about the thing."""
MAX_NODES: Final = 40_000
MAX_ELEMENTS: Final = 400_000
"""Elements that are looked at for texts: 50 times what a large page has."""
MAX_TEXT: Final = 4000


@dataclass(slots=True, eq=False)
class Node:
    """A piece of text: its place in reading order, its text (one space) and the element around it."""

    index: int
    text: str
    element: etree._Element


def text_nodes(body: etree._Element) -> list[Node]:
    """All texts with something in them, at most `MAX_NODES`, each cut at `MAX_TEXT` characters.

    The tree is walked without looking at where an element ends, which is half the work: a text behind an element that
    holds others (and the end of an unread one) waits for the last element inside.
    """
    unread = set(body.iter(*_UNREAD))
    nodes: list[Node] = []
    waiting: dict[etree._Element, list[tuple[str, etree._Element]]] = {}
    last_inside: dict[etree._Element, etree._Element] = {}
    unread_until: etree._Element | None = None
    for element in islice(body.iter(), MAX_ELEMENTS):
        if unread_until is None:
            if element in unread:
                last = _last_inside(element, last_inside)
                unread_until = last if last is not element else None
            elif (text := element.text) and not text.isspace():
                nodes.append(Node(len(nodes), " ".join(text[:MAX_TEXT].split()), element))
                if len(nodes) >= MAX_NODES:
                    break
            if (tail := element.tail) and not tail.isspace() and (around := element.getparent()) is not None:
                waiting.setdefault(_last_inside(element, last_inside), []).append((tail, around))
        elif element is unread_until:
            unread_until = None
        if waiting and element in waiting:
            for text, around in reversed(waiting.pop(element)):  # the innermost element ends first
                nodes.append(Node(len(nodes), " ".join(text[:MAX_TEXT].split()), around))
    return nodes[:MAX_NODES]


def _last_inside(element: etree._Element, known: dict[etree._Element, etree._Element]) -> etree._Element:
    """The last element inside an element, itself where it holds none; `known` keeps deep trees from costing squares."""
    if not len(element):
        return element
    chain, last = [], element
    while len(last):
        if last in known:
            last = known[last]
            break
        chain.append(last)
        last = last[-1]
    known.update(dict.fromkeys(chain, last))
    return last

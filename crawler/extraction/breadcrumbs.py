"""The path of sections above a page, from its breadcrumb navigation."""

from __future__ import annotations

from typing import Final

from lxml import etree

from crawler.extraction.query import elements
from crawler.extraction.subject import Subject, text_of

_TAGS: Final = (("nav", "ol", "ul"), ("div", "section", "p"))
"""Elements that hold the trail, the likelier first."""
_PARTS: Final = elements(".//a | .//li[not(.//a)] | .//*[@itemprop='name'][not(ancestor::a) and not(.//a)]")
_NAMING: Final = ("class", "id", "itemtype")
_SIGNS: Final = " \t\n/>»›→|-–•·\\"
MAX_PARTS: Final = 12


def read_breadcrumbs(subject: Subject) -> list[str]:
    """The names of the trail, from the top down; an empty list without one."""
    found: list[str] = []
    trail = _first_trail(subject.root)
    if trail is not None:
        for part in _PARTS(trail)[: MAX_PARTS * 3]:
            text = text_of(part).strip(_SIGNS)
            if text and len(text) <= 120 and text not in found:
                found.append(text)
    return found[:MAX_PARTS]


def _first_trail(root: etree._Element) -> etree._Element | None:
    for tags in _TAGS:
        for element in root.iter(*tags):
            for attribute in _NAMING:
                names = element.get(attribute)
                if names is not None and "readcrumb" in names:
                    return element
    return None

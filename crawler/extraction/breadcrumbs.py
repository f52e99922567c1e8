"""The path of sections above a page, from its breadcrumb navigation."""

from __future__ import annotations

from typing import Final

from lxml import etree

from crawler.extraction.subject import Subject, text_of

_TRAIL: Final = etree.XPath(
    "(//*[contains(@itemtype, 'BreadcrumbList')] | //*[(self::nav or self::ol or self::ul or self::div) and "
    "(contains(@class, 'readcrumb') or contains(@id, 'readcrumb') or contains(@aria-label, 'readcrumb') "
    "or @class='crumbs' or contains(@class, 'bread-crumb'))])[1]"
)
_PARTS: Final = etree.XPath(".//a | .//li[not(.//a)] | .//*[@itemprop='name'][not(ancestor::a) and not(.//a)]")
_SIGNS: Final = " \t\n/>»›→|-–•·\\"
MAX_PARTS: Final = 12


def read_breadcrumbs(subject: Subject) -> list[str]:
    """The names of the trail, from the top down; an empty list without one."""
    found: list[str] = []
    for trail in _TRAIL(subject.root):
        for part in _PARTS(trail)[: MAX_PARTS * 3]:
            text = text_of(part).strip(_SIGNS)
            if text and len(text) <= 120 and text not in found:
                found.append(text)
    return found[:MAX_PARTS]

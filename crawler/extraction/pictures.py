"""Pictures of the page's thing where its data names none: the shared one, and those that carry its name."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from crawler.extraction.reading import MAX_IMAGES
from crawler.extraction.subject import Subject, share, words_of
from crawler.extraction.visible import Visible, ancestors

_MAX_LOOKED_AT: Final = 300
_LIKE: Final = 0.7
_SOURCES: Final = ("data-src", "data-lazy-src", "data-original", "data-zoom-image", "src")
"""A picture that is loaded late has its address in an attribute of its own, and a stand-in in `src`."""
_NO_PICTURE: Final = re.compile(
    r"logo|favicon|placeholder|spacer|pixel|sprite|avatar|no[-_]?image|/flags?/|^data:", re.IGNORECASE
)


_GALLERY: Final = re.compile(
    r"galler|galerie|lightbox|photo|foto|slide|swiper|carousel|product[-_]?(?:image|media)|thumb|picture", re.IGNORECASE
)


def read_pictures(subject: Subject, visible: Visible) -> list[str]:
    """Addresses as the page writes them, at most as many as a listing keeps."""
    shared = subject.meta.get("og:image") or subject.meta.get("twitter:image") or ""
    found = {shared: None} if shared and not _NO_PICTURE.search(shared) else {}
    name = words_of(subject.heading_text) or subject.main_words
    for number, image in enumerate(subject.root.iter("img")):
        if number >= _MAX_LOOKED_AT or len(found) >= MAX_IMAGES:
            break
        source = next((image.get(key) for key in _SOURCES if image.get(key)), None)
        if not source or source in found or _NO_PICTURE.search(source):
            continue
        if not (_has_name(image, name) or _in_gallery(image)) or _in_link(image):
            continue
        if not visible.is_aside(image) or _is_named(image, name):
            found[source] = None
    return list(found)


def _has_name(image: etree._Element, name: frozenset[str]) -> bool:
    alt = words_of(image.get("alt") or image.get("title") or "")
    return len(alt) > 1 and share(alt, name) >= _LIKE and len(alt) >= len(name) / 2


def _is_named(image: etree._Element, name: frozenset[str]) -> bool:
    """Whether a picture is called exactly what the page is: of the thing, also in a carousel."""
    return len(name) > 2 and words_of(image.get("alt") or "") == name


def _in_gallery(image: etree._Element) -> bool:
    return any(_GALLERY.search(f"{e.get('class') or ''} {e.get('id') or ''}") for e in ancestors(image, 4))


def _in_link(image: etree._Element) -> bool:
    """Whether the picture leads to a page: a related thing's. Links to larger pictures do not."""
    for element in image.iterancestors("a"):
        target = (element.get("href") or "").split("?")[0].lower()
        return not target.startswith("#") and not target.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"))
    return False

"""Compiled XPath queries with typed answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from lxml import etree


def elements(path: str) -> Callable[[etree._Element], list[etree._Element]]:
    """A query whose answer is a list of elements."""
    query: Callable[[etree._Element], Any] = etree.XPath(path)
    return lambda root: cast(list[etree._Element], query(root))


def strings(path: str) -> Callable[[etree._Element], list[Any]]:
    """A query whose answer is a list of texts: attributes, or text nodes that know their element (`getparent`)."""
    query: Callable[[etree._Element], Any] = etree.XPath(path)
    return lambda root: cast(list[Any], query(root))


def string(path: str) -> Callable[[etree._Element], str]:
    """A query whose answer is one text ("" without a match)."""
    query: Callable[[etree._Element], Any] = etree.XPath(path, smart_strings=False)
    return lambda root: str(query(root))

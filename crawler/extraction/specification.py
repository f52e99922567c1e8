"""Name and value in pairs: specification tables, definition lists, rows of two cells, and labelled text.

Every pair of a table or list is kept (`specs`); those whose name is a known label also fill their field. Text near
the main heading is read the same way: "Hours: 5,239", or "Hours" with the value right behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from crawler.extraction.identifiers import Code
from crawler.extraction.no_value import is_no_value
from crawler.extraction.reading import Reading
from crawler.extraction.subject import text_of
from crawler.extraction.texts import Node
from crawler.extraction.visible import Visible, ancestors
from pipelines.wording.field_values import accepted, spelled_code
from pipelines.wording.labels import LONGEST, label_fields, may_be_label, names_measure, split_label

_MAX_ROWS: Final = 400
_MAX_VALUE: Final = 300
_REPEATED: Final = 3
_MAX_CODES: Final = 20
_LONGEST_LINE: Final = 200
_FAR: Final = 4000
"""Texts behind the main heading that are still looked at."""
_BEFORE: Final = 8
"""Texts before the main heading that may still be about its thing."""
_BETWEEN_CELLS: Final = frozenset({":", "：", "-", "–", "="})
_TELLING: Final = ("year", "hours", "price")
_OF_MACHINES: Final = frozenset({"make", "model", "year", "hours", "serial_number", "location", "condition"})


@dataclass(slots=True)
class Seen:
    """What a reader finds under labels: fields, every candidate for the shop's own number, and a labelled price."""

    reading: Reading
    codes: list[Code]
    price: tuple[str, str] | None
    is_repeated: bool
    """Whether the same labels come again and again with other values, as on a list of things."""


def read_seen(visible: Visible) -> Seen:
    """Tables and lists first, then labelled text in reading order from the main heading on."""
    tables, texts = Reading(), Reading()
    codes: list[Code] = []
    _read_tables(visible, tables, codes)
    is_repeated = _read_labels(visible, texts, codes)
    tables.take(texts)
    price = (str(tables.raw["price"]), tables.provenance["price"]) if "price" in tables.raw else None
    tables.drop("price")
    tables.drop("sku")
    return Seen(tables, codes, price, is_repeated)


def _read_tables(visible: Visible, found: Reading, codes: list[Code]) -> None:
    """The pairs of tables and definition lists outside navigation and related products."""
    for name, value, where, element in _structured(visible):
        if not 1 < len(name) <= 80 or not 0 < len(value) <= _MAX_VALUE or visible.zone(element).elsewhere:
            continue  # hidden ones count: a specification often stands behind a tab
        fields = label_fields(name)
        if is_no_value(value) and "price" not in fields:
            continue
        found.add_spec(name, value)
        _fill(found, fields, value, f"{where} “{name}”", codes)


def _read_labels(visible: Visible, found: Reading, codes: list[Code]) -> bool:
    """Labelled text: "Hours: 5,239", or "Hours" with the value right behind it. Whether labels repeat as on a list.

    What a machine is stands behind its heading and before what is related; elsewhere only where nothing does so there.
    """
    values: dict[str, set[str]] = {}
    others: dict[str, set[str]] = {}
    outside = Reading()
    first, end = (visible.heading_at or 0) - _BEFORE, visible.main_end
    for node in islice(visible.after_heading(), _FAR):
        text = node.text
        if len(text) > LONGEST and (len(text) > _LONGEST_LINE or ":" not in text):
            continue
        if not may_be_label(text):
            continue
        split = split_label(text)
        fields = split[0] if split else label_fields(text)
        if (not fields and not names_measure(text)) or visible.zone(node.element).elsewhere:
            continue
        value = split[1] if split else _value_above(visible, node, fields) or _value_behind(visible, node.index)
        if not value or (is_no_value(value) and "price" not in fields):
            continue
        name = (text[: len(text) - len(value)] if split else text).strip(" :")
        inside = first <= node.index < end
        if inside or not (names_measure(name) or _OF_MACHINES.intersection(fields)):
            found.add_spec(name, value)
        if not fields:
            continue
        (values if inside else others).setdefault(fields[0], set()).add(value)
        own = inside or not _OF_MACHINES.intersection(fields)
        _fill(found if own else outside, fields, value, f"text “{name}”", codes)
    is_repeated = any(len(values.get(field, ())) >= _REPEATED for field in _TELLING)
    if not _OF_MACHINES.intersection(found.raw):
        is_repeated |= any(len(others.get(field, ())) >= _REPEATED for field in _TELLING)
        found.take(outside)
    return is_repeated


def _fill(found: Reading, fields: tuple[str, ...], value: str, where: str, codes: list[Code]) -> None:
    """Give the value to every field the label may name that accepts it and is not known."""
    for field in fields:
        if field in found.raw and field != "sku":
            continue
        text = accepted(field, value)
        if text is None and field == "sku" and "sku" in where.casefold():
            text = spelled_code(value)
        if text is None or (field == "model" and not any(map(str.isdigit, text)) and "mod" not in where.casefold()):
            continue  # "Type: Excavator" is no model
        if field == "sku" and len(codes) < _MAX_CODES:
            codes.append(Code(text, where, -0.01 * len(codes)))
        found.put(field, text, where)


def _structured(visible: Visible) -> Iterator[tuple[str, str, str, etree._Element]]:
    elements = visible.subject.elements
    for row in elements["tr"][:_MAX_ROWS]:
        cells = [c for c in row if c.tag in ("td", "th")]
        heads = sum(c.tag == "th" for c in cells)
        if (len(cells) == 2 or (len(cells) == 4 and heads in (0, 2))) and next(row.iter("table"), None) is None:
            for name, value in zip(cells[::2], cells[1::2], strict=False):
                yield text_of(name), text_of(value), "table", row
        elif len(cells) == 3 and text_of(cells[1]) in _BETWEEN_CELLS:
            yield text_of(cells[0]), text_of(cells[2]), "table", row
        elif len(cells) in (6, 8) and heads in (0, len(cells) // 2) and label_fields(text_of(cells[0])):
            for name, value in zip(cells[::2], cells[1::2], strict=True):
                yield text_of(name), text_of(value), "table", row
        elif heads == len(cells) > 2:
            yield from _under_heads(row, cells)
    for term in elements["dt"][:_MAX_ROWS]:
        following = term.getnext()
        if following is not None and following.tag == "dd":
            yield text_of(term), text_of(following), "definition list", term


def _under_heads(row: etree._Element, heads: list[etree._Element]) -> Iterator[tuple[str, str, str, etree._Element]]:
    """A table of one row of names over one row of values; with more rows it is a list of things."""
    table = next(row.iterancestors("table"), None)
    rows = [] if table is None else list(islice(table.iter("tr"), 3))
    if len(rows) == 2 and rows[0] is row and len(rows[1]) == len(heads):
        for name, value in zip(heads, rows[1], strict=True):
            yield text_of(name), text_of(value), "table", row


def _value_above(visible: Visible, label: Node, fields: tuple[str, ...]) -> str | None:
    """The value of a tile that has its label below: "7.915" over "Betriebsstunden", and nothing else in the box."""
    before = visible.nodes[label.index - 1] if label.index else None
    if before is None or label.text.endswith((":", "：")) or not _OF_MACHINES.intersection(fields):
        return None
    after = visible.nodes[label.index + 1].element if label.index + 1 < len(visible.nodes) else None
    outer = visible.nodes[label.index - 2].element if label.index > 1 else None
    for box in ancestors(label.element, 3)[1:]:
        inside = [e is not None and (e is box or box in ancestors(e, 5)) for e in (outer, before.element, after)]
        if inside[1]:
            alone = not inside[0] and not inside[2] and not label_fields(before.text)
            return before.text if alone and any(accepted(field, before.text) for field in fields) else None
        if inside[2]:
            return None
    return None


def _value_behind(visible: Visible, at: int) -> str | None:
    """The text right behind a label, within the smallest element that holds more than the label."""
    nodes = visible.nodes
    label = nodes[at]
    following = nodes[at + 1 : at + 8]
    for box in ancestors(label.element, 4):
        inside = []
        for node in following:
            if box is node.element or box in ancestors(node.element, 7):
                inside.append(node)
            else:
                break
        if not inside:
            continue
        if inside[0].text.strip(" :：-") == "":
            inside = inside[1:]
        if not inside or label_fields(inside[0].text) or _is_on_button(inside[0]):
            return None
        if len(inside) >= 6 or len({n.text for n in inside}) == 1 or _starts_with_link(inside):
            inside = inside[:1]
        value = " ".join(n.text for n in inside).strip(" :：")
        first = inside[0].text.strip(" :：")
        mixed = any(n.text.endswith((":", "：")) or label_fields(n.text) for n in inside[1:])
        return value if len(value) <= 80 and not mixed else first[:_MAX_VALUE]
    return None


def _is_on_button(node: Node) -> bool:
    return any(element.tag == "button" for element in ancestors(node.element, 3))


def _starts_with_link(inside: list[Node]) -> bool:
    """Whether a link is the value, and what follows is about it: "Brand: <a>Minn Kota</a> USA"."""
    return len(inside) > 1 and inside[0].element.tag == "a" and inside[1].element.tag != "a"

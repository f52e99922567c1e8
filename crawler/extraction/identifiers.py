"""Which of the identifiers on a page is the shop's own number of the thing.

What a customer can read under a usual name ("SKU", "Art. Nr.", "Ref.") and finds again in the address is surest;
an internal number that only the data knows is taken last.
"""

from __future__ import annotations

from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject
from crawler.extraction.url_id import id_in_url, stands_in
from crawler.extraction.visible import Visible


def choose_sku(
    subject: Subject, visible: Visible, found: Reading, seen: Reading, structured: tuple[object, str | None]
) -> None:
    """Settle `sku`: the data's if it can be seen, else the labelled one, else the data's, else the one in the address."""
    data_sku, data_where = structured
    own = found.provenance.get("sku", "").startswith("selector ")
    if own:
        return
    labelled, labelled_where = seen.raw.get("sku"), seen.provenance.get("sku")
    if data_sku is not None and labelled and str(data_sku) != labelled:
        if not _is_seen(str(data_sku), visible):
            found.drop("sku")
            found.put("sku", labelled, labelled_where or "text")
        return
    if data_sku is not None and not _is_seen(str(data_sku), visible) and not stands_in(subject.url_text, str(data_sku)):
        in_url = id_in_url(subject.canonical)
        if in_url:
            found.drop("sku")
            found.put("sku", in_url, "id in the address")
            return
    if "sku" not in found.raw:
        found.put("sku", id_in_url(subject.canonical) or id_in_url(subject.url), "id in the address")


def _is_seen(code: str, visible: Visible) -> bool:
    """Whether a reader sees the code."""
    return any(code in node.text and not visible.zone(node.element).hidden for node in visible.nodes)

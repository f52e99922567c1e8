"""Which of the identifiers on a page is the shop's own number of the thing.

What a customer can read under a usual name ("SKU", "Art. Nr.", "Ref.") and finds again in the address is surest;
an internal number that only the data knows is taken last.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject
from crawler.extraction.url_id import id_in_url, stands_in
from crawler.extraction.visible import Visible
from pipelines.parsing.identifiers import normal_gtin


@dataclass(frozen=True, slots=True)
class Code:
    """An identifier and where it stood; `trust` orders codes of the same standing."""

    text: str
    where: str
    trust: float


def choose_sku(
    subject: Subject, visible: Visible, found: Reading, labelled: list[Code], *, by_address: bool = True
) -> None:
    """Settle `sku` among the data's, the labelled ones and the id in the address.

    `by_address` is False for machines, whose addresses name the model as often as the dealer's number.
    """
    if found.provenance.get("sku", "").startswith("selector "):
        return
    codes = [_rated(code, subject, visible) for code in labelled]
    in_url = id_in_url(subject.canonical) or id_in_url(subject.url)
    if in_url and by_address:
        codes.append(Code(in_url, "id in the address", 1.5))
    if "sku" in found.raw:
        codes.append(_data_code(found, subject, visible))
    best = max(codes, key=lambda c: c.trust, default=None)
    found.drop("sku")
    if best is not None:
        found.put("sku", best.text, best.where)


def _rated(code: Code, subject: Subject, visible: Visible) -> Code:
    """A labelled code: surest when the address has it too, doubtful when it has spaces."""
    trust = code.trust + (3.0 if not stands_in(subject.url_text, code.text) else 5.0)
    return Code(code.text, code.where, trust - (2.0 if " " in code.text else 0.0))


def _data_code(found: Reading, subject: Subject, visible: Visible) -> Code:
    """The code of the page's data: as good as a labelled one if a reader sees it, doubtful if it is only a GTIN."""
    text, where = str(found.raw["sku"]), found.provenance["sku"]
    trust = 3.5 if _is_seen(text, visible) else 1.0
    if stands_in(subject.url_text, text):
        trust = 4.5
    elif normal_gtin(text):
        trust = min(trust, 1.0)
        found.put("gtin", text, where)
    return Code(text, where, trust)


def _is_seen(code: str, visible: Visible) -> bool:
    """Whether a reader sees the code."""
    return any(code in node.text and not visible.zone(node.element).hidden for node in visible.nodes)

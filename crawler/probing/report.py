"""What a probe found, for a person: tables; or for a program: one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from crawler.dealers.declaration import READ_DATA
from crawler.probing.probe import Findings
from crawler.probing.site import Site
from crawler.probing.writing import relative


def tables(found: Findings, site: Site) -> RenderableType:
    """The site, its sections, its fields, and what is left to a person."""
    return Group(*_parts(found, site))


def _parts(found: Findings, site: Site) -> Iterator[RenderableType]:
    about = _table("", "")
    for name, value in _about(found, site).items():
        about.add_row(f"[bold]{name}[/]", escape(str(value)))
    yield about
    sections = _table("section", "address", "things", "why")
    for section in found.draft.sections:
        count = "" if section.count is None else str(section.count)
        sections.add_row(section.category, escape(relative(section.url, found.dealer.url)), count, escape(section.why))
    yield Text()
    yield sections
    fields = _table("field", "found", "for example", "from")
    for entry in found.sample.fields:
        fields.add_row(entry.name, f"{entry.found} of {entry.of}", escape(entry.example), escape(entry.source[:40]))
    yield Text()
    yield fields
    if found.undecided:
        yield Text("\nLeft to you:", style="bold")
        for text in found.undecided:
            yield Text(f"  {text}")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_header=any(columns))
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in ("things", "found") else "left")
    return table


def _about(found: Findings, site: Site) -> dict[str, Any]:
    delay = f"; Crawl-delay {found.robots.delay_s:g} s" if found.robots.delay_s else ""
    sitemaps = f"{len(found.robots.sitemaps)} sitemaps named" if found.robots.sitemaps else "no sitemap named"
    draft = found.draft
    return {
        "site": found.dealer.url,
        "robots.txt": f"may be crawled; {sitemaps}{delay}",
        "made with": ", ".join(f"{name} ({mark})" for name, mark in found.engines.items()) or "no engine known here",
        "platform": f"{draft.platform}: {draft.evidence}",
        "vertical": found.dealer.vertical,
        "render": f"{draft.render}: {why_render(found, site)}",
        "listings": "unknown" if draft.listings is None else f"about {draft.listings}",
        "read": f"{len(found.sample.listings)} listings, {site.requests} requests",
    } | ({"notes": "; ".join(draft.notes)} if draft.notes else {})


def why_render(found: Findings, site: Site) -> str:
    """On what evidence a browser is needed, or is not."""
    draft = found.draft
    if draft.render != "never":
        return draft.evidence
    if draft.platform in READ_DATA:
        return "the stock comes as data; a browser would draw nothing more"
    read = f"{len(found.sample.listings)} listings were read without a browser"
    if shell := site.shell():
        return f'{read}, but a page that was looked at is empty without one ({shell}): render = "auto" draws such pages'
    return f"{read}, and no page that was looked at is empty without one"


def as_json(found: Findings, site: Site, toml: str, file: str | None) -> dict[str, Any]:
    """The same for a pipe: `file` is the one that was written, None in a dry run."""
    return {
        "url": found.dealer.url,
        "name": found.dealer.name,
        "file": file,
        "platform": found.draft.platform,
        "evidence": found.draft.evidence,
        "engines": found.engines,
        "render": {"said": found.draft.render, "why": why_render(found, site)},
        "vertical": found.dealer.vertical,
        "listings": found.draft.listings,
        "requests": site.requests,
        "sections": [
            {"category": s.category, "url": s.url, "things": s.count, "why": s.why} for s in found.draft.sections
        ],
        "fields": [
            {"field": e.name, "found": e.found, "of": e.of, "example": e.example, "from": e.source}
            for e in found.sample.fields
        ],
        "notes": found.draft.notes,
        "undecided": found.undecided,
        "toml": toml,
    }

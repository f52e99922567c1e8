"""The front page: a template and the few texts that are put into it. Pure: an overview → HTML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from inventory.listing import STATUSES, VERTICALS

TEMPLATE: Final = Template((Path(__file__).parent / "templates" / "home.html").read_text(encoding="utf-8"))
FAVICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#f5b301"/>'
    '<path d="M5 20h22M8 20v-4m4 4v-7m4 7v-4m4 4v-7m4 7v-4" stroke="#222" stroke-width="2.4" fill="none"/></svg>'
)
TRY: Final = (
    ("/v1/listings?category=excavators&price__lte=50000&sort=-year", "Excavators up to 50,000, newest first"),
    (
        "/v1/listings?vertical=dog&sort=unit_price_per_kg&unit_price_per_kg__isnull=false",
        "Dog food by price a kilogram",
    ),
    ("/v1/listings?hours__lt=2000&sort=hours&fields=id,title,year,hours,price,currency,url", "Low hours, few columns"),
    ("/v1/listings.csv?status=active", "All active stock as CSV"),
    ("/v1/categories", "The tree of categories with counts"),
    ("/v1/dealers", "Dealers, their stock and how fresh it is"),
    ("/v1/crawls?outcome=failed", "Crawls that failed, and why"),
)


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page counts. `stock`: vertical, status, count; `crawls`: newest first."""

    stock: Sequence[tuple[str, str, int]]
    dealers: int
    crawls: Sequence[Mapping[str, Any]]


def home_page(base: str, overview: Overview | None, trouble: str = "") -> str:
    """The whole page. `base` is the address the client used; `trouble` says what to do where nothing can be read."""
    return TEMPLATE.substitute(
        base=escape(base),
        trouble=f'<p class="trouble" role="alert">{escape(trouble)}</p>' if trouble else "",
        tiles=_tiles(overview) if overview else "",
        crawls=_crawls(overview.crawls) if overview else "",
        links="\n".join(
            f'<li><a href="{escape(path)}">{escape(text)}</a><code>{escape(path)}</code></li>' for path, text in TRY
        ),
    )


def _tiles(overview: Overview) -> str:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for vertical, status, count in overview.stock:
        counts[vertical][status] = count
    tiles = [("dealers", overview.dealers, "crawled or ingested")]
    for vertical in VERTICALS:
        by_status = counts[vertical]
        rest = ", ".join(f"{by_status.get(status, 0):,} {status}" for status in STATUSES if status != "active")
        tiles.append((f"active {vertical} listings", by_status.get("active", 0), rest))
    return "".join(
        f'<div class="tile"><b>{number:,}</b><span>{escape(label)}</span><small>{escape(more)}</small></div>'
        for label, number, more in tiles
    )


def _crawls(crawls: Sequence[Mapping[str, Any]]) -> str:
    if not crawls:
        return '<p class="quiet">No crawl yet: <code>scrapy crawl equipment</code>.</p>'
    rows = "".join(_crawl(crawl) for crawl in crawls)
    heads = ("crawl", "dealer", "began (UTC)", "took", "how", "pages", "listings", "new", "changed")
    return (
        '<div class="scroll"><table><thead><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _crawl(crawl: Mapping[str, Any]) -> str:
    outcome = escape(str(crawl["outcome"]))
    reason = f' title="{escape(str(crawl["reason"]))}"' if crawl["reason"] else ""
    numbers = "".join(
        f'<td class="number">{crawl[name]:,}</td>'
        for name in ("pages", "listings_seen", "listings_new", "listings_changed")
    )
    return (
        f'<tr><td><a href="/v1/crawls/{crawl["id"]}">{crawl["id"]}</a></td><td>{escape(crawl["name"])}</td>'
        f"<td>{crawl['started_at']:%Y-%m-%d %H:%M}</td><td>{_took(crawl['started_at'], crawl['ended_at'])}</td>"
        f'<td><span class="{outcome}"{reason}>{outcome}</span></td>{numbers}</tr>'
    )


def _took(started_at: datetime, ended_at: datetime | None) -> str:
    if ended_at is None:
        return "…"
    seconds = int((ended_at - started_at).total_seconds())
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"

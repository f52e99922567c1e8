"""Small sites as dictionaries of pages, an `ask` that answers from them, and a crawl of them without an engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from crawler.dealers.declaration import Dealer
from crawler.fetching.asking import Answer, NotFetched
from crawler.platforms import platform_of
from crawler.platforms.visit import Visit
from crawler.probing.probe import Findings, Wanted, probe
from crawler.probing.site import Site
from crawler.tracking.error_class import Refused
from inventory.listing import Listing, Vertical

HOME = "https://www.acme-machinery.example/"
TODAY = date(2026, 11, 22)
MAX_PAGES = 2000

Pages = dict[str, "str | bytes | Answer | Exception"]


@dataclass
class Machine:
    """A thing on offer and where its page stands."""

    number: int
    make: str
    model: str
    kind: str
    price: int
    path: str = ""
    year: int = 2018
    hours: int = 4321

    @property
    def title(self) -> str:
        return f"{self.year} {self.make} {self.model} {self.kind}"


@dataclass
class MadeSite:
    """Pages by address, and the things that a crawl should find."""

    pages: Pages = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def ask(self, url: str) -> Answer:
        self.asked.append(url)
        found = self.pages.get(url.removeprefix(HOME.rstrip("/")))
        if found is None:
            raise NotFetched(url, Refused("http_404", "the server answered 404"))
        if isinstance(found, Exception):
            raise NotFetched(url, found)
        if isinstance(found, Answer):
            if found.status != 200:
                raise NotFetched(url, Refused(f"http_{found.status}", f"the server answered {found.status}"))
            return found
        body = found.encode() if isinstance(found, str) else found
        return Answer(url, 200, body, {"content-type": kind_of(body)}, "utf-8")

    def urls(self) -> set[str]:
        return {HOME.rstrip("/") + machine.path for machine in self.machines}


def kind_of(body: bytes) -> str:
    head = body[:300].lstrip()
    if head[:1] in (b"{", b"["):
        return "application/json"
    if head[:5] == b"<?xml":
        return "application/xml"
    return "text/html; charset=utf-8" if head[:1] == b"<" else "text/plain; charset=utf-8"


def probed(site: MadeSite, vertical: Vertical | None = None, max_requests: int = 60, url: str = HOME) -> Findings:
    """What the probe finds out. Raises `Undecided`."""
    looked = Site(site.ask, max_requests)
    found = asyncio.run(probe(looked, Wanted(url, "acme", vertical), "Yardstick/0.1", TODAY))
    assert looked.requests <= max_requests
    return found


def crawled(site: MadeSite, dealer: Dealer) -> list[Listing]:
    """Every listing that a crawl with this dealer file finds."""
    platform = platform_of(dealer)
    listings: list[Listing] = []
    seen: set[str] = set()
    waiting = list(platform.entrances(dealer.sections))
    while waiting and len(seen) < MAX_PAGES:
        visit = waiting.pop()
        if visit.url in seen:
            continue
        seen.add(visit.url)
        try:
            answer = asyncio.run(site.ask(visit.url))
        except NotFetched:
            continue
        read = platform.read_section if visit.kind == "section" else platform.read_detail
        for entry in read(answer.response, visit):
            if isinstance(entry, Visit):
                waiting.append(entry)
            elif isinstance(entry, Listing):
                listings.append(entry)
    assert len(seen) < MAX_PAGES
    return listings


def found_urls(site: MadeSite, dealer: Dealer) -> set[str]:
    """Where the things stand that a crawl with this dealer file finds."""
    return {str(listing.url) for listing in crawled(site, dealer)}


# Pages


def page(title: str, body: str, nav: Iterable[tuple[str, str]] = (), lang: str = "en", head: str = "") -> str:
    """A page with a menu."""
    menu = "".join(f'<li><a href="{href}">{name}</a></li>' for href, name in nav)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | Acme Machinery</title>{head}'
        f"</head><body><nav><ul>{menu}</ul></nav><main>{body}</main><footer>© Acme Machinery</footer></body></html>"
    )


def card(machine: Machine, *, price: bool = True) -> str:
    """A machine in a list."""
    cost = f'<p class="cost">${machine.price:,}</p>' if price else ""
    return (
        f'<div class="card"><a href="{machine.path}"><img src="/img/{machine.number}.jpg" alt=""></a>'
        f'<h3><a href="{machine.path}">{machine.title}</a></h3>{cost}<p>{machine.hours:,} hours</p></div>'
    )


def detail(machine: Machine, nav: Iterable[tuple[str, str]] = (), lang: str = "en", head: str = "") -> str:
    """A machine's page, with JSON-LD."""
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": machine.title,
        "sku": f"A{machine.number}",
        "brand": {"@type": "Brand", "name": machine.make},
        "model": machine.model,
        "offers": {"@type": "Offer", "price": machine.price, "priceCurrency": "USD"},
    }
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    facts = {"Make": machine.make, "Model": machine.model, "Year": machine.year, "Hours": machine.hours}
    rows = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in facts.items())
    body = f"<h1>{machine.title}</h1><p>${machine.price:,}</p><table>{rows}</table>"
    return page(machine.title, body, nav, lang, head + script)


def listed(
    path: str,
    name: str,
    machines: list[Machine],
    nav: Iterable[tuple[str, str]] = (),
    *,
    per_page: int = 10,
    total: bool = True,
    links: bool = True,
    lang: str = "en",
    parameter: str = "page",
    price: bool = True,
    above: str = "",
) -> Pages:
    """The pages of a list: `path`, `path?page=2` and so on."""
    pages: Pages = {}
    last = max(-(-len(machines) // per_page), 1)
    menu = list(nav)
    for number in range(1, last + 1):
        shown = machines[(number - 1) * per_page : number * per_page]
        count = f"<p>{len(machines)} results</p>" if total else ""
        following = f"{path}?{urlencode({parameter: number + 1})}"
        more = f'<a href="{following}" rel="next">Next</a>' if links and number < last else ""
        cards = "".join(card(machine, price=price) for machine in shown)
        body = f"<h1>{name}</h1>{above}{count}<div class='grid'>{cards}</div><div class='pagination'>{more}</div>"
        pages[path if number == 1 else f"{path}?{urlencode({parameter: number})}"] = page(name, body, menu, lang)
    return pages


KINDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "excavators": ("Excavator", "Excavators", ("Komatsu PC210LC-11", "Caterpillar 320", "Hitachi ZX210LC-6")),
    "dozers": ("Dozer", "Dozers", ("Caterpillar D6N", "Komatsu D61PX-24")),
    "wheel-loaders": ("Wheel Loader", "Wheel Loaders", ("Volvo L120H", "Caterpillar 950M")),
    "telehandlers": ("Telehandler", "Telehandlers", ("JCB 540-170", "Merlo P40.17")),
}


def machines_of(kind: str, count: int, first: int, path: str = "/machines/{number}-{slug}") -> list[Machine]:
    """So many machines of a kind, numbered from `first`."""
    noun, _, models = KINDS[kind]
    made = []
    for number in range(first, first + count):
        make, _, model = models[number % len(models)].partition(" ")
        slug = f"{make}-{model}".lower().replace(".", "-")
        where = path.format(number=number, slug=slug, kind=kind)
        made.append(Machine(number, make, model, noun, 20_000 + number * 10, where, 2010 + number % 12, 1000 + number))
    return made


def json_page(value: Any) -> str:
    return json.dumps(value)

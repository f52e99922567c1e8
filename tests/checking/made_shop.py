"""A dealer's site as a dictionary of pages: what is not in it answers 404. Counts what it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from crawler.checking.check import Checked, check
from crawler.fetching.asking import Answer, NotFetched
from crawler.tracking.error_class import Refused
from tests.crawler.dealer_files import dealer

HOME = "https://acme.example"
TODAY = date(2026, 11, 22)
MAKES = ("Komatsu", "Hitachi", "Volvo", "Liebherr")


class Shop:
    """Answers from `pages` (path → HTML, JSON, an `Answer`, or an exception) and remembers the paths in `asked`."""

    def __init__(self, pages: Mapping[str, Any]) -> None:
        self.pages = dict(pages)
        self.asked: list[str] = []

    async def ask(self, url: str) -> Answer:
        """As a spider's `ask`."""
        path = url.removeprefix(HOME) or "/"
        self.asked.append(path)
        said = self.pages.get(path)
        if said is None:
            raise NotFetched(url, Refused("http_404", "the server answered 404"))
        if isinstance(said, Exception):
            raise NotFetched(url, said)
        if isinstance(said, Answer):
            return said
        kind = "text/html" if isinstance(said, str) else "application/json"
        body = said.encode() if isinstance(said, str) else orjson.dumps(said)
        return Answer(url, 200, body, {"content-type": kind})


def machine(number: int, *, price: bool = True) -> str:
    """A machine's own page with labelled facts; without `price` the template has lost it."""
    make = MAKES[number % len(MAKES)]
    said = f"<tr><th>Price</th><td>USD {40_000 + number * 900:,}</td></tr>" if price else ""
    return (
        f"<html><head><title>2016 {make} EX{200 + number}</title></head><body><h1>2016 {make} EX{200 + number}</h1>"
        f"<table>{said}<tr><th>Make</th><td>{make}</td></tr><tr><th>Model</th><td>EX{200 + number}</td></tr>"
        f"<tr><th>Year</th><td>2016</td></tr><tr><th>Hours</th><td>{4_000 + number}</td></tr>"
        f"<tr><th>Serial number</th><td>KX{number:05}</td></tr></table><p>In stock. Call for details.</p></body></html>"
    )


def cards(section: str, numbers: range) -> str:
    """A section's page with a card a machine."""
    shown = "".join(
        f'<div class="card"><a class="card__link" href="/{section}/{n}">Machine {n}</a><span>USD {40_000 + n * 900:,}'
        "</span></div>"
        for n in numbers
    )
    return f"<html><head><title>{section}</title></head><body><h1>{section}</h1>{shown}</body></html>"


def machine_shop(sections: int = 3, each: int = 8, *, price: bool = True) -> tuple[Shop, dict[str, str]]:
    """A dealer of HTML pages and what its file says in `[sections]`."""
    names = ["excavators", "dozers", "wheel-loaders", "forklifts"][:sections]
    pages: dict[str, Any] = {"/": "<html><body><h1>Acme</h1></body></html>"}
    for at, name in enumerate(names):
        numbers = range(at * 100, at * 100 + each)
        pages[f"/{name}"] = cards(name, numbers)
        pages |= {f"/{name}/{n}": machine(n, price=price) for n in numbers}
    return Shop(pages), {name: f"/{name}" for name in names}


def acme(sections: dict[str, Any], **said: Any) -> Any:
    """The dealer of a made shop, which promises a price and a year."""
    walk = {"detail_links": "a.card__link::attr(href)"} if "platform" not in said else {}
    expect = {"fill": {"price": 0.8, "year": 0.9}}
    return dealer(**({"sections": sections, "walk": walk, "expect": expect, "currency": "USD"} | said))


def checked(shop: Shop, of: Any, today: date = TODAY) -> Checked:
    """`check` run to its end."""
    return asyncio.run(check(shop.ask, of, today, "Yardstick/0.1"))

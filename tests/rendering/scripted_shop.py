"""A shop whose pages are empty without a browser, and which asks for all that a page may not have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.servers.answering import Answered, Asked, answering

SHELL = """<!doctype html><html><head><title>Shop</title><script src="/app.js" defer></script></head>
<body><noscript>This shop needs JavaScript.</noscript><div id="app"></div></body></html>"""

APP = """
const app = document.getElementById("app");
const tries = %(tries)s;
for (const url of tries) fetch(url, {mode: "no-cors"}).catch(() => {});
app.insertAdjacentHTML("beforeend", "<img src=/photo.jpg>");
if (tries.length) {
  app.insertAdjacentHTML("beforeend", "<iframe src='" + tries[0] + "'></iframe>");
  window.open(tries[0]);
}
const number = location.pathname.match(/machine\\/(\\d+)/);
const draw = (html) => setTimeout(() => app.insertAdjacentHTML("afterbegin", html), 50);
fetch("/api/stock").then((answer) => answer.json()).then((stock) => {
  if (number) {
    const name = "2016 Caterpillar 320 number " + number[1];
    draw(`<h1>${name}</h1><p class="price">$${stock[number[1]]}</p>
      <table><tr><th>Hours</th><td>4,000</td></tr></table>`);
  } else draw("<h1>Used excavators</h1><ul>" + Object.keys(stock).map((key) =>
    `<li class="card"><a href="/machine/${key}"><h2>2016 Caterpillar 320 number ${key}</h2></a>
     <span class="price">$${stock[key]}</span></li>`).join("") + "</ul>");
});
"""


@dataclass
class ScriptedShop:
    """`tries` are addresses that its script asks for; `asked` what it was asked for, with headers."""

    port: int = 0
    stock: dict[str, str] = field(default_factory=lambda: {"11": "41,000", "12": "42,500"})
    tries: list[str] = field(default_factory=list)
    robots: str = "User-agent: *\nDisallow: /hidden\n"
    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    """Path → an answer of its own."""
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def answer(self, path: str) -> tuple[int, dict[str, str], str]:
        if path in self.answers:
            return self.answers[path]
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, self.robots
        if path == "/app.js":
            return 200, {"Content-Type": "text/javascript"}, APP % {"tries": json.dumps(self.tries)}
        if path == "/api/stock":
            return 200, {"Content-Type": "application/json"}, json.dumps(self.stock)
        if path == "/used" or path.startswith("/machine/"):
            return 200, {"Content-Type": "text/html", "ETag": '"shell"'}, SHELL
        return 404, {"Content-Type": "text/html"}, "<html><body>not here</body></html>"


@contextmanager
def open_scripted_shop() -> Iterator[ScriptedShop]:
    """The shop, served on a port of its own."""
    shop = ScriptedShop()

    def answer(asked: Asked) -> Answered:
        shop.asked.append((asked.path, dict(asked.headers)))
        status, headers, text = shop.answer(asked.path)
        unchanged = "If-None-Match" in asked.headers and asked.headers["If-None-Match"] == headers.get("ETag")
        return 304 if unchanged else status, headers, text.encode()

    with answering(answer) as shop.port:
        yield shop


def dealer_file(shop: ScriptedShop, render: str = "auto", more: str = "") -> str:
    """TOML of its dealer."""
    return (
        f'title = "Scripted"\nvertical = "equipment"\nplatform = "schema_org"\nrender = "{render}"\n{more}'
        f'url = "{shop.url}"\ncurrency = "USD"\n[sections]\nexcavators = "/used"\n'
    )

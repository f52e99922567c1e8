"""Dealers in a process of their own that note when each request came: `with running_yards(...) as yards`.

Each has a port, lists of 25 links, and a page a machine with JSON-LD. Every `moved`th machine is redirected, every
`flaky`th answers 503 once (with Retry-After where it is above 100, which is taken off). `/back` leads to the first
list, `/_log` tells the requests as [seconds, path, status].
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

PER_LIST = 25


@dataclass(frozen=True, slots=True)
class Yards:
    ports: tuple[int, ...]
    machines: int

    @property
    def names(self) -> list[str]:
        """Of the dealers."""
        return [f"yard{number}" for number in range(len(self.ports))]

    def log(self, number: int = 0) -> list[tuple[float, str, int]]:
        """Seconds, path and status of each request."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[number]}/_log", timeout=10) as answer:
            return [(at, path, status) for at, path, status in json.load(answer)]

    def write_dealers(self, folder: Path, more: str = "", sections: str = "") -> None:
        """A file each."""
        for name, port in zip(self.names, self.ports, strict=True):
            (folder / f"{name}.toml").write_text(
                f'title = "{name}"\nvertical = "equipment"\nplatform = "schema_org"\n{more}\n'
                f'url = "http://127.0.0.1:{port}"\n[sections]\nexcavators = "/stock?page=1"\n{sections}\n'
                '[walk]\nmax_pages = 1000\ndetail_links = "li a::attr(href)"\nnext_page = "a[rel=next]::attr(href)"\n'
            )


@contextmanager
def running_yards(
    dealers: int, machines: int, *, moved: int = 0, flaky: int = 0, wait_s: float = 0.0
) -> Iterator[Yards]:
    command = [sys.executable, "-m", "tests.frontier.yards", *map(str, (dealers, machines, moved, flaky, wait_s))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert process.stdout is not None
        yield Yards(tuple(json.loads(process.stdout.readline())), machines)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


class Yard:
    def __init__(self, name: str, machines: int, moved: int, flaky: int, wait_s: float) -> None:
        self.name, self.machines, self.moved, self.flaky, self.wait_s = name, machines, moved, flaky, wait_s
        self.log: list[tuple[float, str, int]] = []
        self.failed: set[str] = set()

    def answer(self, path: str) -> tuple[int, str, str]:
        """Status, body, and where it leads to."""
        if path == "/robots.txt":
            return 200, "User-agent: *\nAllow: /\n", ""
        if path.startswith("/stock?page="):
            page = int(path.rpartition("=")[2])
            here = range((page - 1) * PER_LIST, min(page * PER_LIST, self.machines))
            links = "".join(f'<li><a href="/machine/{n}">2016 Caterpillar 320 no {n}</a></li>' for n in here)
            last = -(-self.machines // PER_LIST)
            onward = f'<a rel="next" href="/stock?page={page + 1}">Next</a>' if page < last else ""
            return 200, f"<html><body><h1>Excavators</h1><ul>{links}</ul>{onward}</body></html>", ""
        if path == "/back":
            return 302, "", "/stock?page=1"
        name = path.removeprefix("/machine/")
        number = int(name.removesuffix("b")) if name.removesuffix("b").isdecimal() else -1
        if not 0 <= number < self.machines:
            return 404, "nothing here", ""
        if self.moved and number % self.moved == 1 and not name.endswith("b"):
            return 302, "", f"/machine/{number}b"
        if self.flaky and number % (self.flaky % 100) == 2 and path not in self.failed:
            self.failed.add(path)
            return 503, "in a second" if self.flaky > 100 else "later", ""
        product = {
            "@context": "https://schema.org", "@type": "Product", "name": f"2016 Caterpillar 320 no {number}",
            "sku": f"{self.name}-{number}",
            "offers": {"@type": "Offer", "price": str(40_000 + number), "priceCurrency": "USD"},
        }  # fmt: skip
        ld = f'<script type="application/ld+json">{json.dumps(product)}</script>'
        return 200, f"<html><head>{ld}</head><body><h1>{product['name']}</h1></body></html>", ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                while (await reader.readline()) not in (b"\r\n", b""):
                    pass
                path = line.split()[1].decode()
                if path == "/_log":
                    status, body, leads_to = 200, json.dumps(self.log), ""
                else:
                    came = time.monotonic()
                    status, body, leads_to = self.answer(path)
                    self.log.append((came, path, status))
                    if self.wait_s:
                        await asyncio.sleep(self.wait_s)
                head = f"HTTP/1.1 {status} X\r\ncontent-type: text/html\r\ncontent-length: {len(body.encode())}\r\n"
                head += f"location: {leads_to}\r\n" if leads_to else ""
                head += "retry-after: 1\r\n" if status == 503 and body == "in a second" else ""
                writer.write(f"{head}\r\n{body}".encode())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def most_in_a_window(times: Iterable[float], window_s: float = 10.0) -> int:
    """The largest number of requests within any such window."""
    sorted_times, most, first = sorted(times), 0, 0
    for last, at in enumerate(sorted_times):
        while at - sorted_times[first] >= window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


async def _main(dealers: int, machines: int, moved: int, flaky: int, wait_s: float) -> None:
    servers = []
    for number in range(dealers):
        yard = Yard(f"y{number}", machines, moved, flaky, wait_s)
        servers.append(await asyncio.start_server(partial(Yard.serve, yard), "127.0.0.1", 0))
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:5]]
    asyncio.run(_main(given[0], given[1], given[2], given[3], float(sys.argv[5])))

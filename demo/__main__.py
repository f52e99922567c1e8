"""`python -m demo`: serves the six dealers until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Sequence

import uvicorn

from demo.dealers import DEALERS
from demo.server import App, Dealer
from demo.site import Site
from demo.sites import SITES
from demo.stock.load import dog_products, machines


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port-base",
        type=int,
        default=9100,
        help="dealers listen on the six ports after it; 0: any free (default %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="fixes order, numbers and mess of the stock (default %(default)s)"
    )
    parser.add_argument("--machines", type=int, help="how many machines, over all dealers (default: the file's)")
    parser.add_argument("--products", type=int, help="how many dog products, over both shops (default: the file's)")
    parser.add_argument(
        "--page-kb", type=int, help="about how heavy each page is, instead of the dealers' own 100-300 KB"
    )
    parser.add_argument("--prepare", action="store_true", help="render every page before the ready lines")
    parser.add_argument("--gzip", action="store_true", help="compress for clients that accept it")
    arguments = parser.parse_args(argv)
    for name in ("machines", "products", "page_kb"):
        if getattr(arguments, name) is not None and getattr(arguments, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    return arguments


def build_sites(seed: int, machine_count: int | None, product_count: int | None, page_kb: int | None) -> list[Site]:
    """The six sites in the order of their ports."""
    equipment, dog = machines(seed, machine_count), dog_products(seed, product_count)
    return [SITES[name](seed, equipment.get(name, ()), dog.get(name, ()), page_kb) for name in DEALERS]


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


async def _serve(arguments: argparse.Namespace, listeners: list[socket.socket]) -> None:
    stopping = asyncio.Event()
    sites = build_sites(arguments.seed, arguments.machines, arguments.products, arguments.page_kb)
    dealers: dict[int, Dealer] = {}
    lines = []
    for site, listener in zip(sites, listeners, strict=True):
        port = listener.getsockname()[1]
        base = f"http://{'127.0.0.1' if arguments.host == '0.0.0.0' else arguments.host}:{port}"  # noqa: S104
        dealers[port] = dealer = Dealer(site, stopping, arguments.gzip)
        lines.append(f"{site.name:<10} {base:<24} {len(site.offers):>5} listings  {site.title}")
        if arguments.prepare:
            for path in site.paths():
                dealer.prepared(path, base)
    config = uvicorn.Config(App(dealers), log_level="warning", access_log=False, server_header=False, lifespan="off",
                            timeout_graceful_shutdown=1, ws="none")  # fmt: skip
    server = uvicorn.Server(config)

    async def announce() -> None:
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.01)
        print("\n".join(lines), flush=True)
        while not server.should_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        stopping.set()

    watching = asyncio.create_task(announce())
    await server.serve(sockets=listeners)
    watching.cancel()


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    listeners = []
    for dealer in DEALERS.values():
        port = arguments.port_base + dealer.port_offset if arguments.port_base else 0
        try:
            listeners.append(_listen(arguments.host, port))
        except OSError as error:
            where = f"{arguments.host}:{port} for {dealer.name}"
            print(f"demo: cannot listen on {where}: {error.strerror}; try another --port-base", file=sys.stderr)
            return 2
    # uvicorn stops gracefully and then raises the signal again: being asked to stop is a good end here.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    with asyncio.Runner(loop_factory=uvicorn.Config("", loop="auto").get_loop_factory()) as runner:
        runner.run(_serve(arguments, listeners))
    return 0


if __name__ == "__main__":
    sys.exit(main())

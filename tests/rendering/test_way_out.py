"""A browser's only way out leads to public hosts and to the dealer's own, wherever names and redirects lead."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from crawler.fetching.rendering.public_address import is_public
from crawler.fetching.rendering.way_out import Upstream, WayOut, upstreams


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_an_address_of_the_open_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
])  # fmt: skip
def test_an_address_of_our_own_network_is_not_public_however_it_is_wrapped(address):
    assert not is_public(address)


@asynccontextmanager
async def web_server(seen):
    """Answers every request with its own head."""

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def said(proxy, request):
    """What the proxy answers to a request, to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.rpartition(":")[2]))
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer.decode()


async def resolve(host, port):
    names = {
        "inside.example": ["127.0.0.1"],
        "both.example": ["93.184.216.34", "127.0.0.1"],
        "own.internal": ["127.0.0.1"],
    }
    if host in names:
        return names[host]
    if host.replace(".", "").isdigit():
        return [host]
    raise socket.gaierror


def run(talk, origins=(), proxies=None):
    """What `talk(proxy, port of a web server, its requests, the way out)` returns."""

    async def whole():
        seen = []
        async with web_server(seen) as port:
            own = {(host, port) for host in origins}
            way = WayOut(own, proxies(port) if proxies else {}, lambda host: False, resolve)
            try:
                return await talk(await way.open(), port, seen, way)
            finally:
                await way.close()

    return asyncio.run(whole())


def test_a_host_of_our_network_that_the_dealers_file_names_gets_a_plain_request():
    async def talk(proxy, port, seen, way):
        request = (
            f"GET http://own.internal:{port}/used?page=2 HTTP/1.1\r\nHost: own.internal\r\nProxy-Connection: x\r\n\r\n"
        )
        return await said(proxy, request), seen

    answer, seen = run(talk, ["own.internal"])
    assert answer.endswith("hello")
    assert seen == ["GET /used?page=2 HTTP/1.1\r\nHost: own.internal\r\nConnection: close\r\n\r\n"]


@pytest.mark.parametrize("host", ["127.0.0.1", "inside.example", "both.example", "169.254.169.254"])
@pytest.mark.parametrize("tunnel", [True, False])
def test_no_other_host_of_our_own_network_is_reached(host, tunnel):
    async def talk(proxy, port, seen, way):
        target = f"CONNECT {host}:{port}" if tunnel else f"GET http://{host}:{port}/"
        return await said(proxy, f"{target} HTTP/1.1\r\n\r\n"), seen, way.failures[host, port]

    answer, seen, why = run(talk, ["own.internal"])
    assert answer.startswith("HTTP/1.1 502 ")
    assert "X-Way-Out: private\r\n" in answer
    assert (seen, why) == ([], "private")


def test_another_port_of_the_dealers_own_private_host_is_not_its_own():
    async def talk(proxy, port, seen, way):
        return await said(proxy, "GET http://own.internal:22/ HTTP/1.1\r\n\r\n")

    assert "X-Way-Out: private" in run(talk, ["own.internal"])


def test_a_public_name_of_the_dealers_own_that_leads_inside_is_not_followed():
    async def talk(proxy, port, seen, way):
        return await said(proxy, f"GET http://inside.example:{port}/ HTTP/1.1\r\n\r\n")

    assert "X-Way-Out: private" in run(talk, ["inside.example"])


def test_a_tunnel_carries_bytes_both_ways():
    async def talk(proxy, port, seen, way):
        request = f"CONNECT own.internal:{port} HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"
        return await said(proxy, request)

    answer = run(talk, ["own.internal"])
    assert answer.startswith("HTTP/1.1 200 Connection established\r\n\r\n")
    assert answer.endswith("hello")


@pytest.mark.parametrize(("host", "why"), [("nowhere.example", "dns"), ("own.internal", "refused")])
def test_a_host_that_cannot_be_had_is_told_from_one_that_is_forbidden(host, why):
    async def talk(proxy, port, seen, way):
        way._origins = {("own.internal", 9)}
        return await said(proxy, f"CONNECT {host}:9 HTTP/1.1\r\n\r\n")

    assert f"X-Way-Out: {why}" in run(talk, ["own.internal"])


def test_the_operators_own_proxy_is_used_and_gets_its_password():
    def proxies(port):
        return upstreams({"http": f"http://me:se%20cret@127.0.0.1:{port}"})

    async def talk(proxy, port, seen, way):
        answer = await said(proxy, "GET http://93.184.216.34/stock HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        inside = await said(proxy, "GET http://inside.example/stock HTTP/1.1\r\n\r\n")
        return answer, inside, seen

    answer, inside, seen = run(talk, proxies=proxies)
    assert answer.endswith("hello")
    assert len(seen) == 1
    assert seen[0].startswith(
        "GET http://93.184.216.34/stock HTTP/1.1\r\nProxy-Authorization: Basic bWU6c2UgY3JldA==\r\n"
    )
    assert "X-Way-Out: private" in inside


def test_what_the_environment_says_of_proxies_is_understood():
    assert upstreams({"https": "http://proxy.example:3128"}) == {"https": Upstream("proxy.example", 3128)}
    assert upstreams({"no": "localhost"}) == {}

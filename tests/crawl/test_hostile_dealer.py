"""A dealer's pages cannot lead the crawler to other hosts or into our machine, nor make it swallow endlessly."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager

from tests.crawl.crawling import crawl, environment, rows
from tests.servers.answering import Answered, Asked, answering

SECRET = "tok en/1"
BOMB = gzip.compress(b"<html>" + b" " * 25_000_000)
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>{base}/machine/good</loc></url><url><loc>{base}/machine/bomb</loc></url>
<url><loc>{base}/machine/loop</loc></url><url><loc>{base}/machine/away</loc></url>
<url><loc>{base}/machine/file</loc></url><url><loc>{base}/machine/endless</loc></url>
<url><loc>{other}/stolen</loc></url><url><loc>file:///etc/passwd</loc></url></urlset>"""
GOOD = b"""<html><head><script type="application/ld+json">{"@type": "Product", "name": "2016 Caterpillar 320",
"sku": "1", "offers": {"@type": "Offer", "price": "5000", "priceCurrency": "USD"}}</script></head>
<body><h1>2016 Caterpillar 320</h1></body></html>"""


@contextmanager
def served(answer) -> Iterator[tuple[str, list[str]]]:
    """A server whose answers are (status, headers, body): its address, and what it was asked for."""
    asked: list[str] = []

    def counted(request: Asked) -> Answered:
        asked.append(request.path)
        return answer(request.path)

    with answering(counted) as port:
        yield f"http://127.0.0.1:{port}", asked


def test_nothing_that_a_page_says_leads_elsewhere_or_too_far(tmp_path, sqlite_url):
    hosts: list[str] = []

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        path = path.partition("?")[0]
        if path == "/stock.xml":
            return 200, {"Content-Type": "application/xml"}, SITEMAP.format(base=hosts[0], other=hosts[1]).encode()
        if path == "/machine/bomb":
            return 200, {"Content-Encoding": "gzip"}, BOMB
        if path.startswith("/machine/loop"):
            return 302, {"Location": path + "a"}, b""
        if path in ("/machine/away", "/machine/file"):
            return 302, {"Location": hosts[1] + "/stolen" if path.endswith("away") else "file:///etc/passwd"}, b""
        if path == "/machine/endless":
            return 200, {"Content-Length": "30000000"}, b"<html>"
        return (200, {}, GOOD) if path == "/machine/good" else (404, {}, b"")

    with served(answer) as (base, asked), served(lambda path: (200, {}, GOOD)) as (other, stolen):
        hosts += [base, other]
        (tmp_path / "shop.toml").write_text(
            f'title = "Shop"\nvertical = "equipment"\nplatform = "schema_org"\nurl = "{base}"\n'
            'headers = {X-Key = "${SHOP_KEY}"}\n[sections]\nall = "/stock.xml?key=${SHOP_KEY}"\n'
        )
        env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), SHOP_KEY=SECRET)
        status, out, err = crawl("equipment", env)

    assert stolen == []
    assert {"offsite", "redirects", "too_large"} <= rows(sqlite_url, "crawls")[0]["errors"].keys()
    assert [row["url"] for row in rows(sqlite_url, "listings")] == [f"{base}/machine/good"]
    assert len([path for path in asked if path.startswith("/machine/loop")]) == 6
    failures = {row["url"].rpartition("/")[2]: row["failure_class"] for row in rows(sqlite_url, "failures")}
    assert failures == {
        "bomb": "too_large",
        "endless": "too_large",
        "loop": "redirects",
        "file": "http_302",
    }
    shown = out + err + str(rows(sqlite_url, "failures")) + str(rows(sqlite_url, "crawls"))
    assert not [form for form in (SECRET, "tok%20en", "tok+en") if form in shown]
    assert status == 4


def test_a_failed_address_with_a_secret_is_written_down_without_it_and_asked_for_again_whole(tmp_path, sqlite_url):
    down = True
    with served(lambda path: (503 if down and path != "/robots.txt" else 200, {}, GOOD)) as (base, asked):
        (tmp_path / "shop.toml").write_text(
            f'title = "Shop"\nvertical = "equipment"\nplatform = "schema_org"\nurl = "{base}"\n'
            '[sections]\nall = "/stock?key=${SHOP_KEY}"\n'
        )
        env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), SHOP_KEY=SECRET)
        assert crawl("equipment", env)[0] == 4
        [failure] = rows(sqlite_url, "failures")
        assert failure["url"] == f"{base}/stock?key=***"
        assert failure["visit"]["url"] == f"{base}/stock?key=***"
        down = False
        asked.clear()
        crawl("equipment", env, "-a", "retry=1")
        assert asked == ["/robots.txt", "/stock?key=tok%20en/1"]
        assert all(row["resolved_at"] for row in rows(sqlite_url, "failures"))

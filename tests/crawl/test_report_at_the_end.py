"""What `scrapy crawl` says at its end: a report on a terminal, what broke and one line elsewhere, nothing on stdout."""

from __future__ import annotations

from tests.crawl.crawling import crawl, environment
from tests.crawl.little_shop import open_shop
from tests.crawl.terminal import scrapy_at_a_terminal


def test_the_report_compares_with_the_last_crawls_and_says_what_broke(tmp_path, any_url):
    with open_shop(tmp_path, 'excavators = "/used"\n') as shop:
        env = environment(any_url, DEALERS_DIR=str(tmp_path), LOG_LEVEL="ERROR", COLUMNS="100")
        status, out, err = crawl("equipment", env)
        assert (status, out) == (0, "")
        assert err == "1 of 1 dealers healthy · 6 listings (6 new, 0 changed, 0 unchanged)\n"

        shop.hidden |= {1, 2, 3}
        status, shown = scrapy_at_a_terminal(env, "crawl", "equipment")
        assert status == 0
        lines = [line.split() for line in shown.splitlines()]
        heading = next(line for line in lines if line[:2] == ["dealer", "outcome"])
        row = dict(zip(heading, next(line for line in lines if line[:2] == ["little", "healthy"]), strict=True))
        assert (row["seen"], row["Δ"], row["same"], row["gone"], row["failed"]) == ("3", "-50%", "3", "0", "0")
        assert "  3 listings, usually 6 (median of 1)\r\n" in shown
        assert shown.splitlines()[-1].startswith("1 of 1 dealers healthy · 3 listings")

        shop.prices.clear()
        status, out, err = crawl("equipment", env)
    assert (status, out) == (4, "")
    *broke, end = err.splitlines()
    assert broke[0] == "little: no listing found (no page offered anything)"
    assert broke[1].startswith("little: empty: its pages were read and offer nothing → scrapy extract URL")
    assert broke[2] == "little: 0 listings, usually 4 (median of 2)"
    assert end.startswith("0 of 1 dealers healthy")

"""What a person sees of crawls: while they run, at the end, and in the list of dealers."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from rich.console import Console

from crawler.reports.dealers import LastCrawl, ago, dealer_table, last_crawls
from crawler.reports.table import progress_line, progress_table, rate, summary
from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk
from crawler.tracking.verdict import Verdict
from inventory.ledger import Busy, DealerFacts, Report, begin, end
from inventory.verification import Verified
from tests.crawler.dealer_files import dealer
from tests.inventory.yard import START


def crawl(name="acme", **said):
    facts = {
        "dealer": dealer(name=name), "crawl_id": 1, "sections": {"all": SectionWalk()},
        "started": 100.0, "pages": 40, "pages_unchanged": 5, "pages_skipped": 2,
        "stored": Counter(new=30, changed=2, unchanged=5),
        "errors": Counter(http_503=3), "dropped": Counter(no_title=4),
    }  # fmt: skip
    return DealerCrawl(**(facts | said))


CRAWLS = {"acme": crawl(), "bolt": crawl("bolt", stored=Counter(), errors=Counter(dns=1), pages=0)}
CLOSED = {"acme": Verdict("healthy", ""), "bolt": Verdict("failed", "no section could be read (1 dns)", "dns")}
SKIPPED = {"cat": Busy("host:7", START)}


@pytest.fixture(autouse=True)
def ten_seconds_later(monkeypatch):
    monkeypatch.setattr("crawler.reports.table.time", SimpleNamespace(monotonic=lambda: 110.0))


def shown(table):
    console = Console(file=io.StringIO(), width=200)
    console.print(table)
    return [line.split() for line in console.file.getvalue().splitlines()]


def test_the_live_table_has_a_row_a_dealer_also_for_those_that_wait():
    rows = shown(progress_table(CRAWLS, {"bolt": CLOSED["bolt"]}, ["dog"]))
    assert rows[1] == ["acme", "40", "37", "4.0", "3", "crawling"]
    assert rows[2] == ["bolt", "0", "0", "0.0", "1", "failed"]
    assert rows[3] == ["dog", "waiting"]


def test_a_log_line_says_the_same():
    assert progress_line(CRAWLS["acme"]) == "acme: 40 pages, 37 listings, 4.0 pages/s, 3 errors"


def test_a_crawl_that_just_began_has_a_rate():
    assert rate(crawl(pages=0, started=110.0)) == 0


def test_the_summary_is_one_line_that_names_who_is_not_healthy():
    line = summary(CRAWLS, CLOSED, SKIPPED)
    assert line.startswith("1 of 2 dealers healthy · 37 listings (30 new, 2 changed, 5 unchanged)")
    assert " · 14 pages unchanged and not read again · " in line
    assert "not healthy: bolt (no section could be read (1 dns))" in line
    assert line.endswith("skipped, being crawled by others: cat")
    assert "\n" not in line
    assert summary({"acme": crawl()}, {"acme": CLOSED["acme"]}, {}).endswith("read again")
    assert summary({"acme": crawl(pages_unchanged=0, pages_skipped=0, ended=True)}, {}, {}).endswith("unchanged)")


def test_the_summary_counts_whose_crawl_stays_open():
    line = summary(CRAWLS, {"bolt": CLOSED["bolt"]}, {}, {"cat": "it is stopped"})
    assert line.startswith("0 of 3 dealers healthy")
    assert line.endswith("2 not ended: acme; cat (it is stopped)")


def test_the_list_of_dealers_shows_how_the_last_crawl_of_each_went(any_writer):
    for name, outcome in (("acme", "failed"), ("acme", "healthy"), ("bolt", "failed")):
        facts = DealerFacts(name, "equipment")
        begun = begin(any_writer, facts, "one", timedelta(minutes=1), START, narrowed=False, limited=False)
        report = Report(outcome=outcome, reason="[expect] wants more", listings_seen=37)
        end(any_writer, name, "one", begun.crawl_id, report, START)
    last = last_crawls(any_writer)
    assert last["acme"] == LastCrawl(START, "healthy", "[expect] wants more", 37)
    assert last["bolt"].as_json()["outcome"] == "failed"

    sections = {name: f"/{name}" for name in ("excavators", "dozers", "generators", "attachments")}
    rows = shown(
        dealer_table(
            {"acme": dealer(sections=sections), "bolt": dealer(name="bolt"), "dog": dealer(name="dog")},
            last,
            {"acme": Verified(datetime.now(UTC) - timedelta(hours=5, seconds=1), "below_expectation")},
        )
    )
    assert " ".join(rows[1][:3]) == "acme equipment schema_org"
    assert "excavators +3" in " ".join(rows[1])
    assert " ".join(rows[1]).endswith("37 healthy")
    assert " ".join(rows[2]).endswith("37 failed: [expect] wants more")
    assert " ".join(rows[3]).endswith("all never never")
    assert "5 h ago: below_expectation" in " ".join(rows[1])


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (-5, "0 s"), (185, "3 min"), (5 * 3600 + 60, "5 h"), (50 * 3600, "2 d")]
)
def test_how_long_ago_is_told_in_the_largest_whole_unit(seconds, text):
    assert ago(datetime.now(UTC) - timedelta(seconds=seconds + 0.1)) == text


def test_on_a_narrow_terminal_names_are_whole_and_the_health_is_shown():
    names = ["a-dealer-of-a-long-name", "bolt"]
    crawls = {name: LastCrawl(START, "failed", "no section could be read", 5) for name in names}
    checks = {name: Verified(START, "below_expectation") for name in names}
    console = Console(file=io.StringIO(), width=80)
    console.print(dealer_table({name: dealer(name=name) for name in names}, crawls, checks))
    text = console.file.getvalue()
    assert "…" not in text
    assert all(name in text for name in (*names, "equipment", "schema_org"))

"""The report at the end of a run: what each dealer gave, against its last crawls; what broke, why, and what to do."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from crawler.reports.crawl import broken, crawl_table, reports, what_broke
from crawler.reports.next_steps import DATA, step_for
from crawler.tracking import error_class
from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk
from crawler.tracking.verdict import CUT_SHORT, Verdict
from inventory.ledger import Busy
from inventory.past_crawls import Past, Usual
from tests.crawler.dealer_files import dealer
from tests.docs.pages import ROOT, read
from tests.inventory.yard import START

USUAL = Past(3, Usual(5, 40.0, 10.0, {"price": 0.95, "hours": 0.5, "make": 1.0, "city": 0.3}))


def crawl(name="acme", **said):
    facts = {
        "dealer": dealer(name=name), "crawl_id": 1, "sections": {"all": SectionWalk()},
        "started": 100.0, "pages": 40, "pages_unchanged": 5, "pages_skipped": 2,
        "stored": Counter(new=3, changed=2, unchanged=5), "filled": Counter(price=4, hours=5, make=10),
    }  # fmt: skip
    return DealerCrawl(**(facts | said))


def report(verdict=Verdict("healthy", ""), past=USUAL, **said):
    (found,) = reports({"acme": crawl(**said)}, {"acme": verdict}, {"acme": past})
    return found


def shown(table, width=120):
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return [line.split() for line in console.file.getvalue().splitlines()]


def test_listings_and_fields_are_compared_with_the_median_of_the_last_crawls():
    found = report()
    assert (found.usual_listings, found.compared_with, found.delta, found.gone) == (40.0, 5, -0.75, 3)
    assert found.fell == {"price": (0.4, 0.95), "city": (0.0, 0.3)}
    assert list(broken(found)) == [
        "10 listings, usually 40 (median of 5)",
        "price in 40% of the listings, usually in 95% → scrapy extract URL shows what is read",
        "city in 0% of the listings, usually in 30% → scrapy extract URL shows what is read",
    ]


@pytest.mark.parametrize("said", [{"limit": 3}, {"narrowed": True}])
def test_a_part_of_the_stock_is_compared_with_nothing(said):
    found = report(**said)
    assert (found.delta, found.fell, found.compared_with, list(broken(found))) == (None, {}, 0, [])


def test_a_first_crawl_is_compared_with_nothing():
    found = report(past=Past())
    assert (found.delta, found.usual_listings, found.fell) == (None, None, {})
    assert "usual_listings" not in found.as_json()


def test_a_failed_crawl_says_why_and_what_to_do_the_gravest_first():
    verdict = Verdict("failed", "sections not walked to their end: all (9 http_503)", "http_503")
    errors = Counter(http_503=9, timeout=1, http_404=30)
    lines = list(broken(report(verdict, past=Past(), errors=errors)))
    assert lines[0] == verdict.reason
    assert lines[1].startswith("9 × http_503: its server fails → ")
    assert lines[2].startswith("1 × timeout: ")
    assert len(lines) == 3


def test_what_is_no_errors_class_is_explained_too():
    verdict = Verdict("failed", "12 listings, [expect] wants at least 40", "below_expectation")
    lines = list(broken(report(verdict, past=Past())))
    assert lines[1].startswith("below_expectation: it offers less than [expect] promises → ")


def test_a_healthy_crawl_whose_pages_are_gone_or_forbidden_has_nothing_broken():
    assert not list(broken(report(past=Past(), errors=Counter(robots=4, http_404=2))))


def test_the_table_has_a_row_a_dealer():
    found = report(errors=Counter(dns=2), dropped=Counter(no_title=4))
    rows = shown(crawl_table([found], {"cat": Busy("host:7", START)}))
    assert rows[1][:12] == ["acme", "healthy", "40", "7", "10", "-75%", "3", "2", "5", "3", "4", "2"]
    assert rows[2] == ["cat", "skipped"]


def test_on_80_columns_no_number_is_cut(monkeypatch):
    monkeypatch.setattr("crawler.tracking.dealer_crawl.time", SimpleNamespace(monotonic=lambda: 1340.0))
    found = report(
        name="acme-machines",
        past=Past(12, Usual(5, 9000.0)),
        errors=Counter(dns=20),
        stored=Counter(new=1200, changed=300, unchanged=5000),
    )
    assert "…" not in " ".join(word for row in shown(crawl_table([found], {}), width=80) for word in row)


def test_who_is_skipped_is_said_with_by_whom():
    told = dict(what_broke([report(past=Past())], {"cat": Busy("host:7", START)}))
    assert told == {"cat": ["skipped: host:7 is crawling it"]}


@pytest.mark.parametrize("reason", ["unread sections: [all] (1 dns)", "[/] and [red]colour[/red]"])
def test_words_in_brackets_are_kept_as_they_are(reason):
    assert next(broken(report(Verdict("failed", reason, "dns")))) == reason


def test_each_class_of_failure_has_a_meaning_and_a_next_step():
    with (DATA / "next_steps.csv").open(encoding="utf-8", newline="") as file:
        steps = list(csv.reader(file))
    assert all(len(row) == 3 and all(row) for row in steps)
    known = {row[0] for row in steps}
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(ROOT / "crawler").rglob("*.py")))
    raised = set(re.findall(r'Refused\(\s*"(\w+)"', code)) - {"budget"}  # of scrapy probe
    named = {name for _, name in error_class._CLASSES} | set(error_class._IGNORED.values())
    table = read("docs/operations.md").split("| `failure_class` | mostly | do |")[1].split("\n\n")[0]
    documented = {name for row in table.splitlines() if row for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert documented > {"dns", "time_up", "bug"}
    assert not (raised | named | set(CUT_SHORT) | documented) - known


@pytest.mark.parametrize(
    ("name", "means"),
    [("http_503", "its server fails"), ("http_418", "it does not understand what we ask"), ("x", "something failed")],
)
def test_classes_that_are_not_listed_have_the_step_of_their_kind(name, means):
    assert step_for(name).means == means

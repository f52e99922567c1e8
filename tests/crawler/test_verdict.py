"""Whether a crawl was healthy, and whether what it did not see may be taken as gone."""

from __future__ import annotations

from collections import Counter

import pytest

from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk
from crawler.tracking.verdict import judge
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

EXPECTING = dealer(expect={"min_listings": 10, "fill": {"price": 0.8}})


def walked(**said):
    return SectionWalk(**({"pages": 3} | said))


def crawl(**said):
    facts = {
        "dealer": dealer(), "crawl_id": 1, "sections": {"all": walked()}, "started": 0.0, "seen_before": (100, 100),
        "stored": Counter(new=100), "requests": 100,
    }  # fmt: skip
    facts |= {
        name: Counter(value) if isinstance(value, dict) and name != "sections" else value
        for name, value in said.items()
    }
    return DealerCrawl(**facts)


# what was said of the crawl → outcome, failure class, a part of the reason, whether it may delist
TABLE = {
    "all well": ({}, "healthy", None, "", True),
    "nothing changed": ({"stored": {"unchanged": 100}}, "healthy", None, "", True),
    "first crawl": ({"seen_before": ()}, "healthy", None, "first crawl", False),
    "59 % of the usual": ({"stored": {"new": 59}}, "healthy", None, "59 listings, usually 100", False),
    "60 % of the usual": ({"stored": {"new": 60}}, "healthy", None, "", True),
    "the median counts": ({"seen_before": (9000, 100, 100)}, "healthy", None, "", True),
    "a few errors": ({"errors": {"http_500": 20}}, "healthy", None, "", True),
    "too many errors": ({"errors": {"http_500": 21}}, "failed", "http_500", "21 of 100 requests failed", False),
    "many that are gone": ({"errors": {"http_404": 90, "http_410": 5, "robots": 4}}, "healthy", None, "", True),
    "the graver class counts": (
        {"errors": {"http_404": 50, "timeout": 30}}, "failed", "timeout", "30 of 100 requests", False,
    ),
    "no section read": (
        {"sections": {"all": walked(pages=0, failed_pages=1)}, "errors": {"dns": 1}, "stored": {}},
        "failed", "dns", "no section could be read (1 dns)", False,
    ),
    "forbidden by robots": (
        {"sections": {"all": walked(pages=0)}, "errors": {"robots": 1}, "stored": {}},
        "failed", "robots", "no section could be read", False,
    ),
    "one section unread": (
        {"sections": {"all": walked(), "dozers": walked(pages=0)}, "errors": {"http_503": 1}},
        "failed", "http_503", "unread sections: dozers", False,
    ),
    "a section that broke off": (
        {"sections": {"all": walked(failed_pages=1)}, "errors": {"timeout": 1}},
        "failed", "timeout", "sections not walked to their end: all", False,
    ),
    "nothing found": ({"stored": {}}, "failed", "empty", "no page offered anything", False),
    "everything dropped": ({"stored": {}, "dropped": {"no_title": 9}}, "failed", "empty", "9 no_title", False),
    "only twins": ({"stored": {"again": 5}}, "failed", "empty", "no listing found", False),
    "stopped from outside": ({"cut_short": "shutdown"}, "stopped", "shutdown", "from outside", False),
    "too slow": ({"cut_short": "time_up"}, "failed", "time_up", "MAX_CRAWL_MINUTES", False),
    "database gone": ({"cut_short": "store_failed"}, "stopped", "store_failed", "database", False),
    "database gone with the last listing": (
        {"dropped": {"store_failed": 55}, "stored": {"unchanged": 20}},
        "stopped", "store_failed", "database", False,
    ),
    "cut short for another reason": ({"cut_short": "finished"}, "stopped", "finished", "finished", False),
    "limited": ({"limit": 5, "stored": {"new": 5}}, "healthy", None, "only a part", False),
    "narrowed": ({"narrowed": True}, "healthy", None, "only a part", False),
    "limited and empty": ({"limit": 5, "stored": {}}, "failed", "empty", "no listing found", False),
    "fewer than expected": (
        {"dealer": EXPECTING, "stored": {"new": 9}, "filled": {"price": 9}},
        "failed", "below_expectation", "9 listings, [expect] wants at least 10", False,
    ),
    "emptier than expected": (
        {"dealer": EXPECTING, "filled": {"price": 79}}, "failed", "below_expectation", "price in 79%", False,
    ),
    "as expected": ({"dealer": EXPECTING, "filled": {"price": 80}}, "healthy", None, "", True),
    "expectations are of whole crawls": (
        {"dealer": EXPECTING, "limit": 3, "stored": {"new": 3}}, "healthy", None, "only a part", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_the_verdict(case):
    said, outcome, failure_class, reason, may_delist = TABLE[case]
    verdict = judge(crawl(**said))
    assert (verdict.outcome, verdict.failure_class) == (outcome, failure_class)
    assert reason in verdict.reason
    assert verdict.may_delist == may_delist


# how a section was walked and what it held before → why it is not compared; None where it is
SECTIONS = {
    "as usual": ({"listings": 10}, (10, 10), None),
    "60 % of the usual": ({"listings": 6}, (10,), None),
    "59 % of the usual": ({"listings": 59}, (100, 100, 9000), "59 listings, usually 100"),
    "emptied": ({"listings": 0}, (5, 5), "0 listings, usually 5"),
    "long empty": ({"listings": 0}, (0, 0, 0, 5, 5), None),
    "first walk": ({"listings": 10}, (), "first walk"),
    "unread": ({"listings": 10, "unread": 2}, (10,), "2 that could not be read"),
    "cut off": ({"listings": 10, "truncated": True}, (10,), "not walked to its end"),
}


@pytest.mark.parametrize("case", SECTIONS)
def test_a_section_is_compared_by_itself(case):
    said, before, against = SECTIONS[case]
    sections = {"all": walked(listings=90), "dozers": walked(**said)}
    verdict = judge(crawl(sections=sections, sections_before={"all": (90,), "dozers": before}))
    assert (verdict.outcome, verdict.may_delist) == ("healthy", True)
    assert verdict.comparable == ({"all", "dozers"} if against is None else {"all"})
    told = f"what is missing is not taken as gone in dozers: {against}"
    assert verdict.reason == ("" if against is None else told)


def test_of_many_sections_only_some_are_named():
    sections = {f"s{number}": walked(listings=1) for number in range(6)}
    reason = judge(crawl(sections=sections)).reason
    assert reason.endswith("s0: first walk; s1: first walk; s2: first walk; 3 more sections")


@pytest.mark.parametrize("case", [name for name, row in TABLE.items() if not row[-1]])
def test_a_crawl_that_takes_nothing_away_compares_no_section(case):
    verdict = judge(crawl(**({"sections_before": {"all": (1,)}} | TABLE[case][0])))
    assert verdict.comparable == frozenset()
    assert verdict.reason


def test_what_another_section_showed_first_is_counted_in_both_and_what_was_lost_is_unread():
    account = crawl(stored={}, sections={"all": walked(), "dozers": walked()})
    listing = Listing(dealer="acme", vertical="equipment", section="dozers")
    for reason in ("seen_twice", "no_title", "refused_by_database", "bug"):
        account.note_dropped(listing, reason)
    assert (account.sections["dozers"].listings, account.sections["dozers"].unread) == (1, 2)
    assert (account.dropped, account.errors) == (
        {"seen_twice": 1, "no_title": 1, "refused_by_database": 1}, {"bug": 1},
    )  # fmt: skip


def test_a_section_is_complete_when_every_page_of_it_was_read():
    assert walked().complete
    assert not walked(pages=0).complete
    assert not walked(failed_pages=1).complete
    assert not walked(truncated=True).complete
    cut = crawl(cut_short="shutdown", sections={"all": walked(), "dozers": walked(truncated=True)})
    assert cut.sections_json()["all"]["complete"] is False
    assert crawl().sections_json() == {"all": {"pages": 3, "listings": 0, "complete": True, "unread": 0}}


def test_what_is_stored_is_counted_by_word_section_and_field():
    account = crawl(stored={}, sections={"all": walked(), "dozers": walked()})
    for outcome in ("new", "changed", "unchanged", "again"):
        account.note_stored(Listing(dealer="acme", vertical="equipment", section="dozers", title="a"), outcome)
    account.note_stored(Listing(dealer="acme", vertical="equipment", section="elsewhere", year=2015, hours=0), "new")
    assert account.seen == 4
    assert account.sections["dozers"].listings == 3
    fill = account.fill()
    assert (fill["title"], fill["year"], fill["hours"]) == (0.75, 0.25, 0.25)
    assert not {"price", "raw", "crawl_id", "images"} & set(fill)
    assert crawl(stored={}).fill() == {}

"""How a page is asked for, and what an answer means, by what is remembered of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from crawler.platforms import platform_of
from crawler.platforms.shopify import Shopify
from crawler.platforms.visit import Visit
from crawler.revisits import version
from crawler.revisits.lastmod import in_sample
from crawler.revisits.memory import MAX_FOLLOWS_BYTES, PageMemory, finished, follow, visits
from crawler.revisits.version import reading_version
from inventory.pages import KnownPage, Recalled, digest
from tests.crawler.dealer_files import dealer

URL = "https://acme.example/used/1"
VISIT = Visit(URL, "detail", "dozers", known={"price": "$4,000"}, lastmod="2026-01-01")
KEY = digest(URL.encode())
PAGE = KnownPage(
    page_id=5, section="dozers", etag='"a"', last_modified="Sat, 03 Jan 2026 08:00:00 GMT",
    content_hash=digest(b"body"), record_hash="r", list_hash=digest({"price": "$4,000"}), disagrees=False,
    lastmod="2026-01-01", fetched_at=datetime(2026, 2, 1, tzinfo=UTC), listings={"title price": [7]},
    dropped={}, leads_on=False,
)  # fmt: skip
CRAWL = next(number for number in range(1, 50) if not in_sample(KEY, number))
SAMPLING_CRAWL = next(number for number in range(1, 5000) if in_sample(KEY, number))


def memory(page=PAGE, crawl_id=CRAWL, **recalled):
    found = Recalled({KEY: page} if page else {}, {7: "id:7"}, **recalled)
    return PageMemory("acme", crawl_id, "v1", found)


def response(status=200, body=b"body", asked_with=None, **headers):
    said = {k.replace("_", "-"): v for k, v in headers.items()}
    return Response(URL, status=status, body=body, headers=said, request=Request(URL, headers=asked_with or {}))


def test_a_page_that_nobody_knows_is_asked_for_plainly():
    assert memory(None).headers(VISIT) == {}
    assert PageMemory().headers(VISIT) == {}


def test_a_known_page_is_asked_for_with_its_validators_whatever_its_tracking_parameters():
    wanted = {"If-None-Match": '"a"', "If-Modified-Since": "Sat, 03 Jan 2026 08:00:00 GMT"}
    assert memory().headers(VISIT) == wanted
    assert memory().headers(replace(VISIT, url=URL + "?utm_source=mail#top")) == wanted
    assert memory(replace(PAGE, etag=None)).headers(VISIT).keys() == {"If-Modified-Since"}


@pytest.mark.parametrize(
    ("page", "visit"),
    [
        (PAGE, replace(VISIT, known={"price": "$3,900"})),
        (PAGE, replace(VISIT, known={})),
        (PAGE, replace(VISIT, section="excavators")),
        (replace(PAGE, disagrees=True), VISIT),
    ],
)
def test_a_page_of_which_something_else_is_said_is_asked_for_without_conditions(page, visit):
    found = memory(page, lastmod_proofs=3)
    assert found.headers(visit) == {"Cache-Control": "no-cache"}
    assert found.unchanged(visit, response()) is None
    assert found.skipped(visit) is None


def test_an_answer_of_304_or_with_the_same_bytes_brings_the_listings_along():
    for answer in (response(304, b"", asked_with=memory().headers(VISIT)), response()):
        page, seen = memory().unchanged(VISIT, answer)
        assert page is PAGE
        assert (seen.page_id, seen.listings, seen.skipped) == (5, {"title price": {7: "id:7"}}, False)
        assert seen.proves_lastmod
    assert memory().unchanged(VISIT, response(body=b"another")) is None
    assert memory().unchanged(VISIT, response(304, b"")) is None  # nobody asked with conditions


def test_an_etag_and_a_token_that_are_made_anew_for_each_answer_prove_no_change():
    body = '<input type="hidden" name="csrf_token" value="{}"><h1>Caterpillar 320</h1><b>$4,000</b>'
    first = memory(None).reading(VISIT, response(body=body.format("c2Vjb25kIHRva2Vu").encode(), ETag='"a"'))
    known = memory(replace(PAGE, etag=first.etag, content_hash=first.content_hash))
    again = response(body=body.format("dGhpcmQgdG9rZW4x").encode(), ETag='"b"')
    page, seen = known.unchanged(VISIT, again)
    assert (page.page_id, seen.skipped) == (5, False)
    cheaper = response(body=again.body.replace(b"$4,000", b"$3,900"), ETag='"a"')
    assert known.unchanged(VISIT, cheaper) is None
    assert known.reading(VISIT, cheaper).content_hash != first.content_hash


def test_a_page_is_skipped_once_where_lastmod_is_believed_and_vouches():
    found = memory(lastmod_proofs=3)
    assert not found.was_skipped(VISIT)
    assert found.skipped(VISIT).skipped
    assert found.was_skipped(replace(VISIT, section="excavators"))
    assert found.skipped(VISIT) is None
    assert memory(lastmod_proofs=2).skipped(VISIT) is None
    assert memory(lastmod_proofs=3, lastmod_missed=True).skipped(VISIT) is None
    assert memory(lastmod_proofs=3).skipped(replace(VISIT, lastmod="2026-01-02")) is None
    assert memory(lastmod_proofs=3).skipped(replace(VISIT, lastmod=None)) is None
    assert memory(lastmod_proofs=3, crawl_id=SAMPLING_CRAWL).skipped(VISIT) is None
    assert memory(replace(PAGE, leads_on=True), lastmod_proofs=3).skipped(VISIT) is None


def test_a_page_that_changed_under_an_unmoved_lastmod_is_a_miss_and_ends_skipping_at_once():
    found = memory(lastmod_proofs=3)
    read = found.reading(VISIT, response(body=b"another", ETag='"b"'))
    assert (read.etag, read.content_hash, read.record_before, read.list_price) == (
        '"b"',
        digest(b"another"),
        "r",
        "$4,000",
    )
    read.record_hash = "r"
    found.note(read)
    assert found.lastmod_proved
    read.record_hash = "other"
    found.note(read)
    assert not found.lastmod_proved
    assert found.skipped(VISIT) is None


def test_a_page_that_is_gone_under_an_unmoved_lastmod_is_a_miss():
    found = memory(lastmod_proofs=3)
    found.gone(replace(VISIT, lastmod="2026-02-02"))
    assert not found.lastmod_missed
    found.gone(VISIT)
    assert found.lastmod_missed
    assert found.skipped(VISIT) is None


def test_a_page_whose_lastmod_moved_proves_nothing():
    found = memory()
    found.note(found.reading(replace(VISIT, lastmod="2026-02-02"), response(body=b"another")))
    assert not found.lastmod_proved


def test_where_a_page_led_is_remembered_up_to_a_size():
    read = memory().reading(Visit(URL, "section", "dozers"), response())
    led_to = [VISIT, Visit(URL + "?page=2", "section", "dozers", 2), replace(VISIT, urgency=-3)]
    for visit in led_to:
        follow(read, visit)
    assert visits(finished(read).follows) == led_to
    follow(read, replace(VISIT, known={"text": "x" * MAX_FOLLOWS_BYTES}))
    assert finished(read).follows is None


@given(
    st.builds(
        Visit,
        st.text(), st.sampled_from(["section", "detail"]), st.text(), st.integers(1, 99),
        st.dictionaries(st.text(), st.text()), st.none() | st.text(), st.integers(-9, 0),
    )
)  # fmt: skip
def test_a_visit_comes_back_from_its_short_form(visit):
    assert visits([visit.as_short_json()]) == [visit]


def version_of(**said):
    one = dealer(**said)
    return reading_version(one, platform_of(one))


def test_the_reading_version_follows_what_decides_how_pages_are_read(monkeypatch):
    assert version_of() == version_of(title="Another", delay_s=3, every="24h", expect={"min_listings": 5})
    assert len({version_of(), version_of(currency="SEK"), version_of(selectors={"hours": "#h::text"})}) == 3
    before = version_of()
    monkeypatch.setattr(version, "code_version", lambda: "another")
    assert version_of() != before


def test_a_platform_class_of_ones_own_is_part_of_the_reading_version(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "acme_platform.py"
    text = dedent("""
        from crawler.platforms.shopify import Shopify

        class Acme(Shopify):
            pass
    """)
    file.write_text(text)
    one = dealer(platform="acme_platform:Acme")
    platform = platform_of(one)
    assert isinstance(platform, Shopify)
    before = reading_version(one, platform)
    file.write_text(text + "# another rule\n")
    assert reading_version(one, platform) != before


def test_a_secret_is_not_in_the_reading_version():
    one = dealer(headers={"Authorization": "tell-nobody"})
    one.keep_secret(["tell-nobody"])
    other = dealer(headers={"Authorization": "another-one"})
    other.keep_secret(["another-one"])
    assert reading_version(one, platform_of(one)) == reading_version(other, platform_of(other))

"""Requests survive the way through the queue, and nothing secret goes along."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from scrapy import Request

from crawler.frontier.account import add, blank, difference, flat
from crawler.frontier.wire import MARK, NotOnTheWire, mark_of, packed, unpacked, visit_of
from crawler.platforms.visit import Visit
from tests.crawler.test_tracker import crawl_of

VISIT = Visit("https://acme.example/machine/1", "detail", "all", 2, known={"price": "$1"})


def request(**more):
    said = {"cb_kwargs": {"dealer": "acme", "visit": VISIT.as_json()}, "priority": 10}
    return Request(VISIT.url, **said | more)


def test_a_request_comes_back_as_it_was_sent():
    changes = {"url": "https://acme.example/elsewhere", "method": "POST", "body": b"\x00a", "priority": -3}
    sent = request(meta={"redirect_times": 1, "playwright": True}, headers={"Referer": "https://acme.example/"})
    sent = sent.replace(**changes)
    text = packed(sent)
    came = unpacked(text, request(meta={"download_slot": "acme"}))
    assert {name: getattr(came, name) for name in changes} == changes
    assert came.headers["Referer"] == b"https://acme.example/"
    assert came.meta == {"redirect_times": 1, "playwright": True, "download_slot": "acme"}
    assert visit_of(text) == VISIT


def test_neither_headers_nor_what_belongs_to_one_process_are_sent():
    meta = {"token": "1:d1:1", "proxy": "http://u:p@proxy", "_auth_proxy": "x", "not_before": 5.0, "depth": 1}
    text = packed(request(meta=meta, headers={"Authorization": "Bearer secret", "Proxy-Authorization": "secret"}))
    assert json.loads(text)["meta"] == {"depth": 1}
    assert "secret" not in text
    assert "proxy" not in text


def test_what_somebody_else_wrote_to_the_queue_sets_neither_proxy_nor_slot_nor_robots_txt_aside():
    bad = {"proxy": "http://evil", "bindaddress": "10.0.0.1", "dont_obey_robotstxt": True, "download_slot": "other"}
    said = json.loads(packed(request())) | {"meta": bad | {"depth": 3, "cookiejar": 1, "retry_times": 2}}
    came = unpacked(json.dumps(said), request(meta={"download_slot": "acme", "download_maxsize": 9}))
    assert came.meta == {"download_slot": "acme", "download_maxsize": 9, "depth": 3, "retry_times": 2}


def test_what_is_no_json_is_refused_by_name():
    with pytest.raises(NotOnTheWire, match="machine/1"):
        packed(request(meta={"page": object()}))


def test_a_request_that_is_wanted_again_has_a_mark_of_its_own():
    crawler = SimpleNamespace(request_fingerprinter=SimpleNamespace(fingerprint=lambda request: b"\x01" * 20))
    assert mark_of(request(), crawler) == "01" * (MARK // 2)
    again = {mark_of(request(dont_filter=True), crawler) for _ in range(3)}
    assert len(again) == 3


def test_accounts_of_requests_add_up_to_the_crawl_s():
    crawl = crawl_of()
    one, two = blank(crawl), blank(crawl, asked_before=7)
    one.pages, one.errors["http_404"], one.sections["all"].pages = 1, 2, 1
    two.pages, two.stored["new"], two.sections["all"].truncated = 1, 3, True
    assert flat(one) == {"pages": 1, "errors.http_404": 2, "sections.all.pages": 1}
    add(crawl, flat(one))
    before = flat(crawl)
    add(crawl, flat(two) | {"sections.gone.pages": 1, "of_another_version": 4})
    assert (crawl.pages, crawl.errors["http_404"], crawl.seen) == (2, 2, 3)
    assert (crawl.sections["all"].pages, crawl.sections["all"].truncated) == (1, True)
    assert difference(flat(crawl), before) == {"pages": 1, "stored.new": 3, "sections.all.truncated": 1}
    assert flat(blank(crawl)) == {}
    assert two.asked_before == 7

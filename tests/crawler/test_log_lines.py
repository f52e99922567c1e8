"""The crawler's log lines: JSON or text, and what must not be in either."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extensions.events import crawls_of
from crawler.log_lines import TextLines, secrets_of
from inventory.hiding import Hidden, hidden
from inventory.listing import Listing
from inventory.log_lines import JsonLines, event
from inventory.settings import Settings


def record(message, *args, **extra):
    made = logging.LogRecord("crawler", logging.INFO, __file__, 1, message, args, None)
    made.__dict__ |= extra
    return made


def test_an_event_is_its_name_and_fields_beside_the_text_that_a_person_reads():
    said = event("page_failed", crawl=7, dealer="acme", url=None)
    line = json.loads(JsonLines().format(record("%s: %s", "acme", "timeout", **said)))
    at = line.pop("at")
    assert at.endswith("Z")
    assert line == {
        "level": "INFO", "logger": "crawler", "event": "page_failed", "crawl": 7, "dealer": "acme",
        "message": "acme: timeout",
    }  # fmt: skip


def test_a_line_without_an_event_has_its_text():
    assert json.loads(JsonLines().format(record("plain")))["message"] == "plain"


@given(st.text(st.characters()), st.dictionaries(st.text(), st.integers(-(2**63), 2**63) | st.text(st.characters())))
def test_whatever_is_said_is_one_line_that_can_be_read_again(text, counts):
    line = JsonLines().format(record("%s", text, **event("x", counts=counts)))
    assert "\n" not in line
    read = json.loads(line)
    assert read["counts"] == Hidden().within(counts)
    assert read.get("message", "") == Hidden()(text)


@pytest.fixture
def secret(monkeypatch):
    monkeypatch.setattr(hidden, "_known", set())
    monkeypatch.setattr(hidden, "_pattern", None)
    hidden.add(["tok3n/of acme", "12"])
    return "tok3n/of acme"


def test_a_known_secret_is_in_no_part_of_a_line(secret):
    try:
        raise ValueError(f"at {secret}")
    except ValueError:
        broken = record("asked %s", secret, exc_info=sys.exc_info(), **event("x", urls=[secret], by={secret: secret}))
    line = JsonLines().format(broken)
    text = TextLines("%(message)s").format(broken)
    for written in (line, text):
        assert secret not in written
        assert "***" in written
    assert "exception" in json.loads(line)


def test_what_is_too_short_to_be_a_secret_hides_nothing(secret):
    assert hidden("12 pages") == "12 pages"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://owner:pa%20ss@host/db", "postgresql://owner:***@host/db"),
        ("see redis://:pass@host:6379/0 now", "see redis://:***@host:6379/0 now"),
        ("http://proxy.example:8080 and me@example.com", "http://proxy.example:8080 and me@example.com"),
        ("https://host/a:b@c", "https://host/a:b@c"),
    ],
)
def test_a_password_in_an_address_is_hidden_whoever_it_belongs_to(text, shown):
    assert Hidden()(text) == shown


@given(st.lists(st.text(min_size=4, max_size=12), max_size=5), st.text(max_size=30))
def test_no_secret_is_left_however_they_overlap(secrets, text):
    hide = Hidden()
    hide.add(secrets)
    shown = hide(text + "".join(secrets))
    assert not [secret for secret in secrets if secret in shown.replace("***", "\0")]


def test_of_the_settings_those_are_hidden_that_are_secret_in_whole():
    settings = Settings(database_url="postgresql://a:b@c/d", jwt_secret="x" * 32)
    assert secrets_of(settings) == ["x" * 32]


def test_a_batch_says_which_crawls_it_was_of():
    def of(dealer, crawl_id):
        return Listing(dealer=dealer, vertical="dog", url="https://a.example/1", title="Bed", crawl_id=crawl_id)

    batch = [(of("acme", 1), "new"), (of("acme", 1), "new"), (of("bolt", 2), "again"), (of("acme", 1), "changed")]
    assert crawls_of(batch) == [
        {"crawl": 1, "dealer": "acme", "new": 2, "changed": 1},
        {"crawl": 2, "dealer": "bolt", "again": 1},
    ]
    assert Counter(outcome for _, outcome in batch)["new"] == 2

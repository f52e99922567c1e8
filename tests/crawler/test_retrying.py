"""A retry asks for what failed, with its secrets where the dealer's file still says them, and says what it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.platforms import platform_of
from crawler.platforms.visit import Visit
from crawler.spiders.retrying import retry_of
from inventory.pages import digest
from inventory.store.failures import FailureRow
from pipelines.parsing.urls import canonical_url
from tests.crawler.dealer_files import dealer

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECTION = "https://acme.example/api?token={}&page={{page}}"


def acme(*secrets, now="s3cret+x"):
    found = dealer(sections={"excavators": SECTION.format(now), "dozers": "/dozers"})
    found.keep_secret(secrets or [now])
    return found


def failed(visit, who):
    """As the failure book writes it down."""

    def hidden(value):
        return {key: hidden(entry) for key, entry in value.items()} if isinstance(value, dict) else said(value)

    def said(value):
        return who.without_secrets(value) if isinstance(value, str) else value

    return FailureRow(
        crawl_id=1, dealer="acme", url=said(visit.url), url_hash=digest(canonical_url(visit.url).encode()),
        kind=visit.kind, section=visit.section, visit=hidden(visit.as_short_json()), failure_class="http_503",
        message="", attempts=3, first_at=NOW, last_at=NOW,
    )  # fmt: skip


def retried(who, *rows, sections=("excavators", "dozers")):
    return retry_of(rows, platform_of(who), sections)


def test_a_secret_that_the_file_still_says_is_put_back():
    who = acme()
    pages = (
        Visit("https://acme.example/api?token=s3cret+x&page=7", "section", "excavators", 7,
              known={"template": SECTION.format("s3cret+x")}),
        Visit("https://acme.example/machine/8?key=s3cret%2Bx", "detail", "excavators", known={"price": "12 000"}),
        Visit("https://acme.example/machine/9", "detail", "dozers"),
    )  # fmt: skip
    rows = [failed(page, who) for page in pages]
    assert "s3cret" not in str(rows)
    again = retried(who, *rows)
    assert [visit.url for visit in again.visits] == [page.url for page in pages]
    assert (again.visits, again.told) == (pages, "")


@pytest.mark.parametrize("secrets", [("n3w-k3y",), ("n3w-k3y", "0th3r-k3y"), ("n3w-k3y", "s3cre")])
def test_where_the_secret_is_another_one_now_its_section_is_walked_and_that_is_said(secrets):
    old, new = acme(), acme(*secrets, now="n3w-k3y")
    page = Visit("https://acme.example/machine/8?key=s3cret+x", "detail", "excavators")
    again = retried(new, failed(page, old), failed(replace(page, url=page.url + "&b=1"), old))
    assert [visit.url for visit in again.visits] == ["https://acme.example/api?token=n3w-k3y&page=1"]
    assert again.told == (
        "excavators from the beginning: 2 pages there hold a secret that its file does not say any more"
    )


def test_what_is_known_of_a_page_beside_its_address_is_not_guessed():
    who = acme()
    page = Visit("https://acme.example/machine/8", "detail", "excavators", known={"image": "/8.jpg?k=s3cret+x"})
    assert [visit.kind for visit in retried(who, failed(page, who)).visits] == ["section"]


def test_a_section_that_is_not_asked_for_is_said():
    who = acme()
    page = Visit("https://acme.example/machine/9", "detail", "dozers")
    again = retried(who, failed(page, who), sections=("excavators",))
    assert (again.visits, "1 of sections that are left out" in again.told) == ((), True)
    assert retried(who) == retry_of([], platform_of(who), ())

"""A platform by its name, or by `module:Class`."""

from __future__ import annotations

import pytest
from scrapy.http import TextResponse

from crawler.dealers.declaration import PLATFORM_NAMES
from crawler.platforms import PLATFORMS, PlatformError, platform_of
from crawler.platforms.base import Platform, UnreadablePage
from crawler.platforms.visit import Visit
from tests.crawler.dealer_files import dealer


class Acme(Platform):
    """A platform with both hooks."""

    def read_section(self, response, visit):
        for price in response.text.split():
            yield from self.listing({"price": price, "url": f"/{price}"}, {"price": "text"}, visit, response.url)
        yield from self.next_page(visit, count=len(response.text.split()))

    def before(self, raw):
        return None if raw["price"] == "0" else raw | {"title": f"for {raw['price']}"}

    def after(self, listing):
        return None if listing.raw["price"] == "666" else listing


class NoPlatform:
    """Something else."""


HERE = "tests.crawler.test_platform_of"
NOT_CALLABLE = 5


def test_every_name_that_a_file_may_say_has_a_platform():
    assert set(PLATFORMS) == set(PLATFORM_NAMES)
    for name in ("schema_org", "shopify", "woocommerce"):
        assert type(platform_of(dealer(platform=name))) is PLATFORMS[name]


def test_a_platform_of_your_own_is_named_by_module_and_class():
    assert isinstance(platform_of(dealer(platform=f"{HERE}:Acme")), Acme)


@pytest.mark.parametrize(
    ("platform", "reason"),
    [("no.such.module:Acme", "No module named"), (f"{HERE}:Nobody", "has no attribute 'Nobody'"),
     (f"{HERE}:NoPlatform", "is no subclass of Platform"), (f"{HERE}:NOT_CALLABLE", "is no subclass of Platform"),
     ("crawler.platforms.base:Platform", "does not say read_section"), ("..broken:Acme", "")],
)  # fmt: skip
def test_what_is_no_platform_is_refused_by_dealer_and_reason(platform, reason):
    with pytest.raises(PlatformError, match=r"^acme: platform ") as refused:
        platform_of(dealer(platform=platform))
    assert reason in str(refused.value)


def test_hooks_change_and_leave_out():
    acme = Acme(dealer())
    page = TextResponse("https://acme.example/stock", body=b"10 0 666 20", encoding="utf-8")
    visit = Visit("https://acme.example/stock", "section", "excavators")
    found = list(acme.read_section(page, visit))
    assert [listing.raw["title"] for listing in found] == ["for 10", "for 20"]
    first = found[0]
    assert (first.dealer, first.vertical, first.section) == ("acme", "equipment", "excavators")
    assert first.url == "https://acme.example/10"
    assert first.provenance == {"price": "text"}


def test_a_template_is_walked_until_an_empty_page_or_the_last_allowed_one():
    acme = Acme(dealer(sections={"all": "/stock?p={page}"}, walk={"max_pages": 3}))
    [visit] = acme.entrances(["all"])
    assert visit.url == "https://acme.example/stock?p=1"
    [second] = acme.next_page(visit, count=1)
    assert (second.url, second.page_number) == ("https://acme.example/stock?p=2", 2)
    [third] = acme.next_page(second, count=1)
    assert list(acme.next_page(third, count=1)) == []
    assert list(acme.next_page(second, count=0)) == []


def test_a_platform_without_details_says_so():
    with pytest.raises(UnreadablePage, match="has no detail pages"):
        Acme(dealer()).read_detail(TextResponse("https://acme.example/1"), Visit("https://a.example", "detail", "all"))
